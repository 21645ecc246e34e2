/**
 * Alarms of a definition that plain limits cannot say, as monitors of a rules file. They are under a condition, after several violations,
 * of labels, of several ranges, inside a range, or on the change of a value. A context alarm goes before the default one (XTCE 1.2).
 */
import type { AlarmCheck, AlarmLevel, Range } from '../../packets/xtce/alarm-check';
import type { Field } from '../../packets/decode/values';
import { limitsOf } from '../../packets/xtce/limits-of';
import type { XtceAlarm, XtceCondition, ScalarType, ValueReference } from '../../packets/xtce/model';

export interface MonitorDraft {
  /** `monitors:` of a rules file; empty when there is none. */
  readonly lines: readonly string[];
  /** Alarms that no monitor stands for, and why. */
  readonly notes: readonly string[];
}

export interface DraftedMission {
  /** Fields by the id that the mission gives them. */
  readonly fields: ReadonlyMap<string, Field>;
  /** Ids that the mission watches. */
  readonly watched: ReadonlySet<string>;
  readonly periodMs: number;
}

/** What no monitor can say, in words. */
class Unsayable extends Error {}
const fail = (message: string): never => {
  throw new Unsayable(message);
};

/** Beyond every engineering value: a range of it alone is always left, one up to it never. */
const BEYOND = '1e300';
const NEVER_IN = `[${BEYOND}, ${BEYOND}]`;
const ALWAYS_IN = `[-${BEYOND}, ${BEYOND}]`;

/** CEL has doubles and integers; telemetry is doubles. */
const double = (value: number): string =>
  Number.isInteger(value) && Math.abs(value) < 1e21 ? `${String(value)}.0` : String(value);
const bound = (value: number | undefined, sign: '' | '-'): string =>
  value === undefined ? `${sign}${BEYOND}` : String(value);

/** Whether an alarm of the parameter needs a monitor: then all of its alarms are monitors, and none is a plain limit. */
export const needsMonitors = (type: ScalarType): boolean => {
  const { monitors, labels } = limitsOf(type);
  return monitors.length > 0 || labels !== undefined;
};

/** The number that telemetry has for what the definition compares with: a label's, a word's, or its own. */
const numberOf = (text: string, type: ScalarType): number => {
  const label = type.kind === 'enumerated' ? type.enumerations.find((item) => item.label === text)?.value : undefined;
  const word = type.kind === 'boolean' ? [type.zero, type.one].indexOf(text) : -1;
  const value = label ?? (word >= 0 ? word : Number(text));
  return Number.isNaN(value) || text.trim() === '' ? fail(`"${text}" is no number`) : value;
};

class Expressions {
  private readonly idOf: ReadonlyMap<string, string>;

  constructor(private readonly mission: DraftedMission) {
    this.idOf = new Map([...mission.fields].map(([id, field]) => [field.id, id]));
  }

  name({ id, type, calibrated }: ValueReference): string {
    const known = this.idOf.get(id);
    if (known === undefined || !this.mission.watched.has(known))
      return fail(`its condition needs ${id}, which the mission does not watch`);
    const isRaw = !calibrated && (type.calibrator !== undefined || type.contextCalibrators.length > 0);
    return isRaw ? fail(`its condition needs the raw value of ${id}`) : `tm["${known}"]`;
  }

  condition(condition: XtceCondition): string {
    switch (condition.kind) {
      case 'all':
      case 'any':
        return `(${condition.of.map((one) => this.condition(one)).join(condition.kind === 'all' ? ' && ' : ' || ')})`;
      case 'compare':
        return `${this.name(condition.ref)} ${condition.operator} ${double(numberOf(condition.value, condition.ref.type))}`;
      case 'compare-values':
        return `${this.name(condition.ref)} ${condition.operator} ${this.name(condition.other)}`;
    }
  }
}

const both = (...conditions: readonly (string | undefined)[]): string | undefined => {
  const given = conditions.filter((one) => one !== undefined);
  return given.length === 0 ? undefined : given.join(' && ');
};

const caseText = (when: string | undefined, range: string): string =>
  when === undefined ? `{ range: ${range} }` : `{ when: ${JSON.stringify(when)}, range: ${range} }`;

const inRange = (name: string, { min, max, minExclusive, maxExclusive }: Range): string => {
  const ends = [
    ...(min === undefined ? [] : [`${name} ${minExclusive === true ? '>' : '>='} ${double(min)}`]),
    ...(max === undefined ? [] : [`${name} ${maxExclusive === true ? '<' : '<='} ${double(max)}`]),
  ];
  return ends.length === 0 ? 'true' : `(${ends.join(' && ')})`;
};

type Level = 'warning' | 'critical';
const isOf = (level: Level, found: AlarmLevel | 'normal'): boolean =>
  found !== 'normal' && (found === 'critical' || found === 'severe') === (level === 'critical');

const rangesAt = (ranges: Readonly<Partial<Record<AlarmLevel, readonly Range[]>>>, level: Level) =>
  Object.entries(ranges).flatMap(([found, list]) =>
    isOf(level, found as AlarmLevel) && list.length > 0 ? [list] : [],
  );

/** Cases of one check under its condition, the last of which applies to all values that are left. */
const casesOf = (
  check: AlarmCheck,
  level: Level,
  when: string | undefined,
  { name, type }: { name: string; type: ScalarType },
): string[] => {
  if (check.kind === 'enumeration') {
    if (type.kind !== 'enumerated') return fail('it has labels, and the parameter has none');
    const levelOf = (label: string) => check.labels.find((item) => item.label === label)?.level ?? check.otherwise;
    const bad = type.enumerations.filter(({ label }) => isOf(level, levelOf(label)));
    if (bad.length === 0) return [];
    const isBad = bad.map(({ value, maxValue }) =>
      value === maxValue ? `${name} == ${double(value)}` : inRange(name, { min: value, max: maxValue }),
    );
    return [caseText(both(when, `(${isBad.join(' || ')})`), NEVER_IN), caseText(when, ALWAYS_IN)];
  }
  const lists = rangesAt(check.ranges, level);
  const [first] = lists;
  if (first === undefined) return [];
  const [only] = first;
  if (check.kind === 'change') {
    if (
      check.form === 'percent' ||
      check.alarmWhen === 'inside' ||
      lists.length > 1 ||
      first.length > 1 ||
      only === undefined
    )
      return fail('of the change, in percent, of several ranges or inside one');
    return [caseText(when, `[${bound(only.min, '-')}, ${bound(only.max, '')}]`)];
  }
  if (check.alarmWhen === 'outside' && lists.length === 1 && first.length === 1 && only !== undefined)
    return [caseText(when, `[${bound(only.min, '-')}, ${bound(only.max, '')}]`)];
  const within = lists.map((list) => `(${list.map((range) => inRange(name, range)).join(' || ')})`);
  const isBad = check.alarmWhen === 'inside' ? `(${within.join(' || ')})` : `!(${within.join(' && ')})`;
  return [caseText(both(when, isBad), NEVER_IN), caseText(when, ALWAYS_IN)];
};

interface Group {
  readonly level: Level;
  readonly kind: 'limits' | 'delta';
}
const GROUPS: readonly Group[] = (['warning', 'critical'] as const).flatMap((level) => [
  { level, kind: 'limits' as const },
  { level, kind: 'delta' as const },
]);

const perSample = (check: AlarmCheck, periodMs: number): AlarmCheck => {
  if (check.kind !== 'change' || check.per === 'sample') return check;
  const scale = (value: number | undefined) => (value === undefined ? undefined : (value * periodMs) / 1000);
  const ranges = Object.fromEntries(
    Object.entries(check.ranges).map(([level, list]) => [
      level,
      list.map(({ min, max, ...rest }) => ({
        ...rest,
        ...(min !== undefined && { min: scale(min) ?? min }),
        ...(max !== undefined && { max: scale(max) ?? max }),
      })),
    ]),
  );
  return { ...check, ranges };
};

export const draftMonitors = (mission: DraftedMission): MonitorDraft => {
  const expressions = new Expressions(mission);
  const lines: string[] = [];
  const notes: string[] = [];
  const taken = new Set<string>();
  const monitorId = (id: string, { level, kind }: Group): string => {
    const stem = `${id
      .toLowerCase()
      .replace(/[^a-z0-9]+/g, '-')
      .replace(/^[^a-z]+|-+$/g, '')}${kind === 'delta' ? '-change' : ''}-${level}`;
    const base = /^[a-z]/.test(stem) ? stem : `p${stem}`;
    let found = base;
    for (let count = 2; taken.has(found); count += 1) found = `${base}-${String(count)}`;
    taken.add(found);
    return found;
  };
  for (const [id, { type }] of mission.fields) {
    if (!mission.watched.has(id) || !needsMonitors(type)) continue;
    const ordered = [
      ...type.alarms.filter(({ when }) => when !== undefined),
      ...type.alarms.filter(({ when }) => when === undefined),
    ];
    for (const group of GROUPS) {
      const { cases, repetition } = casesIn(ordered, group, {
        id,
        type,
        expressions,
        periodMs: mission.periodMs,
        notes,
      });
      if (cases.length === 0) continue;
      lines.push(
        `  - id: ${monitorId(id, group)}`,
        `    parameter: ${JSON.stringify(id)}`,
        `    severity: ${group.level === 'critical' ? 'high' : 'medium'}`,
        ...(repetition > 1 ? [`    repetition: { fail: ${String(repetition)} }`] : []),
        `    ${group.kind}:`,
        ...cases.map((one) => `      - ${one}`),
      );
    }
  }
  return { lines: lines.length === 0 ? [] : ['monitors:', ...lines], notes };
};

interface MonitoredParameter {
  readonly id: string;
  readonly type: ScalarType;
  readonly expressions: Expressions;
  readonly periodMs: number;
  readonly notes: string[];
}

/** Several alarms with different numbers of violations are one monitor: the most patient of them decides. */
const casesIn = (
  alarms: readonly XtceAlarm[],
  { level, kind }: Group,
  { id, type, expressions, periodMs, notes }: MonitoredParameter,
) => {
  const cases: string[] = [];
  let repetition = 1;
  for (const alarm of alarms) {
    for (const check of alarm.checks) {
      if ((check.kind === 'change') !== (kind === 'delta')) continue;
      try {
        const when = alarm.when && expressions.condition(alarm.when);
        const found = casesOf(perSample(check, periodMs), level, when, { name: `tm["${id}"]`, type });
        cases.push(...found);
        if (found.length > 0) repetition = Math.max(repetition, alarm.minViolations);
      } catch (error) {
        if (!(error instanceof Unsayable)) throw error;
        const note = `an alarm of ${id} (line ${String(alarm.line)}) is no monitor: ${error.message}`;
        if (!notes.includes(note)) notes.push(note);
      }
    }
  }
  return { cases, repetition };
};
