import { join } from 'node:path';
import { daemonConfigSchema } from '../../src/config/daemon-config';
import { loadConfig } from '../../src/config/load-config';
import { loadMission } from '../../src/config/load-mission';
import { FdirError, formatProblem } from '../../src/domain/errors';
import { makeWorkspace, type Workspace } from '../support/workspace';

let work: Workspace;
beforeEach(async () => {
  work = await makeWorkspace();
});
afterEach(() => {
  work.remove();
});

const problems = (file: string): string[] => {
  try {
    loadConfig(file);
  } catch (error) {
    if (error instanceof FdirError)
      return error.problems.map((problem) => formatProblem(problem).replaceAll(`${work.folder}/`, ''));
    throw error;
  }
  return [];
};

test('only the mission is required', () => {
  const { config, mission, model, rules, logPath } = loadConfig(work.path('limits.yaml'));
  expect({ config, spacecraft: mission.spacecraft, model, rules, logPath }).toEqual({
    config: {
      mission: 'mission.yaml',
      rules: [],
      modelThread: true,
      mode: 'passive',
      mqtt: { url: 'mqtt://127.0.0.1:1883', baseTopic: 'fdir' },
      log: { path: 'explanations.db' },
      maxLead: 366 * 86_400_000,
      latchAlarms: 'high',
      console: { host: '127.0.0.1', port: 8080, allowedHosts: [], tokens: [] },
      openmct: false,
    },
    spacecraft: 'TINY-1',
    model: undefined,
    rules: undefined,
    logPath: work.path('explanations.db'),
  });
});

test('every key of the contract is read, with durations in milliseconds and sizes in bytes', () => {
  expect(
    daemonConfigSchema.parse({
      mission: 'mission.yaml',
      model: '../models/rw-cae',
      rules: ['event-actions.yaml'],
      mode: 'active',
      mqtt: { url: 'mqtt://127.0.0.1:1883', clientId: 'fdir-aurora', baseTopic: 'fdir' },
      log: { path: '/var/lib/fdir/explanations.db', retention: { age: '400d', size: '2GB' } },
      console: { host: '127.0.0.1', port: 8080 },
      falseAlarmsPerDay: 0.5,
    }),
  ).toMatchObject({ log: { retention: { age: 400 * 86_400_000, size: 2e9 } }, console: { port: 8080 } });
  expect(daemonConfigSchema.parse({ mission: 'm', console: false }).console).toBe(false);
});

test('the alarm budget chooses the threshold of the manifest', () => {
  work.write('strict.yaml', 'mission: mission.yaml\nmodel: model\nfalseAlarmsPerDay: 0.2\n');
  expect(loadConfig(work.path('fdir.yaml')).manifest?.calibration.threshold).toBe(9);
  expect(loadConfig(work.path('strict.yaml')).manifest?.calibration.threshold).toBe(18);
});

test('problems of the mission, the model and the rules are reported together', () => {
  work.write(
    'mission.yaml',
    'spacecraft: TINY-1\nsampling: { period: 1s }\nparameters:\n  - { id: rw0_speed, equipment: rw0 }\n',
  );
  work.write('rules.yaml', [
    'eventActions:',
    '  - id: off',
    '    title: Off',
    '    level: 1',
    '    when: { equipment: rw9 }',
    '    action: { command: OFF }',
    '    because: it must',
  ]);
  expect(problems(work.path('fdir.yaml'))).toEqual([
    expect.stringContaining(
      'model/model.json: the mission does not have "rw0_current", "rw1_speed", "rw1_current" of the model',
    ),
    expect.stringContaining('model/model.json: window in frames: the mission has 16, the model 4'),
    expect.stringContaining('model/model.json: stride in frames: the mission has 4, the model 2'),
    expect.stringContaining('rules.yaml:5'),
  ]);
});

test('a topic with wildcards, a port that is none, and typing errors each have their line', () => {
  work.write('wrong.yaml', [
    'mission: mission.yaml',
    'mqtt: { url: mqtt://x, baseTopic: "fdir/#" }',
    'console:',
    '  port: 99999',
    'falseAlarmsPerDay: -1',
    'log:',
    '  path: x.db',
    '  retention: { age: long }',
    'modus: active',
  ]);
  expect(problems(work.path('wrong.yaml')).map((text) => text.split(': ').slice(0, 2).join(': '))).toEqual([
    'wrong.yaml:2: mqtt.baseTopic',
    expect.stringMatching(/^wrong\.yaml:[34]: console/),
    'wrong.yaml:5: falseAlarmsPerDay',
    'wrong.yaml:8: log.retention.age',
    'wrong.yaml:9: modus',
  ]);
});

test('the bundled configuration and mission are valid by themselves', () => {
  const rules = join(__dirname, '../../rules');
  expect(loadMission(join(rules, 'mission.yaml')).parameters.length).toBe(16);
});

test('requests as packets need a mission that follows the standard, and one spacecraft', () => {
  work.write('pus.yaml', 'mission: mission.yaml\naction: { format: pus }\n');
  expect(problems(work.path('pus.yaml'))).toEqual([
    'pus.yaml: action.format: needs the packet utilisation standard: mission.yaml has no "packets.pus"',
  ]);
  const messages = (config: object) => daemonConfigSchema.safeParse(config).error?.issues.map(({ message }) => message);
  expect(messages({ mission: 'm', action: { checksum: 'iso' } })).toEqual([
    'says how packets are made, and "format" is not pus',
  ]);
  const fleet = { members: [{ mission: 'm', spacecraft: ['A'] }] };
  expect(messages({ fleet, action: { format: 'pus' } })).toEqual(['is for one spacecraft: a fleet has none of it yet']);
});

test('ways in for packets need a mission that says how packets are read, and one way at least', () => {
  work.write(
    'ways.yaml',
    'mission: mission.yaml\npackets: { udp: { port: 5001 }, tcp: { port: 5002, framing: length } }\n',
  );
  expect(problems(work.path('ways.yaml'))).toEqual([
    'ways.yaml: packets: needs a definition: mission.yaml has no "packets" that say how packets are read',
  ]);
  expect(daemonConfigSchema.safeParse({ mission: 'm', packets: {} }).success).toBe(false);
  expect(daemonConfigSchema.parse({ mission: 'm', packets: { udp: { port: 1 }, tcp: { port: 2 } } }).packets).toEqual({
    udp: { host: '127.0.0.1', port: 1 },
    tcp: { host: '127.0.0.1', port: 2, framing: 'header', maxClients: 8, stall: 30_000 },
  });
});
