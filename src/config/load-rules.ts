/** Reads rules files, and checks rules against the mission and the model they are meant for. */
import { createHash } from 'node:crypto';
import { FdirError, type Problem } from '../domain/errors';
import { UNKNOWN } from '../domain/explanation';
import { equipmentIds, type Mission } from '../domain/mission';
import { placeholders, unknownPlaceholders } from '../domain/placeholders';
import type { FunctionalMonitor, Monitor } from '../domain/monitors';
import { rulesFileSchema, type EventAction, type RuleOrigin, type RulesFile, type RuleSet } from '../domain/rules';
import { readConfigText } from './load-mission';
import { readBounded, type ReadFile } from './read-bounded';
import { parseYaml } from './yaml-document';

type RulePath = readonly (string | number)[];

const sections = ['monitors', 'functionalMonitors', 'eventActions'] as const;
type Section = (typeof sections)[number];

/** `eventActions[2].when.equipment[0]`. */
const pathText = (section: Section, index: number, path: RulePath): string =>
  path.reduce<string>(
    (text, key) => (typeof key === 'number' ? `${text}[${String(key)}]` : `${text}.${key}`),
    `${section}[${String(index)}]`,
  );

interface FileRules {
  readonly text: string;
  readonly rules: RulesFile;
  readonly origins: readonly { readonly id: string; readonly what: string; readonly origin: RuleOrigin }[];
}

const readRules = (file: string, read: ReadFile): FileRules => {
  const text = readConfigText(file, read);
  const { value: rules, lineOf } = parseYaml(file, text, rulesFileSchema);
  const originOf = (section: Section, index: number): RuleOrigin => ({
    file,
    locate: (path: RulePath) => ({ line: lineOf([section, index, ...path]), path: pathText(section, index, path) }),
  });
  const origins = sections.flatMap((section) =>
    rules[section].map(({ id }, index) => ({
      id,
      what: section === 'eventActions' ? 'rule' : 'monitor',
      origin: originOf(section, index),
    })),
  );
  return { text, rules, origins };
};

/** A problem of a rule or monitor, with file and line when it comes from a file. */
export const problemAt = ({
  rules,
  what,
  id,
  path,
  message,
}: {
  readonly rules: RuleSet;
  readonly what: string;
  readonly id: string;
  readonly path: RulePath;
  readonly message: string;
}): Problem => {
  const origin = rules.origins?.get(id);
  const text = `${what} "${id}": ${message}`;
  return origin === undefined ? { message: text } : { file: origin.file, ...origin.locate(path), message: text };
};

/**
 * Reads every rules file, in the order given. `sha256` is the hash of their contents one after the other, the same as
 * `cat FILE... | sha256sum`. No file at all is an empty rule set.
 * @param readerOf gives what reads a file; left out: as it is.
 * @throws FdirError `config` with every problem of every file, each with its line.
 */
export const loadRules = (
  files: readonly string[],
  readerOf: (file: string) => ReadFile = () => readBounded,
): RuleSet => {
  const hash = createHash('sha256');
  const problems: Problem[] = [];
  const eventActions: EventAction[] = [];
  const monitors: Monitor[] = [];
  const functionalMonitors: FunctionalMonitor[] = [];
  const origins = new Map<string, RuleOrigin>();
  for (const file of files) {
    try {
      const read = readRules(file, readerOf(file));
      hash.update(read.text);
      for (const { id, what, origin } of read.origins) {
        const first = origins.get(id);
        if (first === undefined) {
          origins.set(id, origin);
          continue;
        }
        const place = `${first.file}:${String(first.locate(['id']).line)}`;
        const message = `${what} "${id}": the id is already used at ${place}`;
        problems.push({ file: origin.file, ...origin.locate(['id']), message });
      }
      eventActions.push(...read.rules.eventActions);
      monitors.push(...read.rules.monitors);
      functionalMonitors.push(...read.rules.functionalMonitors);
    } catch (error) {
      if (!(error instanceof FdirError)) throw error;
      problems.push(...(error.problems.length > 0 ? error.problems : [{ file, message: error.message }]));
    }
  }
  if (problems.length > 0) {
    const count = `${String(problems.length)} problem${problems.length === 1 ? '' : 's'}`;
    throw new FdirError('config', `the rules have ${count}`, problems);
  }
  return { sha256: hash.digest('hex'), eventActions, monitors, functionalMonitors, origins };
};

/** Where step `index` of a rule's ladder is written. */
export const stepPath = ({ ladderKey }: EventAction, index: number): RulePath =>
  ladderKey === undefined ? ['steps', index] : [ladderKey];

/** The names of a list condition that nothing can ever be called. */
const unknownNames = (names: readonly string[] | undefined, known: ReadonlySet<string>) =>
  (names ?? []).map((name, index) => ({ name, index })).filter(({ name }) => !known.has(name));

/**
 * What cannot work in rules that are well-formed: equipments and fault classes that no verdict can name, placeholders that
 * nothing fills, empty confidence bands. Empty when there is nothing to report.
 * @param classes fault classes of the model package; without them only those of the mission file are known. When neither
 * names any, fault classes are not checked.
 */
export const checkRules = (rules: RuleSet, mission: Mission, classes: readonly string[] = []): readonly Problem[] => {
  const equipments = new Set([...equipmentIds(mission), UNKNOWN]);
  const faults = new Set([...(mission.faults ?? []).map(({ id }) => id), ...classes, UNKNOWN]);
  const canCheckFaults = mission.faults !== undefined || classes.length > 0;

  return rules.eventActions.flatMap((rule) => {
    const when = rule.match ?? {};
    const report = (path: RulePath, message: string): Problem =>
      problemAt({ rules, what: 'rule', id: rule.id, path, message });
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
    rule.steps.forEach((step, index) => {
      for (const [key, value] of Object.entries(step.arguments)) {
        for (const piece of typeof value === 'string' ? unknownPlaceholders(value) : []) {
          const known = placeholders.map((name) => `\${${name}}`).join(', ');
          problems.push(
            report(
              [...stepPath(rule, index), 'arguments', key],
              `"${piece}" is not a placeholder (there are ${known})`,
            ),
          );
        }
      }
    });
    return problems;
  });
};
