/** What the event figures are counted from: counts add up over passes, which rates do not. */

/** A labelled event or an anomaly; milliseconds, both ends inclusive. */
export interface Interval {
  readonly start: number;
  readonly end: number;
}

export interface LabelledEvent extends Interval {
  /** Undefined: the label does not say, or the model does not know it; then it is not judged. */
  readonly equipment?: string | undefined;
  readonly fault?: string | undefined;
  /** What the label says, whether the model knows it or not: events are grouped by it. */
  readonly label?: { readonly equipment: string; readonly fault: string } | undefined;
}

export interface DetectedEvent extends Interval {
  readonly detectedAt: number;
  readonly equipment: string;
  readonly fault: string;
}

export interface EventMatch {
  /** Index of the event. */
  readonly event: number;
  /** Indices of the anomalies that overlap it, in their order. */
  readonly anomalies: readonly number[];
  /** Whether one of them was open when the event began: then nothing shows that the event itself was noticed. */
  readonly alreadyOpen: boolean;
  /** Until the first of them opened. Undefined if the event was missed, or was already under alarm when it began. */
  readonly delayMs: number | undefined;
}

/** What became of one labelled event. */
export interface EventOutcome {
  /** As labelled; empty where the label does not say. */
  readonly equipment: string;
  readonly fault: string;
  readonly found: boolean;
  /** Whether it was under alarm when it began. */
  readonly alreadyOpen: boolean;
  /** By the anomaly that covers most of it; undefined when it was missed, or the label does not say. */
  readonly rightEquipment: boolean | undefined;
  readonly rightFault: boolean | undefined;
  /** Undefined if the event was missed, or was already under alarm when it began. */
  readonly delayMs: number | undefined;
}

export interface Rightness {
  readonly right: number;
  readonly judged: number;
}

export interface EventCounts {
  readonly found: number;
  /** Of the found events those that were under alarm when they began. */
  readonly alreadyOpen: number;
  readonly missed: number;
  readonly anomalies: number;
  readonly false: number;
  readonly released: number;
  /** Time of the sampling instants, of those that are nominal, and of those of them that lie in an anomaly. */
  readonly totalMs: number;
  readonly nominalMs: number;
  readonly flaggedMs: number;
  /** Of the true anomalies those that name what an overlapping event names. */
  readonly equipment: Rightness;
  readonly fault: Rightness;
  readonly outcomes: readonly EventOutcome[];
}

export interface EventInput {
  readonly events: readonly LabelledEvent[];
  readonly anomalies: readonly DetectedEvent[];
  /** Sampling instants that telemetry exists for, rising, milliseconds. */
  readonly times: readonly number[];
  /** Time each of them stands for. */
  readonly periodMs: number;
  /** After its end, an event's release edge belongs to it for so long. */
  readonly recoveryMs: number;
}

const overlap = (a: Interval, b: Interval): boolean => a.start <= b.end && b.start <= a.end;
const shared = (a: Interval, b: Interval): number => Math.min(a.end, b.end) - Math.max(a.start, b.start);

/** Which anomalies found which event, and how soon. */
export const matchEvents = (events: readonly Interval[], anomalies: readonly DetectedEvent[]): readonly EventMatch[] =>
  events.map((event, index) => {
    const own = anomalies.flatMap((anomaly, at) => (overlap(event, anomaly) ? [at] : []));
    const opened = Math.min(...own.map((at) => anomalies[at]?.detectedAt ?? Infinity));
    const alreadyOpen = opened < event.start;
    return {
      event: index,
      anomalies: own,
      alreadyOpen,
      delayMs: own.length === 0 || alreadyOpen ? undefined : opened - event.start,
    };
  });

/** Of the anomalies that overlap an event which says it, those that say the same. */
const rightness = (
  events: readonly LabelledEvent[],
  anomalies: readonly DetectedEvent[],
  what: 'equipment' | 'fault',
): Rightness => {
  const judged = anomalies.flatMap((anomaly) => {
    const named = events.filter((event) => overlap(event, anomaly)).flatMap((event) => event[what] ?? []);
    return named.length === 0 ? [] : [named.includes(anomaly[what])];
  });
  return { right: judged.filter(Boolean).length, judged: judged.length };
};

const outcomeOf = (
  event: LabelledEvent,
  match: EventMatch | undefined,
  anomalies: readonly DetectedEvent[],
): EventOutcome => {
  const own = (match?.anomalies ?? []).flatMap((at) => anomalies[at] ?? []);
  const main = own.reduce<DetectedEvent | undefined>(
    (best, anomaly) => (best === undefined || shared(event, anomaly) > shared(event, best) ? anomaly : best),
    undefined,
  );
  const isRight = (what: 'equipment' | 'fault'): boolean | undefined =>
    main === undefined || event[what] === undefined ? undefined : main[what] === event[what];
  return {
    equipment: event.label?.equipment ?? event.equipment ?? '',
    fault: event.label?.fault ?? event.fault ?? '',
    found: main !== undefined,
    alreadyOpen: match?.alreadyOpen ?? false,
    rightEquipment: isRight('equipment'),
    rightFault: isRight('fault'),
    delayMs: match?.delayMs,
  };
};

/** Intervals that overlap or touch become one; rising. */
const merged = (intervals: readonly Interval[]): readonly Interval[] => {
  const out: { start: number; end: number }[] = [];
  for (const { start, end } of [...intervals].sort((a, b) => a.start - b.start)) {
    const last = out.at(-1);
    if (last !== undefined && start <= last.end) last.end = Math.max(last.end, end);
    else out.push({ start, end });
  }
  return out;
};

/** Tells for rising times whether they lie in one of the intervals, in one sweep. */
const sweep = (intervals: readonly Interval[]): ((time: number) => boolean) => {
  const rising = merged(intervals);
  let at = 0;
  return (time) => {
    while ((rising[at]?.end ?? Infinity) < time) at += 1;
    return (rising[at]?.start ?? Infinity) <= time;
  };
};

export const countEvents = ({ events, anomalies, times, periodMs, recoveryMs }: EventInput): EventCounts => {
  const matches = matchEvents(events, anomalies);
  const found = matches.filter((match) => match.anomalies.length > 0).length;
  const widened = events.map(({ start, end }) => ({ start, end: end + recoveryMs }));
  const idle = anomalies.filter((anomaly) => !events.some((event) => overlap(event, anomaly)));
  const released = idle.filter((anomaly) => widened.some((event) => overlap(event, anomaly))).length;
  const [isLabelled, isFlagged] = [sweep(widened), sweep(anomalies)];
  let [nominal, flagged] = [0, 0];
  for (const time of times) {
    const [inEvent, inAnomaly] = [isLabelled(time), isFlagged(time)];
    if (inEvent) continue;
    nominal += 1;
    if (inAnomaly) flagged += 1;
  }
  return {
    found,
    alreadyOpen: matches.filter(({ alreadyOpen }) => alreadyOpen).length,
    missed: events.length - found,
    anomalies: anomalies.length,
    false: idle.length - released,
    released,
    totalMs: times.length * periodMs,
    nominalMs: nominal * periodMs,
    flaggedMs: flagged * periodMs,
    equipment: rightness(events, anomalies, 'equipment'),
    fault: rightness(events, anomalies, 'fault'),
    outcomes: events.map((event, index) => outcomeOf(event, matches[index], anomalies)),
  };
};

export const NO_EVENTS: EventCounts = {
  found: 0,
  alreadyOpen: 0,
  missed: 0,
  anomalies: 0,
  false: 0,
  released: 0,
  totalMs: 0,
  nominalMs: 0,
  flaggedMs: 0,
  equipment: { right: 0, judged: 0 },
  fault: { right: 0, judged: 0 },
  outcomes: [],
};

const addRight = (a: Rightness, b: Rightness): Rightness => ({ right: a.right + b.right, judged: a.judged + b.judged });

/** Counts of several passes, added up. */
export const addCounts = (all: readonly EventCounts[]): EventCounts =>
  all.reduce(
    (sum, counts) => ({
      found: sum.found + counts.found,
      alreadyOpen: sum.alreadyOpen + counts.alreadyOpen,
      missed: sum.missed + counts.missed,
      anomalies: sum.anomalies + counts.anomalies,
      false: sum.false + counts.false,
      released: sum.released + counts.released,
      totalMs: sum.totalMs + counts.totalMs,
      nominalMs: sum.nominalMs + counts.nominalMs,
      flaggedMs: sum.flaggedMs + counts.flaggedMs,
      equipment: addRight(sum.equipment, counts.equipment),
      fault: addRight(sum.fault, counts.fault),
      outcomes: [...sum.outcomes, ...counts.outcomes],
    }),
    NO_EVENTS,
  );
