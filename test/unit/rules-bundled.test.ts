import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { parse } from 'yaml';
import { loadMission, readConfigText } from '../../src/config/load-mission';
import { loadRuleTests } from '../../src/config/load-rule-tests';
import { loadRules } from '../../src/config/load-rules';
import { validateRules } from '../../src/config/validate-rules';
import { actionsOf, compare } from '../../src/core/rehearsal/compare';
import { UNKNOWN } from '../../src/domain/explanation';
import { equipmentIds } from '../../src/domain/mission';
import { ruleTestFileSchema } from '../../src/domain/rule-test';
import { rehearse } from '../../src/pipeline/rehearse';
import { T0 } from '../support/rules-world';

const folder = join(__dirname, '..', '..', 'rules');
const mission = loadMission(join(folder, 'mission.yaml'));
const rules = loadRules([join(folder, 'monitoring.yaml'), join(folder, 'event-actions.yaml')]);
const { program, problems } = validateRules(rules, mission);
const files = readdirSync(join(folder, 'tests')).map((name) => loadRuleTests(join(folder, 'tests', name)));
const tests = files.flatMap(({ tests: file }) => file.tests.map((test) => ({ test, mode: test.mode ?? file.mode })));
const faults = [...(mission.faults ?? []).map(({ id }) => id), UNKNOWN];

/** What is requested for an anomaly that keeps this verdict for eight minutes. */
const requested = async (equipment: string, fault: string, confidence: number) => {
  const anomaly = { at: '0s', equipment, fault, confidence };
  const [test] = ruleTestFileSchema.parse({
    mission: 'm',
    rules: ['r'],
    tests: [{ title: 'T', duration: '8m', anomalies: [anomaly] }],
  }).tests;
  if (test === undefined) throw new Error('no test');
  return actionsOf(await rehearse({ mission, program, test, mode: 'active', origin: T0 }));
};

describe('the rules of AURORA-1', () => {
  it('have no problem that can be told before they run', () => {
    expect(problems).toEqual([]);
  });

  it('are at least fifteen, of every level from 1 to 5', () => {
    const levels = [...new Set(rules.eventActions.map(({ level }) => level))].sort();
    expect({ enough: rules.eventActions.length >= 15, levels }).toEqual({ enough: true, levels: [1, 2, 3, 4, 5] });
  });

  it('have a test each that they fire, and one that they do not', () => {
    const named = (key: 'fires' | 'silent') => [...new Set(tests.flatMap(({ test }) => test[key] ?? []))].sort();
    const ids = rules.eventActions.map(({ id }) => id).sort();
    expect({ fires: named('fires'), silent: named('silent') }).toEqual({ fires: ids, silent: ids });
  });

  it.each(tests.map(({ test, mode }) => [test.title, test, mode] as const))('%s', async (_title, test, mode) => {
    const rehearsed = await rehearse({ mission, program, test, mode, origin: T0 });
    expect(compare(test, rehearsed).map(({ text }) => text)).toEqual([]);
  });

  it('never leave a lasting anomaly unanswered, whatever its fault and confidence', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...equipmentIds(mission), UNKNOWN),
        fc.constantFrom(...faults),
        fc.double({ min: 0, max: 1, noNaN: true }),
        async (equipment, fault, confidence) => {
          expect(await requested(equipment, fault, confidence)).not.toEqual([]);
        },
      ),
      { numRuns: 60 },
    );
  });

  it('touch no wheel when none can be named', async () => {
    const all = await Promise.all(faults.map((fault) => requested(UNKNOWN, fault, 1)));
    expect([...new Set(all.flat().map(({ rule }) => rule))].sort()).toEqual([
      'not-isolated-hold-and-call',
      'unknown-hold-and-call',
    ]);
  });

  it('send nothing hazardous on their own below a confidence of nine in ten', async () => {
    const hazardous = new Set(mission.commands?.filter((command) => command.hazardous).map(({ name }) => name));
    const all = await Promise.all(
      equipmentIds(mission).flatMap((id) => faults.map((fault) => requested(id, fault, 0.89))),
    );
    const sent = all
      .flat()
      .filter(({ command, disposition }) => disposition === 'request' && hazardous.has(String(command)));
    expect(sent).toEqual([]);
  });

  it('keep what is on trial in passive', () => {
    const passive = rules.eventActions.filter(({ state }) => state === 'passive').map(({ id }) => id);
    expect(passive).toEqual(['current-noise-filter']);
  });
});

describe('the bundled configuration', () => {
  it('names the bundled files and starts in passive', () => {
    expect(parse(readConfigText(join(folder, 'fdir.yaml')))).toMatchObject({
      mission: 'mission.yaml',
      rules: ['monitoring.yaml', 'event-actions.yaml'],
      mode: 'passive',
    });
  });
});
