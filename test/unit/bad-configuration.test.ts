/** Every reader of what operators write, on documents that are nearly right. fast-check prints seed and path of a failure. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { parse } from 'yaml';
import { loadAddress } from '../../src/config/load-address';
import { loadConfig } from '../../src/config/load-config';
import { loadModelPackage } from '../../src/config/load-manifest';
import { loadMission } from '../../src/config/load-mission';
import { loadRuleTests } from '../../src/config/load-rule-tests';
import { loadRules } from '../../src/config/load-rules';
import { validateRules } from '../../src/config/validate-rules';
import { damagedText, damagedTree, refusesAtMost } from '../support/mutations';

const HOME = join(__dirname, '../../rules');
const ROOT = join(HOME, '..');
const text = (file: string): string => readFileSync(join(ROOT, file), 'utf8');

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'fdir-bad-'));
});
afterAll(() => {
  rmSync(folder, { recursive: true });
});

/** The document damaged in its structure and, more rarely since most such damage is plain syntax, in its text. */
const documents = (source: string): fc.Arbitrary<string> =>
  fc.oneof(
    { weight: 3, arbitrary: damagedTree(parse(source)).map((tree) => JSON.stringify(tree) ?? 'null') },
    { weight: 1, arbitrary: damagedText(source) },
  );

const everyDocument = (source: string, name: string, numRuns: number, read: (file: string) => unknown): void => {
  const file = join(folder, name);
  fc.assert(
    fc.property(documents(source), (document) => {
      writeFileSync(file, document);
      refusesAtMost(() => read(file), ['config', 'model']);
    }),
    { numRuns },
  );
};

test('a mission file is read or refused', () => {
  everyDocument(text('rules/mission.yaml'), 'mission.yaml', 300, loadMission);
});

test.each(['event-actions', 'monitoring'])('%s.yaml is read or refused, and so is what compiles it', (name) => {
  const mission = loadMission(join(HOME, 'mission.yaml'));
  everyDocument(text(`rules/${name}.yaml`), `${name}.yaml`, 100, (file) => validateRules(loadRules([file]), mission));
});

test('a file of rule tests is read or refused', () => {
  const source = text('rules/tests/anomalies.yaml').replaceAll('../', `${HOME}/`);
  everyDocument(source, 'tests.yaml', 40, loadRuleTests);
});

test('the configuration of the daemon is read or refused, by the daemon and by who asks it', () => {
  const source = JSON.stringify({
    mission: join(HOME, 'mission.yaml'),
    model: join(ROOT, 'models/rw-cae'),
    rules: [join(HOME, 'event-actions.yaml')],
    mode: 'passive',
    mqtt: { url: 'mqtt://127.0.0.1:1883', clientId: 'fdir', baseTopic: 'fdir' },
    log: { path: 'log.db', retention: { age: '400d', size: '2GB' } },
    console: { host: '127.0.0.1', port: 8080, tokens: [{ name: 'ann', file: 'token' }] },
    metrics: { host: '127.0.0.1', port: 9464 },
    falseAlarmsPerDay: 0.5,
    maxLead: '366d',
  });
  everyDocument(source, 'address.yaml', 300, loadAddress);
  everyDocument(source, 'fdir.yaml', 40, loadConfig);
});

test('a model package is read or refused', () => {
  const mission = loadMission(join(HOME, 'mission.yaml'));
  writeFileSync(join(folder, 'model.onnx'), readFileSync(join(ROOT, 'models/rw-cae/model.onnx')));
  everyDocument(text('models/rw-cae/model.json'), 'model.json', 100, () => loadModelPackage(folder, mission));
});
