/** Reads tests of rules together with the mission and the rules they are about. */
import { dirname, resolve } from 'node:path';
import type { RuleProgram } from '../core/rules/rule-program';
import { FdirError } from '../domain/errors';
import type { Mission } from '../domain/mission';
import { ruleTestFileSchema, type RuleTestFile } from '../domain/rule-test';
import type { RuleSet } from '../domain/rules';
import { loadMission, readConfigText } from './load-mission';
import { loadRules } from './load-rules';
import { validateRules } from './validate-rules';
import { parseYaml } from './yaml-document';

export interface LoadedRuleTests {
  readonly file: string;
  readonly tests: RuleTestFile;
  readonly mission: Mission;
  readonly rules: RuleSet;
  readonly program: RuleProgram;
  /** Line of a path below `tests`. */
  readonly lineOf: (path: readonly (string | number)[]) => number;
}

/** Names a test uses that nothing is called. */
const unknownNames = ({ tests }: RuleTestFile, mission: Mission, rules: RuleSet) => {
  const parameters = new Set(mission.parameters.map(({ id }) => id));
  const ids = new Set(rules.eventActions.map(({ id }) => id));
  const monitors = new Set([...rules.monitors, ...rules.functionalMonitors].map(({ id }) => id));
  return tests.flatMap(({ series, fires = [], silent = [], answers, expect }, index) => {
    const problem = (path: readonly (string | number)[], what: string, name: string) => ({
      path: ['tests', index, ...path],
      message: `no ${what} is called "${name}"`,
    });
    const rule = (name: string, ...path: (string | number)[]) => (ids.has(name) ? [] : [problem(path, 'rule', name)]);
    return [
      ...Object.keys(series).flatMap((name) =>
        parameters.has(name) ? [] : [problem(['series', name], 'parameter', name)],
      ),
      ...fires.flatMap((name) => rule(name, 'fires')),
      ...silent.flatMap((name) => rule(name, 'silent')),
      ...answers.flatMap((item, at) => rule(item.rule, 'answers', at, 'rule')),
      ...(expect.actions ?? []).flatMap((item, at) => rule(item.rule, 'expect', 'actions', at, 'rule')),
      ...(expect.events ?? []).flatMap(({ monitor }, at) =>
        monitor === undefined || monitors.has(monitor) ? [] : [problem(['expect', 'events', at], 'monitor', monitor)],
      ),
    ];
  });
};

/** @throws FdirError `config` with every problem of the tests, the mission and the rules. */
export const loadRuleTests = (file: string): LoadedRuleTests => {
  const document = parseYaml(file, readConfigText(file), ruleTestFileSchema);
  const tests = document.value;
  const here = dirname(resolve(file));
  const mission = loadMission(resolve(here, tests.mission));
  const rules = loadRules(tests.rules.map((path) => resolve(here, path)));
  const { program, problems } = validateRules(rules, mission);
  if (problems.length > 0) throw new FdirError('config', `the rules of ${file} cannot be tested`, problems);
  const unknown = unknownNames(tests, mission, rules);
  if (unknown.length > 0) {
    const told = unknown.map(({ path, message }) => ({
      file,
      line: document.lineOf(path),
      path: path.join('.'),
      message,
    }));
    throw new FdirError('config', `${file} names parameters, rules or monitors that do not exist`, told);
  }
  return { file, tests, mission, rules, program, lineOf: document.lineOf };
};
