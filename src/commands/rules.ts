/** `fdir rules`: static checks, unit tests on virtual time, and what two versions make of one pass. */
import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { Command } from 'commander';
import { composeRulesDiff } from '../compose/rules-diff';
import { checkRuleFiles } from '../config/check-rule-files';
import { loadRuleTests, type LoadedRuleTests } from '../config/load-rule-tests';
import { differs, type DecisionChanges } from '../core/rehearsal/decision-diff';
import { compare, type Difference } from '../core/rehearsal/compare';
import { describeError, FdirError, formatProblem } from '../domain/errors';
import { rehearse } from '../pipeline/rehearse';
import { note, writeJson, writeLine } from './output';

interface CheckOptions {
  readonly config: string;
  readonly json?: boolean;
}

interface DiffOptions extends CheckOptions {
  readonly pass: readonly string[];
  readonly modes?: string;
}

const isYaml = (name: string): boolean => /\.ya?ml$/.test(name);

/** Files as they are named; of a folder its YAML files, in the order of their names. */
const filesOf = (path: string): readonly string[] => {
  try {
    if (!statSync(path).isDirectory()) return [path];
    return readdirSync(path)
      .filter(isYaml)
      .sort()
      .map((name) => join(path, name));
  } catch (error) {
    throw new FdirError('usage', `cannot read ${path}: ${describeError(error)}`);
  }
};

const plural = (count: number, what: string): string => `${String(count)} ${what}${count === 1 ? '' : 's'}`;

const check = (files: readonly string[], { config, json }: CheckOptions): void => {
  const { problems, rules, monitors, commands } = checkRuleFiles(config, files.flatMap(filesOf));
  const ok = problems.length === 0;
  if (json === true) {
    writeJson({
      ok,
      rules,
      monitors,
      commands,
      problems: problems.map((item) => ({ ...item, text: formatProblem(item) })),
    });
  } else if (ok) {
    writeLine(
      `${plural(rules, 'rule')} and ${plural(monitors, 'monitor')} are in order; ${plural(commands, 'command')} declared`,
    );
  } else {
    for (const problem of problems) writeLine(formatProblem(problem));
    note(plural(problems.length, 'problem'));
  }
  if (!ok) process.exitCode = 1;
};

interface RuleTestResult {
  readonly file: string;
  readonly line: number;
  readonly title: string;
  readonly differences: readonly Difference[];
}

const runFile = async ({
  file,
  tests,
  mission,
  program,
  lineOf,
}: LoadedRuleTests): Promise<readonly RuleTestResult[]> => {
  const tested: RuleTestResult[] = [];
  for (const [index, test] of tests.tests.entries()) {
    const mode = test.mode ?? tests.mode;
    const rehearsed = await rehearse({ mission, program, test, mode, origin: Date.parse(tests.start) });
    tested.push({ file, line: lineOf(['tests', index]), title: test.title, differences: compare(test, rehearsed) });
  }
  return tested;
};

/** Rules of the tested files that no test says to fire, or none to stay silent. */
const untested = (loaded: readonly LoadedRuleTests[]): readonly string[] => {
  const rules = new Set(loaded.flatMap(({ rules: { eventActions } }) => eventActions.map(({ id }) => id)));
  const all = loaded.flatMap(({ tests }) => tests.tests);
  const named = (key: 'fires' | 'silent') => new Set(all.flatMap((test) => test[key] ?? []));
  const [fires, silent] = [named('fires'), named('silent')];
  return [...rules].flatMap((id) => [
    ...(fires.has(id) ? [] : [`rule ${id} has no test that it fires`]),
    ...(silent.has(id) ? [] : [`rule ${id} has no test that it does not fire`]),
  ]);
};

const test = async (
  paths: readonly string[],
  { json, coverage }: { json?: boolean; coverage?: boolean },
): Promise<void> => {
  const loaded = paths.flatMap(filesOf).map(loadRuleTests);
  const tested = (await Promise.all(loaded.map(runFile))).flat();
  const failed = tested.filter(({ differences }) => differences.length > 0);
  const uncovered = coverage === true ? untested(loaded) : [];
  const ok = failed.length === 0 && uncovered.length === 0;
  if (json === true)
    writeJson({ ok, tests: tested.length, failed: failed.length, untested: uncovered, results: tested });
  else {
    for (const { file, line, title, differences } of failed) {
      writeLine(`${file}:${String(line)}: ${title}`);
      for (const { text } of differences) writeLine(`  ${text}`);
    }
    uncovered.forEach(writeLine);
    writeLine(`${plural(tested.length, 'test')}, ${String(failed.length)} failed`);
  }
  if (!ok) process.exitCode = 1;
};

const writeChanges = (what: string, { gained, lost, changed, same }: DecisionChanges): void => {
  const counts = [
    `${String(gained.length)} gained`,
    `${String(lost.length)} lost`,
    `${String(changed.length)} changed`,
  ];
  writeLine(`${what}: ${counts.join(', ')}, ${String(same)} the same`);
  for (const { text } of gained) writeLine(`  + ${text}`);
  for (const { text } of lost) writeLine(`  - ${text}`);
  for (const { before, after } of changed) {
    writeLine(`  ~ ${before.text}`);
    writeLine(`    ${after.text}`);
  }
};

const diff = async (before: string, after: string, { config, pass, modes, json }: DiffOptions): Promise<void> => {
  const result = await composeRulesDiff({
    config,
    before: filesOf(before),
    after: filesOf(after),
    passes: pass,
    modesFile: modes,
    startedAt: Date.now(),
    onProblem: (problem) => {
      note(formatProblem(problem));
    },
  });
  if (json === true) writeJson({ same: !differs(result), ...result });
  else {
    writeChanges('alarms', result.alarms);
    writeChanges('actions', result.actions);
  }
  if (differs(result)) process.exitCode = 1;
};

/** Adds the verb `rules` to the program. */
export const register = (program: Command): void => {
  const rules = program.command('rules').description('check, test and compare rules');
  rules
    .command('check')
    .description('check rules before they run; name every problem with file and line; exit 1 when something is wrong')
    .argument('[files...]', 'rules files or folders instead of those of the configuration')
    .requiredOption('--config <file>', 'the daemon configuration (fdir.yaml): mission and model')
    .option('--json', 'one JSON document on stdout')
    .action(check);
  rules
    .command('test')
    .description('unit tests of rules on virtual time; exit 1 when one differs')
    .argument('<paths...>', 'test files, or folders of them')
    .option('--coverage', 'every rule needs a test that it fires and one that it does not')
    .option('--json', 'one JSON document on stdout')
    .addHelpText('after', '\nExample:\n  fdir rules test rules/tests --coverage')
    .action(test);
  rules
    .command('diff')
    .description(
      'alarms and actions that a pass gains, loses and changes from one version of rules to another; exit 1 when any',
    )
    .argument('<old>', 'rules file, or a folder of them')
    .argument('<new>', 'the same, changed')
    .requiredOption('--pass <file...>', 'a recorded pass, or several')
    .option('--modes <file>', 'operating modes of that time, CSV time,mode')
    .requiredOption('--config <file>', 'the daemon configuration (fdir.yaml): mission and model')
    .option('--json', 'one JSON document on stdout')
    .action(diff);
};
