/** Alarms and valid ranges of a parameter as plain limits: what a limit checker of two levels can take of five. */
import { ALARM_LEVELS, type AlarmCheck, type AlarmLevel, type Range } from './alarm-check';
import type { XtceAlarm, ScalarType } from './model';

export interface PlainLimits {
  /** Engineering values outside are invalid. */
  readonly valid?: readonly [number, number];
  readonly warning?: readonly [number, number];
  readonly critical?: readonly [number, number];
  /** Labels by level. */
  readonly labels?: { readonly warning: readonly string[]; readonly critical: readonly string[] };
  /** Alarms under a condition, and others that plain limits cannot say: for the mission's monitors. */
  readonly monitors: readonly XtceAlarm[];
  /** What is in the definition and not in the limits above, in words. */
  readonly lost: readonly string[];
}

/** Watch, warning and distress become warning; critical and severe become critical. */
const isCritical = (level: AlarmLevel): boolean => level === 'critical' || level === 'severe';

/** The tightest interval of the ranges, as closed bounds; an exclusive bound keeps its number. */
const intersect = (ranges: readonly Range[]): readonly [number, number] | undefined => {
  const low = Math.max(...ranges.map(({ min }) => min ?? -Infinity));
  const high = Math.min(...ranges.map(({ max }) => max ?? Infinity));
  return low < high ? [low, high] : undefined;
};

const rangesOf = (checks: readonly AlarmCheck[], critical: boolean): readonly Range[] =>
  checks.flatMap((check) =>
    check.kind === 'static' && check.alarmWhen === 'outside'
      ? ALARM_LEVELS.filter((level) => isCritical(level) === critical).flatMap((level) => {
          const [only, ...more] = check.ranges[level] ?? [];
          return only === undefined || more.length > 0 ? [] : [only];
        })
      : [],
  );

const labelsOf = (checks: readonly AlarmCheck[], critical: boolean): readonly string[] =>
  checks.flatMap((check) =>
    check.kind === 'enumeration'
      ? check.labels.flatMap(({ label, level }) =>
          level !== 'normal' && isCritical(level) === critical ? [label] : [],
        )
      : [],
  );

/** Checks of the default alarm that a plain limit cannot say. */
const lostOf = (checks: readonly AlarmCheck[]): readonly string[] =>
  checks.flatMap((check) => {
    if (check.kind === 'change') return ['an alarm on the change of the value'];
    if (check.kind === 'enumeration')
      return check.otherwise === 'normal' ? [] : [`the level ${check.otherwise} of labels without an alarm`];
    const several = Object.values(check.ranges).some((ranges) => ranges.length > 1);
    if (check.alarmWhen === 'inside') return ['an alarm inside a range'];
    return several ? ['an alarm of several ranges'] : [];
  });

const finite = (range: readonly [number, number] | undefined): readonly [number, number] | undefined =>
  range === undefined || (!Number.isFinite(range[0]) && !Number.isFinite(range[1])) ? undefined : range;

/** Bounds that the definition leaves open are infinite. */
export const limitsOf = ({ alarms, valid }: ScalarType): PlainLimits => {
  const byDefault = alarms.filter(({ when }) => when === undefined);
  const checks = byDefault.flatMap((alarm) => alarm.checks);
  const warning = finite(intersect(rangesOf(checks, false)));
  const critical = finite(intersect(rangesOf(checks, true)));
  const range = valid?.of === 'engineering' && valid.ranges.length === 1 ? finite(intersect(valid.ranges)) : undefined;
  const labels = { warning: labelsOf(checks, false), critical: labelsOf(checks, true) };
  const hasLabels = labels.warning.length > 0 || labels.critical.length > 0;
  const lost = [
    ...lostOf(checks),
    ...(valid !== undefined && range === undefined
      ? ['a valid range of raw values, of several ranges, or without extent']
      : []),
    ...byDefault.flatMap(({ minViolations }) =>
      minViolations > 1 ? [`${String(minViolations)} violations before the alarm`] : [],
    ),
  ];
  return {
    ...(range === undefined ? {} : { valid: range }),
    ...(warning === undefined ? {} : { warning }),
    ...(critical === undefined ? {} : { critical }),
    ...(hasLabels ? { labels } : {}),
    monitors: alarms.filter(
      ({ when, minViolations, checks: own }) => when !== undefined || minViolations > 1 || lostOf(own).length > 0,
    ),
    lost,
  };
};
