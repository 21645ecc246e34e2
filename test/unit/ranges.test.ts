/** Numbers of the configuration out of their range are told with their line; limits may be open on one side; what rolls over does so. */
import { daemonConfigSchema } from '../../src/config/daemon-config';
import { documentSchema } from '../../src/config/documents';
import { parseYaml } from '../../src/config/yaml-document';
import { checkSamples, initialChecks, planChecks } from '../../src/core/monitoring/limit-checks';
import { FdirError } from '../../src/domain/errors';
import { changeOf, missionSchema } from '../../src/domain/mission';

const missionText = (sampling: string, parameter = '{ id: batt_v }'): string =>
  `spacecraft: T1\nsampling: ${sampling}\nparameters:\n  - ${parameter}\n`;
const problemsOf = (read: () => unknown): readonly string[] => {
  try {
    read();
    return [];
  } catch (error) {
    if (!(error instanceof FdirError)) throw error;
    return error.problems.map(({ line, path }) => `${String(line)} ${String(path)}`);
  }
};

test.each([
  ['a period of nothing', missionText('{ period: 0s }'), '2 sampling.period'],
  ['a window of one frame', missionText('{ period: 4s, window: 1 }'), '2 sampling.window'],
  ['a stride of nothing', missionText('{ period: 4s, stride: 0 }'), '2 sampling.stride'],
  [
    'a value that is stale at once',
    missionText('{ period: 4s }', '{ id: batt_v, staleAfter: 0s }'),
    '4 parameters[0].staleAfter',
  ],
  ['a modulus of nothing', missionText('{ period: 4s }', '{ id: batt_v, modulus: 0 }'), '4 parameters[0].modulus'],
  [
    'a range without an end',
    missionText('{ period: 4s }', '{ id: batt_v, valid: [null, .inf] }'),
    '4 parameters[0].valid',
  ],
  ['a range turned round', missionText('{ period: 4s }', '{ id: batt_v, valid: [9, 6] }'), '4 parameters[0].valid'],
  ['no number', missionText('{ period: 4s }', '{ id: batt_v, valid: [.nan, 6] }'), '4 parameters[0].valid'],
])('the mission: %s is refused with its line', (_what, text, expected) => {
  expect(problemsOf(() => parseYaml('m.yaml', text, missionSchema))).toEqual([expect.stringContaining(expected)]);
});

test.each([
  ['log: { path: x.db, retention: { age: 0d } }', 'log.retention.age'],
  ['log: { path: x.db, retention: { size: 0B } }', 'log.retention.size'],
  ['history: { size: 999kB }', 'history.size'],
  ['mqtt: { url: "mqtt://127.0.0.1", keepalive: 0s }', 'mqtt.keepalive'],
  ['mqtt: { url: "mqtt://127.0.0.1", keepalive: 1d }', 'mqtt.keepalive'],
  ['mqtt: { url: "mqtt://127.0.0.1:99999" }', 'mqtt.url'],
  ['mqtt: { url: "mqtt://127.0.0.1:0" }', 'mqtt.url'],
  ['console: { port: 99999 }', 'console'],
  ['metrics: { port: -1 }', 'metrics'],
  ['maxLead: 0s', 'maxLead'],
  ['falseAlarmsPerDay: 0', 'falseAlarmsPerDay'],
])('the configuration: %s is refused with its line', (line, path) => {
  const [problem] = problemsOf(() => parseYaml('f.yaml', `mission: m.yaml\n${line}\n`, daemonConfigSchema));
  expect(problem).toContain(`2 ${path}`);
});

/** Paths of the numbers of a JSON Schema that have no lower bound. */
const unbounded = (schema: unknown, path = ''): readonly string[] => {
  if (typeof schema !== 'object' || schema === null) return [];
  const { type, minimum, exclusiveMinimum, const: only, enum: some } = schema as Readonly<Record<string, unknown>>;
  const isNumber = type === 'number' || type === 'integer';
  const isFree = typeof (minimum ?? exclusiveMinimum) !== 'number' && only === undefined && some === undefined;
  const inner = Object.entries(schema).flatMap(([key, value]) =>
    unbounded(
      value,
      /^(properties|items|anyOf|oneOf|prefixItems|additionalProperties|\d+)$/.test(key) ? path : `${path}/${key}`,
    ),
  );
  return [...(isNumber && isFree ? [path] : []), ...inner];
};

test('every number of fdir.yaml has a range; of a mission only values of telemetry and shifts of time have none', () => {
  const paths = (name: 'config' | 'mission'): readonly string[] => [...new Set(unbounded(documentSchema(name)))].sort();
  expect(paths('config')).toEqual([]);
  expect(paths('mission')).toEqual([
    '/commands/arguments/range',
    '/effects/allow',
    '/missing',
    '/modes/parameter/values',
    '/packets/time/drift',
    '/packets/time/offset',
    '/parameters/limits/critical',
    '/parameters/limits/warning',
    '/parameters/valid',
  ]);
});

test.each([
  ['[6, .inf]', [6, Infinity], [5.9, 1e9]],
  ['[6, null]', [6, Infinity], [5.9, 1e9]],
  ['[null, 9]', [-Infinity, 9], [9.1, -1e9]],
  ['[-.inf, 9]', [-Infinity, 9], [9.1, -1e9]],
])('limits %s are open on one side', (range, expected, [outside, inside]) => {
  const text = missionText('{ period: 4s }', `{ id: batt_v, limits: { critical: ${range} } }`);
  const mission = parseYaml('m.yaml', text, missionSchema).value;
  expect(mission.parameters[0]?.limits?.critical).toEqual(expected);
  const plan = planChecks(mission);
  const statusOf = (value: number | undefined): string => {
    const samples = [{ row: 0, time: Date.UTC(2026, 2, 1), value: value ?? NaN }];
    const { events } = checkSamples(plan, initialChecks(plan), samples);
    return JSON.stringify(events.map((event) => [event.to, event.range]));
  };
  expect(statusOf(inside)).toBe('[]');
  expect(statusOf(outside)).toBe(expected[0] === 6 ? '[["belowLowLimit",[6,null]]]' : '[["aboveHighLimit",[null,9]]]');
});

test.each([
  [359, 0, 360, 1],
  [0, 359, 360, -1],
  [65_535, 2, 65_536, 3],
  [10, 20, 360, 10],
  [10, 20, undefined, 10],
  [359, 0, undefined, -359],
])('from %s to %s of %s is a change of %s', (from, to, modulus, expected) => {
  expect(changeOf(from, to, modulus)).toBe(expected);
});
