import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Command } from 'commander';
import { inject, register } from '../../src/commands/inject';
import type { InjectOptions } from '../../src/commands/inject-options';
import { decodeLabels } from '../../src/core/telemetry/decode-labels';
import { FdirError } from '../../src/domain/errors';
import { correlatedTelemetry } from '../support/correlated-telemetry';

const MISSION = `spacecraft: TEST-1
sampling: { period: 4s, window: 16 }
parameters:
  - { id: a_speed, equipment: a }
  - { id: a_current, equipment: a }
  - { id: b_speed, equipment: b }
  - { id: b_current, equipment: b }
  - { id: bus_v }
`;
const IDS = ['a_speed', 'a_current', 'b_speed', 'b_current', 'bus_v'];
const START = Date.parse('2026-03-01T00:00:00Z');
const FRAMES = 640;

const folder = mkdtempSync(join(tmpdir(), 'fdir-inject-'));
afterAll(() => {
  rmSync(folder, { recursive: true });
});
const path = (name: string): string => join(folder, name);
const timeOf = (frame: number): string => new Date(START + 4000 * frame).toISOString().replace('.000Z', 'Z');

const telemetry = correlatedTelemetry(IDS.length, FRAMES, 21);
/** Engineering values: column k has a mean of 100 k and a spread of 10, two decimals; a hole in a_speed at frames 100 and 101. */
const cell = (channel: number, frame: number): string =>
  channel === 0 && (frame === 100 || frame === 101)
    ? ''
    : String(Number((100 * channel + 10 * (telemetry[channel * FRAMES + frame] ?? 0)).toFixed(2)));
const csv = (ids: readonly string[] = IDS, frames = FRAMES): string =>
  [
    `time,note,${ids.join(',')}`,
    ...Array.from({ length: frames }, (_, frame) =>
      [timeOf(frame), ' x ', ...ids.map((id) => cell(IDS.indexOf(id), frame))].join(','),
    ),
    'garbage',
    '',
  ].join('\r\n');

writeFileSync(path('mission.yaml'), MISSION);
writeFileSync(path('nominal.csv'), csv());

const DEFAULTS = {
  mission: path('mission.yaml'),
  pass: path('nominal.csv'),
  out: path('out.csv'),
  intensity: '1',
  seed: '1',
};
const run = async (
  options: Partial<InjectOptions> = {},
): Promise<{ readonly text: string; readonly labels: string; readonly told: readonly string[] }> => {
  const told: string[] = [];
  await inject({ ...DEFAULTS, ...options }, (line) => told.push(line));
  const out = options.out ?? DEFAULTS.out;
  return { text: readFileSync(out, 'utf8'), labels: readFileSync(out.replace('.csv', '.labels.csv'), 'utf8'), told };
};
const refusal = async (options: Partial<InjectOptions>): Promise<readonly [string, string]> => {
  try {
    await run(options);
  } catch (error) {
    if (error instanceof FdirError) return [error.code, error.message];
    throw error;
  }
  throw new Error('nothing was refused');
};

/** Every changed cell as [frame, column], and the lines that are no frames. */
const changes = (text: string): readonly (readonly [number, string])[] => {
  const before = csv().split('\n');
  const after = text.split('\n');
  expect(after).toHaveLength(before.length);
  return before.flatMap((line, row) => {
    const cells = (after[row] ?? '').split(',');
    return line
      .split(',')
      .flatMap((old, column) =>
        cells[column] === old ? [] : [[row - 1, ['time', 'note', ...IDS][column] ?? ''] as const],
      );
  });
};

describe('fdir inject', () => {
  it('changes the samples of the equipment inside the label, and no other byte', async () => {
    const { text, labels } = await run({ fault: 'offset', equipment: 'b', at: '20m', duration: '2m' });
    expect(labels).toBe(`start,end,equipment,fault\n${timeOf(300)},${timeOf(329)},b,offset\n`);
    const expected = Array.from({ length: 30 }, (_, index) => [
      [300 + index, 'b_speed'],
      [300 + index, 'b_current'],
    ]).flat();
    expect(changes(text)).toEqual(expected);
  });

  it('writes engineering values: an offset of intensity 4 is two standard deviations, with the decimals of the pass', async () => {
    const { text } = await run({
      fault: 'offset',
      equipment: 'b_speed',
      at: timeOf(50),
      duration: '40s',
      intensity: '4',
    });
    const shifts = Array.from({ length: 10 }, (_, index) => {
      const [old, now] = [csv(), text].map((file) => file.split('\r\n')[51 + index]?.split(',')[4] ?? '');
      expect(now).toMatch(/^-?\d+(\.\d{1,2})?$/);
      return Math.abs(Number(now) - Number(old));
    });
    for (const shift of shifts) expect(shift).toBeCloseTo(20, 1);
  });

  it('keeps missing samples missing', async () => {
    const { text } = await run({ fault: 'white-noise', equipment: 'a', at: timeOf(96), duration: '40s' });
    const holes = changes(text).filter(([frame, column]) => column === 'a_speed' && (frame === 100 || frame === 101));
    expect(holes).toEqual([]);
    expect(changes(text).filter(([, column]) => column === 'a_speed')).toHaveLength(8);
  });

  it('labels a step from its instant on', async () => {
    const { text, labels } = await run({ fault: 'step', equipment: 'a', at: timeOf(200), duration: '160s' });
    const frames = changes(text).map(([frame]) => frame);
    const [label] = decodeLabels(labels).labels;
    expect([label?.start, label?.end]).toEqual([START + 4000 * Math.min(...frames), START + 4000 * 239]);
    expect(Math.min(...frames)).toBeGreaterThan(200);
  });

  it('gives the same bytes for the same seed and others for another', async () => {
    const first = await run({ count: '3', out: path('first.csv') });
    expect(await run({ count: '3', out: path('second.csv') })).toMatchObject({
      text: first.text,
      labels: first.labels,
    });
    expect((await run({ count: '3', seed: '2' })).labels).not.toBe(first.labels);
  });

  it('spreads faults over the pass with nominal windows between, and names equipments of the mission only', async () => {
    const { text, labels } = await run({ count: '5', fault: 'offset,drift,stuck', duration: '2m' });
    const all = decodeLabels(labels).labels;
    expect(all).toHaveLength(5);
    all.slice(1).forEach((label, index) => {
      expect(label.start - (all[index]?.end ?? 0)).toBeGreaterThan(2 * 16 * 4000);
    });
    expect(
      all.every(
        ({ equipment, fault }) => ['a', 'b'].includes(equipment) && ['offset', 'drift', 'stuck'].includes(fault),
      ),
    ).toBe(true);
    for (const [frame, column] of changes(text)) {
      const time = START + 4000 * frame;
      const label = all.find(({ start, end }) => start <= time && time <= end);
      expect(column.startsWith(label?.equipment ?? 'none')).toBe(true);
    }
  });

  it('independent: every second block of one window is a case, labelled as a whole', async () => {
    const { text, labels } = await run({ independent: true, fault: 'offset,step,impulse' });
    const all = decodeLabels(labels).labels;
    expect(all.map(({ start, end }) => [start, end])).toEqual(
      Array.from({ length: 20 }, (_, index) => [START + 4000 * (32 * index + 16), START + 4000 * (32 * index + 31)]),
    );
    expect(new Set(all.map(({ equipment, fault }) => `${equipment} ${fault}`)).size).toBe(6);
    expect(changes(text).every(([frame]) => Math.floor(frame / 16) % 2 === 1)).toBe(true);
  });

  it('independent: the share of faulted blocks can be chosen', async () => {
    const { labels } = await run({ independent: true, share: '0.25', fault: 'offset' });
    expect(decodeLabels(labels).labels).toHaveLength(10);
  });

  it('draws among all classes that reach the intensity', async () => {
    const { labels } = await run({ independent: true, share: '1', intensity: '0.2' });
    const kinds = new Set(decodeLabels(labels).labels.map(({ fault }) => fault));
    expect(kinds.size).toBeGreaterThan(8);
  });

  it('names a parameter without equipment in the label', async () => {
    expect((await run({ equipment: 'bus_v', fault: 'stuck' })).labels).toMatch(/,bus_v,stuck\n$/);
  });

  it('scales by a nominal reference when it is given one', async () => {
    const wide = csv()
      .split('\r\n')
      .map((line, row) =>
        row === 0
          ? line
          : line.replace(/[^,]+$/, (value) => String(Number((10 * (Number(value) - 400) + 400).toFixed(2)))),
      )
      .filter((line) => line.startsWith('time') || line.startsWith('20'))
      .join('\n');
    writeFileSync(path('reference.csv'), wide);
    const { text } = await run({
      reference: path('reference.csv'),
      equipment: 'bus_v',
      fault: 'offset',
      at: '0s',
      duration: '8s',
    });
    const [old, now] = [csv(), text].map((file) => Number(file.split('\r\n')[1]?.split(',').at(-1)));
    expect(Math.abs((now ?? 0) - (old ?? 0))).toBeCloseTo(100, 0);
  });

  it('reads and writes NDJSON with partial frames', async () => {
    const lines = Array.from({ length: 200 }, (_, frame) => [
      `{"time": "${timeOf(frame)}", "values": {"a_speed": ${cell(0, frame + 200)}, "b_speed":1.50}}`,
      `{"time":"${timeOf(frame)}","values":{"a_current":${cell(1, frame + 200)}}}`,
    ]).flat();
    writeFileSync(path('nominal.ndjson'), `${lines.join('\n')}\n`);
    const { labels } = await run({
      pass: path('nominal.ndjson'),
      fault: 'offset',
      equipment: 'a',
      at: timeOf(10),
      duration: '20s',
    });
    const after = readFileSync(path('out.csv'), 'utf8').split('\n');
    const changed = lines.flatMap((line, index) => (line === after[index] ? [] : [index]));
    expect(changed).toEqual([20, 21, 22, 23, 24, 25, 26, 27, 28, 29]);
    expect(after[20]).toMatch(/^\{"time": "[^"]+", "values": \{"a_speed": -?\d+(\.\d+)?, "b_speed":1\.50\}\}$/);
    expect(labels).toContain(`${timeOf(10)},${timeOf(14)},a,offset`);
  });

  it('tells what it did and which lines it could not read', async () => {
    const { told } = await run({ fault: 'offset', equipment: 'b', at: '20m', duration: '2m' });
    expect(told).toEqual([
      `${path('nominal.csv')}:642: 1 cells where the header has 7`,
      `${path('nominal.csv')}: 1 lines were not read and stay as they are`,
      `offset in b from ${timeOf(300)} to ${timeOf(329)}`,
      `${path('out.csv')}: 1 fault, labels in ${path('out.labels.csv')}`,
    ]);
  });
});

describe('fdir inject refuses', () => {
  writeFileSync(path('short.csv'), csv(IDS, 20));
  writeFileSync(path('constant.csv'), csv().replace(/[^,\r\n]+(?=\r\n20|\r\ngarbage)/g, '28'));
  writeFileSync(path('partial.csv'), csv(['a_speed', 'b_speed', 'b_current']));
  const cases: readonly (readonly [string, Partial<InjectOptions>, string, RegExp])[] = [
    ['an unknown fault', { fault: 'wobble' }, 'usage', /no fault class "wobble"; the classes are offset, /],
    ['an unknown equipment', { equipment: 'rw9' }, 'usage', /no equipment or parameter "rw9"; its equipments are a, b/],
    [
      'parameters missing from the pass',
      { pass: path('partial.csv'), equipment: 'a' },
      'input',
      /no samples of a_current, needed for "a"/,
    ],
    [
      'a stretch outside the pass',
      { at: '40m', duration: '10m' },
      'input',
      /is not inside the pass, which is 2026-03-01T00:00:00/,
    ],
    ['a pass that is too short', { pass: path('short.csv') }, 'input', /too short: 20 frames/],
    ['more faults than fit', { count: '40' }, 'input', /too short/],
    ['a stretch shorter than two frames', { duration: '4s' }, 'usage', /--duration "4s"/],
    ['an intensity that is no positive number', { intensity: '0' }, 'usage', /--intensity "0"/],
    [
      'an intensity out of reach',
      { fault: 'clipping', intensity: '3' },
      'input',
      /"clipping" fault cannot reach intensity 3/,
    ],
    [
      'an intensity below the decimals of the pass',
      { fault: 'offset', intensity: '1e-12' },
      'input',
      /no sample changed/,
    ],
    ['a start that is no time', { at: 'soon' }, 'usage', /--at "soon"/],
    ['a seed that is no number', { seed: 'x' }, 'usage', /--seed "x"/],
    ['contradicting options', { independent: true, at: '1m' }, 'usage', /--independent and --at/],
    ['a share without independent blocks', { share: '0.5' }, 'usage', /--share belongs/],
    ['to overwrite its input', { out: path('nominal.csv') }, 'usage', /would be overwritten/],
    ['a pass that is not there', { pass: path('nowhere.csv') }, 'input', /cannot read/],
  ];
  it.each(cases)('%s', async (_title, options, code, message) => {
    const [actualCode, actualMessage] = await refusal(options);
    expect(actualCode).toBe(code);
    expect(actualMessage).toMatch(message);
  });

  it('to run without --out', async () => {
    const { out: _out, ...rest } = DEFAULTS;
    await expect(inject(rest, () => undefined)).rejects.toThrow('needs --pass');
  });
});

describe('the verb', () => {
  const program = (): Command => {
    const made = new Command().exitOverride();
    register(made);
    return made;
  };

  it('parses its command line', async () => {
    const quiet = jest.spyOn(process.stderr, 'write').mockReturnValue(true);
    const line = ['inject', '--mission', path('mission.yaml'), '--pass', path('nominal.csv'), '--out', path('cli.csv')];
    await program().parseAsync([...line, '--labels', path('cli-labels.csv'), '--fault', 'drift', '--equipment', 'a'], {
      from: 'user',
    });
    quiet.mockRestore();
    expect(readFileSync(path('cli-labels.csv'), 'utf8')).toMatch(/,a,drift\n$/);
  });

  it('shows examples and every class in its help', async () => {
    let help = '';
    const verb = program().commands[0];
    verb?.configureOutput({ writeOut: (text) => (help += text) });
    verb?.outputHelp();
    expect(help).toContain('Examples:');
    expect(help).toContain('subspace-alteration');
  });
});
