/** `fdir fit --commands`: a parameter that stands for a telecommand is set in the recordings that are fitted, so that the model leans on it. */
import { readFileSync } from 'node:fs';
import { manifestSchema } from '../../src/domain/manifest';
import { createRandom } from '../../src/core/random';
import { isoTime } from '../../src/domain/units';
import { runCli } from '../support/cli';
import { T0 } from '../support/tiny-mission';
import { makeWorkspace, type Workspace } from '../support/workspace';

const FRAMES = 1200;
const HOLD = 10;
/** Seconds of the telecommands: at no fixed step. */
const sentIn = (seed: number): readonly number[] => {
  const random = createRandom(seed);
  const sent: number[] = [];
  for (let at = 20; at < FRAMES - 20; at += 25 + Math.floor(40 * random.uniform())) sent.push(at);
  return sent;
};
const isOn = (sent: readonly number[], second: number): boolean =>
  sent.some((at) => second >= at && second <= at + HOLD);

/** The payload draws 4 A while it is on, and two sensors see it. */
const passOf = (sent: readonly number[], seed: number): string[] => {
  const random = createRandom(seed);
  const noise = (): number => random.uniform() + random.uniform() - 1;
  return [
    'time,bus_current_a,payload_current_a,bus_voltage_v',
    ...Array.from({ length: FRAMES }, (_, second) => {
      const load = isOn(sent, second) ? 4 : 0;
      const values = [2 + load + noise() / 10, load + noise() / 10, 28 + noise() / 5];
      return [isoTime(T0 + 1000 * second), ...values.map((value) => value.toFixed(4))].join(',');
    }),
  ];
};
const commandsOf = (sent: readonly number[]): string[] => [
  'time,name,arguments',
  ...sent.map((second) => `${isoTime(T0 + 1000 * second)},PAYLOAD_ON,`),
];

let work: Workspace;
beforeAll(async () => {
  work = await makeWorkspace();
  work.write('mission.yaml', [
    'spacecraft: SAT',
    'sampling: { period: 1s, window: 8, stride: 2 }',
    'parameters:',
    '  - { id: bus_current_a }',
    '  - { id: payload_current_a }',
    '  - { id: bus_voltage_v }',
    `  - { id: payload_on, kind: event, command: { name: PAYLOAD_ON, hold: ${String(HOLD)}s } }`,
  ]);
  work.write('nominal.csv', passOf(sentIn(1), 2));
  work.write('sent.csv', commandsOf(sentIn(1)));
  work.write('next.csv', passOf(sentIn(3), 4));
  work.write('next-sent.csv', commandsOf(sentIn(3)));
});
afterAll(() => {
  work.remove();
});

const fit = async (out: string, ...more: string[]) => {
  const given = ['--mission', work.path('mission.yaml'), '--nominal', work.path('nominal.csv'), '--cases', '20'];
  const { status, stderr } = await runCli(['fit', ...given, '--out', work.path(out), ...more]);
  expect({ status, stderr: status === 0 ? '' : stderr }).toEqual({ status: 0, stderr: '' });
  return manifestSchema.parse(JSON.parse(readFileSync(work.path(`${out}/model.json`), 'utf8')));
};
/** Highest score of an anomaly, in thresholds; 0 without any. */
const peakOf = async (model: string, ...more: string[]): Promise<number> => {
  const config = work.write(`${model}.yaml`, ['mission: mission.yaml', `model: ${model}`]);
  const { stdout } = await runCli(['replay', work.path('next.csv'), '--config', config, '--json', ...more]);
  const events = stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as { readonly score?: { readonly value: number; readonly threshold: number } });
  return Math.max(0, ...events.flatMap(({ score }) => (score === undefined ? [] : [score.value / score.threshold])));
};

test('the telecommands reach the fit: what they do is nominal after one, and strange without (seeds 1 to 4)', async () => {
  const [told, untold] = [await fit('told', '--commands', work.path('sent.csv')), await fit('untold')];
  const share = Array.from({ length: FRAMES }, (_, second) => isOn(sentIn(1), second)).filter(Boolean).length / FRAMES;
  expect(told.scaling.mean[3]).toBeGreaterThan(0.8 * share);
  expect(told.scaling.mean[3]).toBeLessThan(1.2 * share);
  expect(untold.scaling.mean[3]).toBe(0);
  // The same pass, once with and once without its telecommands. Only who knows them can miss them.
  const [after, without] = [await peakOf('told', '--commands', work.path('next-sent.csv')), await peakOf('told')];
  expect({ after: after < 2, without: without > 4, untold: (await peakOf('untold')) < 2 }).toEqual({
    after: true,
    without: true,
    untold: true,
  });
}, 120_000);
