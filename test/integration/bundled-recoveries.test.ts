/** Every physical fault of the simulator, as it lies in telemetry-fixtures, ends on replay in the recovery that it should. */
import { join } from 'node:path';
import { lastValueFrom, reduce } from 'rxjs';
import { composeReplay } from '../../src/compose/replay';
import { loadConfig } from '../../src/config/load-config';
import type { PipelineEvent } from '../../src/domain/events';

const home = join(__dirname, '../..');

/** Rule, command and wheel of everything that would have been requested, and the disposition it was given in passive. */
const recoveries = async (pass: string) => {
  const steps$ = await composeReplay(loadConfig(join(home, 'rules/fdir.yaml')), {
    files: [join(home, 'telemetry-fixtures', `${pass}.csv`)],
    logPath: ':memory:',
    startedAt: 0,
    diagnostics: { dropped: () => undefined, vital: () => undefined },
    onProblems: () => undefined,
  });
  const collect = (all: PipelineEvent[], { events }: { readonly events: readonly PipelineEvent[] }) => [
    ...all,
    ...events,
  ];
  const events = await lastValueFrom(steps$.pipe(reduce(collect, [] as PipelineEvent[])));
  return events.flatMap((event) => {
    if (event.type !== 'action') return [];
    const { wheel, exclude } = event.arguments;
    return [[event.command, wheel ?? exclude ?? '', event.disposition].join(' ').replace('  ', ' ')];
  });
};

it.each<[string, string[]]>([
  ['nominal', []],
  ['current-noise', ['SET_WHEEL_CURRENT_FILTER rw1 passive']],
  ['dropout', ['SWITCH_WHEEL_DRIVE rw3 passive']],
  ['friction-rise', ['LIMIT_WHEEL_SPEED rw2 passive']],
  ['stuck-tachometer', ['SELECT_WHEEL_SPEED_SOURCE rw1 passive']],
  ['temperature-drift', ['SELECT_BEARING_TEMPERATURE_SOURCE rw3 passive']],
  ['torque-loss', ['UNLOAD_WHEEL rw0 passive', 'SELECT_THREE_WHEEL_STEERING rw0 passive']],
])('%s', async (pass, expected) => {
  const found = await recoveries(pass);
  expect(found).toEqual(expected.length === 0 ? [] : expect.arrayContaining(expected));
  // Nothing is done to a wheel that has nothing.
  const wheel = /rw\d/.exec(expected[0] ?? '')?.[0] ?? '';
  expect(found.filter((text) => /rw\d/.test(text) && !text.includes(wheel))).toEqual([]);
});
