/** Reads rules files, and checks rules against the mission and the model they are meant for. */
import { createHash } from 'node:crypto';
import { FdirError, type Problem } from '../domain/errors';
import { UNKNOWN } from '../domain/explanation';
import { equipmentIds, type Mission } from '../domain/mission';
import { placeholders, unknownPlaceholders } from '../domain/placeholders';
import { rulesFileSchema, type EventAction, type RuleOrigin, type RuleSet } from '../domain/rules';
import { readConfigText } from './load-mission';
import { parseYaml } from './yaml-document';

type RulePath = readonly (string | number)[];

interface FileRules {
  readonly text: string;
  readonly rules: readonly { readonly rule: EventAction; readonly origin: RuleOrigin }[];
}

/** `eventActions[2].when.equipment[0]`. */
const pathText = (index: number, path: RulePath): string =>
  path.reduce<string>(
    (text, key) => (typeof key === 'number' ? `${text}[${String(key)}]` : `${text}.${key}`),
    `eventActions[${String(index)}]`,
  );

const readRules = (file: string): FileRules => {
  const text = readConfigText(file);
  const document = parseYaml(file, text, rulesFileSchema);
  const rules = document.value.eventActions.map((rule, index) => ({
    rule,
    origin: {
      file,
      locate: (path: RulePath) => ({
        line: document.lineOf(['eventActions', index, ...path]),
        path: pathText(index, path),
      }),
    },
  }));
  return { text, rules };
};

const problemAt = (origin: RuleOrigin | undefined, rule: EventAction, path: RulePath, message: string): Problem =>
  origin === undefined
    ? { message: `rule "${rule.id}": ${message}` }
    : { file: origin.file, ...origin.locate(path), message: `rule "${rule.id}": ${message}` };

/**
 * Reads every rules file, in the order given. `sha256` is the hash of their contents one after the other, the same as
 * `cat FILE... | sha256sum`. No file at all is an empty rule set.
 * @throws FdirError `config` with every problem of every file, each with its line.
 */
export const loadRules = (files: readonly string[]): RuleSet => {
  const hash = createHash('sha256');
  const problems: Problem[] = [];
  const eventActions: EventAction[] = [];
  const origins = new Map<string, RuleOrigin>();
  for (const file of files) {
    try {
      const { text, rules } = readRules(file);
      hash.update(text);
      for (const { rule, origin } of rules) {
        const first = origins.get(rule.id);
        if (first === undefined) {
          origins.set(rule.id, origin);
          eventActions.push(rule);
        } else {
          const place = `${first.file}:${String(first.locate(['id']).line)}`;
          problems.push(problemAt(origin, rule, ['id'], `the id is already used at ${place}`));
        }
      }
    } catch (error) {
      if (!(error instanceof FdirError)) throw error;
      problems.push(...error.problems);
    }
  }
  if (problems.length > 0) {
    const count = `${String(problems.length)} problem${problems.length === 1 ? '' : 's'}`;
    throw new FdirError('config', `the rules have ${count}`, problems);
  }
  return { sha256: hash.digest('hex'), eventActions, origins };
};

/** The names of a list condition that nothing can ever be called. */
const unknownNames = (names: readonly string[] | undefined, known: ReadonlySet<string>) =>
  (names ?? []).map((name, index) => ({ name, index })).filter(({ name }) => !known.has(name));

/**
 * What cannot work in rules that are well-formed: equipments and fault classes that no verdict can name, placeholders that
 * nothing fills, confidence bands that are empty. Empty when there is nothing to report.
 * @param classes fault classes of the model package; without them only those of the mission file are known. When neither
 * names any, fault classes are not checked.
 */
export const checkRules = (rules: RuleSet, mission: Mission, classes: readonly string[] = []): readonly Problem[] => {
  const equipments = new Set([...equipmentIds(mission), UNKNOWN]);
  const faults = new Set([...(mission.faults ?? []).map(({ id }) => id), ...classes, UNKNOWN]);
  const canCheckFaults = mission.faults !== undefined || classes.length > 0;

  return rules.eventActions.flatMap((rule) => {
    const { when, action } = rule;
    const report = (path: RulePath, message: string): Problem =>
      problemAt(rules.origins?.get(rule.id), rule, path, message);
    const problems: Problem[] = [];
    for (const { name, index } of unknownNames(when.equipment, equipments)) {
      const known = [...equipments].join(', ');
      problems.push(report(['when', 'equipment', index], `no equipment is called "${name}" (there are ${known})`));
    }
    for (const { name, index } of canCheckFaults ? unknownNames(when.fault, faults) : []) {
      const known = [...faults].join(', ');
      problems.push(report(['when', 'fault', index], `no fault class is called "${name}" (there are ${known})`));
    }
    // Without `confidence` the band starts at 0.
    const { confidence = 0, confidenceBelow } = when;
    if (confidenceBelow !== undefined && confidenceBelow <= confidence) {
      const band = `at least ${String(confidence)} and below ${String(confidenceBelow)}`;
      problems.push(report(['when', 'confidenceBelow'], `can never fire: no confidence is ${band}`));
    }
    for (const [key, value] of Object.entries(action.arguments)) {
      for (const piece of typeof value === 'string' ? unknownPlaceholders(value) : []) {
        const known = placeholders.map((name) => `\${${name}}`).join(', ');
        problems.push(report(['action', 'arguments', key], `"${piece}" is not a placeholder (there are ${known})`));
      }
    }
    return problems;
  });
};
