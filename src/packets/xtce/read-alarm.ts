/** Alarms: default and context, static ranges, enumerations, change (XTCE 1.2 AlarmType and what extends it). */
import type { Reading, Scope } from './context';
import type { ElementReader } from './element-reader';
import { ALARM_LEVELS, type AlarmCheck, type AlarmLevel, type Range } from './alarm-check';
import type { XtceAlarm } from './model';
import { readCondition } from './read-condition';

const rangeElement = (level: AlarmLevel): string => `${level.charAt(0).toUpperCase()}${level.slice(1)}Range`;

/** minInclusive, minExclusive, maxInclusive, maxExclusive of `at`. */
export const readRange = (at: ElementReader): Range => {
  const minInclusive = at.number('minInclusive');
  const minExclusive = at.number('minExclusive');
  const maxInclusive = at.number('maxInclusive');
  const maxExclusive = at.number('maxExclusive');
  if (minInclusive !== undefined && minExclusive !== undefined) at.refuse('has two lower bounds');
  if (maxInclusive !== undefined && maxExclusive !== undefined) at.refuse('has two upper bounds');
  const min = minInclusive ?? minExclusive;
  const max = maxInclusive ?? maxExclusive;
  if (min === undefined && max === undefined) at.refuse('has no bound');
  if (min !== undefined && max !== undefined && min > max) at.refuse('its lower bound is above its upper bound');
  return {
    ...(min === undefined ? {} : { min }),
    ...(max === undefined ? {} : { max }),
    ...(minExclusive === undefined ? {} : { minExclusive: true }),
    ...(maxExclusive === undefined ? {} : { maxExclusive: true }),
  };
};

type Ranges = Partial<Record<AlarmLevel, readonly Range[]>>;

const readRanges = (at: ElementReader): Ranges => {
  const ranges: Ranges = {};
  for (const level of ALARM_LEVELS) {
    const element = at.child(rangeElement(level));
    if (element === undefined) continue;
    ranges[level] = [readRange(element)];
    element.finish();
  }
  return ranges;
};

const readStatic = (at: ElementReader): AlarmCheck => {
  const alarmWhen = at.oneOf('rangeForm', ['outside', 'inside'], 'outside');
  for (const name of ['appliesToCalibratedValues', 'rangeAppliesToCalibrated']) {
    if (!at.boolean(name, true)) at.refuse('limits of raw values are not honoured; give them in engineering values');
  }
  const ranges = readRanges(at);
  at.finish();
  return { kind: 'static', alarmWhen, ranges };
};

const readMulti = (at: ElementReader): AlarmCheck => {
  const alarmWhen = at.oneOf('rangeForm', ['outside', 'inside'], 'outside');
  if (!at.boolean('appliesToCalibratedValues', true)) {
    at.refuse('limits of raw values are not honoured; give them in engineering values');
  }
  const ranges: Partial<Record<AlarmLevel, Range[]>> = {};
  for (const element of at.children('Range')) {
    const level = element.oneOf('level', ['normal', ...ALARM_LEVELS], 'normal');
    const form = element.oneOf('rangeForm', ['outside', 'inside'], alarmWhen);
    if (form !== alarmWhen) element.refuse('its rangeForm differs from that of AlarmMultiRanges');
    const range = readRange(element);
    element.finish();
    if (level !== 'normal') (ranges[level] ??= []).push(range);
  }
  at.finish();
  return { kind: 'static', alarmWhen, ranges };
};

const readChange = (at: ElementReader): AlarmCheck => {
  const isPerSecondElement = at.name === 'ChangePerSecondAlarmRanges';
  const type = at.oneOf('changeType', ['changePerSecond', 'changePerSample'], 'changePerSecond');
  const basis = at.oneOf('changeBasis', ['absoluteChange', 'percentageChange'], 'absoluteChange');
  const alarmWhen = at.oneOf('rangeForm', ['outside', 'inside'], 'outside');
  for (const span of ['spanOfInterestInSamples', 'spanOfInterestInSeconds']) {
    const value = at.number(span) ?? 1;
    if (value !== 1 && value !== 0) at.refuse(`${span}="${String(value)}" is not honoured; change is taken over one`);
  }
  const ranges = readRanges(at);
  at.finish();
  return {
    kind: 'change',
    alarmWhen,
    per: isPerSecondElement || type === 'changePerSecond' ? 'second' : 'sample',
    form: basis === 'percentageChange' ? 'percent' : 'difference',
    ranges,
  };
};

const LEVELS = ['normal', ...ALARM_LEVELS] as const;

const readEnumeration = (
  at: ElementReader,
  otherwise: AlarmLevel | 'normal',
  labels: readonly string[],
): AlarmCheck => {
  const given = at.children('EnumerationAlarm').map((element) => {
    const level = element.oneOf('alarmLevel', LEVELS, 'normal');
    const label = element.required('enumerationLabel');
    element.finish();
    if (label !== '' && labels.length > 0 && !labels.includes(label))
      element.refuse(`"${label}" is no label of this type`);
    return { label, level };
  });
  at.finish();
  return { kind: 'enumeration', labels: given, otherwise };
};

const NOT_HONOURED = ['AlarmConditions', 'CustomAlarm', 'StringAlarmList'];

const readAlarm = (
  reading: Reading,
  at: ElementReader,
  scope: Scope,
  labels: readonly string[],
): XtceAlarm | undefined => {
  at.ignore('name');
  const minViolations = at.integer('minViolations', 1);
  if (minViolations < 1) at.refuse('minViolations must be 1 or more');
  if (at.integer('minConformance', 1) !== 1)
    at.warn('minConformance is not honoured: an alarm ends with the first good value');
  const otherwise = at.oneOf('defaultAlarmLevel', LEVELS, 'normal');
  const checks: AlarmCheck[] = [];
  for (const element of at.children('StaticAlarmRanges')) checks.push(readStatic(element));
  for (const element of at.children('AlarmMultiRanges')) checks.push(readMulti(element));
  for (const element of at.children('ChangeAlarmRanges', 'ChangePerSecondAlarmRanges'))
    checks.push(readChange(element));
  for (const element of at.children('EnumerationAlarmList')) checks.push(readEnumeration(element, otherwise, labels));
  at.children(...NOT_HONOURED).forEach((element) => {
    element.refuse('is not honoured: this alarm is not checked');
  });
  const context = at.child('ContextMatch');
  const when = context === undefined ? undefined : readCondition(reading, context, scope);
  at.finish();
  if (at.name === 'ContextAlarm' && context === undefined) at.refuse('has no ContextMatch');
  if (checks.length === 0) return undefined;
  return { minViolations, checks, ...(when === undefined ? {} : { when }), line: at.line };
};

/** Every alarm of a type. One that cannot be read is listed as refused, and leaves the values of the type as they are. */
export const readAlarms = (
  reading: Reading,
  holder: ElementReader,
  scope: Scope,
  labels: readonly string[],
): readonly XtceAlarm[] => {
  const list = holder.child('ContextAlarmList');
  const elements = [...holder.children('DefaultAlarm'), ...(list?.children('ContextAlarm') ?? [])];
  const alarms: XtceAlarm[] = [];
  for (const element of elements) {
    const attempt = reading.report.attempt(() => readAlarm(reading, element, scope, labels));
    if (attempt.ok && attempt.value !== undefined) alarms.push(attempt.value);
  }
  reading.report.attempt(() => {
    list?.finish();
    holder.children('BinaryContextAlarmList', 'StringContextAlarmList', 'TimeContextAlarmList').forEach((other) => {
      other.refuse('is not honoured: these alarms are not checked');
    });
  });
  return alarms;
};
