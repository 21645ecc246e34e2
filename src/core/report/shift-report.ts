/** The report of a shift from its records. */
import type { AlarmStep } from '../../domain/alarm';
import type { DaemonEventKind, LoggedEvent } from '../../domain/daemon-event';
import { severities } from '../../domain/monitors';
import type { ShiftAlarm, ShiftAnomaly, ShiftLine, ShiftRecovery, ShiftReport } from '../../domain/shift-report';
import type { ShiftRange, ShiftRecords, ShiftRevision } from './shift-records';

/** A longer list is not read at the end of a shift. */
const MAX_LINES = 200;

/** Kinds of events that change what the daemon does, rather than whether it can. */
const CHANGES: ReadonlySet<string> = new Set<DaemonEventKind>([
  'started',
  'stopped',
  'reloaded',
  'reload-refused',
  'shadow',
]);
/** Nothing that a shift has to know. */
const ROUTINE: ReadonlySet<string> = new Set<DaemonEventKind>(['forgotten', 'shadow']);

const at = (iso: string): number => Date.parse(iso);

const grouped = <T>(items: readonly T[], keyOf: (item: T) => string): readonly (readonly [T, ...T[]])[] => {
  const groups = new Map<string, [T, ...T[]]>();
  for (const item of items) {
    const group = groups.get(keyOf(item));
    if (group === undefined) groups.set(keyOf(item), [item]);
    else group.push(item);
  }
  return [...groups.values()];
};

const alarmOf = (steps: readonly [AlarmStep, ...AlarmStep[]]): ShiftAlarm | undefined => {
  const last = steps.at(-1) ?? steps[0];
  if (last.state === 'cleared' || last.state === 'pending') return undefined;
  const triggers = steps.filter(({ change }) => change === 'triggered' || change === 'retriggered');
  const newest = triggers.at(-1);
  const shelving = steps.findLast(({ change }) => change === 'shelved' || change === 'unshelved');
  const after = newest === undefined ? steps : steps.slice(steps.indexOf(newest));
  const acknowledged = after.findLast(({ change }) => change === 'acknowledged');
  return {
    name: last.name,
    sequence: last.sequence,
    severity: last.severity,
    state: last.state,
    since: (triggers[0] ?? steps[0]).time,
    value: last.value,
    acknowledged:
      acknowledged === undefined ? null : { by: acknowledged.by, time: acknowledged.time, because: acknowledged.note },
    shelved:
      shelving?.change === 'shelved'
        ? { by: shelving.by, time: shelving.time, because: shelving.note, until: shelving.until ?? null }
        : null,
  };
};

/** What needs a person first: not acknowledged, then by severity. */
const byUrgency = (a: ShiftAlarm, b: ShiftAlarm): number => {
  const urgency = ({ acknowledged, shelved, severity }: ShiftAlarm): number =>
    (shelved === null ? 0 : 100) + (acknowledged === null ? 0 : 10) - severities.indexOf(severity);
  return urgency(a) - urgency(b) || a.since.localeCompare(b.since) || a.name.localeCompare(b.name);
};

const anomalyOf = (
  revisions: readonly [ShiftRevision, ...ShiftRevision[]],
  { since }: ShiftRange,
): ShiftAnomaly | undefined => {
  const last = revisions.at(-1) ?? revisions[0];
  const { id, equipment, fault, confidence, score, sentence, detectedAt } = last;
  const closedAt = last.state === 'closed' ? last.revisedAt : null;
  if (closedAt !== null && at(closedAt) < at(since)) return undefined;
  const isNew = at(detectedAt) >= at(since);
  return { id, equipment, fault, confidence, score, sentence, detectedAt, closedAt, isNew };
};

const recoveryOf = ({ steps, ...recovery }: ShiftRecords['recoveries'][number], { since }: ShiftRange) => {
  const last = steps.at(-1);
  if (last === undefined) return undefined;
  const isGoing = ['proposed', 'waiting', 'armed', 'sent', 'accepted'].includes(last.to);
  if (!isGoing && at(last.time) < at(since)) return undefined;
  const { to: state, time, by, note } = last;
  return { ...recovery, state, since: time, by, note } satisfies ShiftRecovery;
};

const lineOf = ({ time, severity, kind, sentence }: LoggedEvent): ShiftLine => ({ time, severity, kind, sentence });

const droppedBy = (event: LoggedEvent | undefined): Readonly<Record<string, number>> =>
  ((event?.detail ?? {}) as { readonly dropped?: Readonly<Record<string, number>> }).dropped ?? {};

/** Counters go on over restarts: what the last stop has beyond the one before the range. */
const droppedIn = ({ events, stopsBefore }: ShiftRecords): Record<string, number> => {
  const last = events.findLast(({ kind }) => kind === 'stopped');
  const before = droppedBy(stopsBefore[0]);
  const counts = Object.entries(droppedBy(last)).map(
    ([reason, count]) => [reason, count - (before[reason] ?? 0)] as const,
  );
  // Idle packets hold no telemetry.
  return Object.fromEntries(counts.filter(([reason, count]) => count > 0 && reason !== 'idle'));
};

const isPresent = <T>(item: T | undefined): item is T => item !== undefined;

const takenOver = ({ handOvers }: ShiftRecords, { since }: ShiftRange): ShiftReport['takenOver'] => {
  const note = handOvers.findLast(({ kind, time }) => kind === 'hand-over' && at(time) < at(since));
  if (note === undefined) return null;
  const confirmation = handOvers.find(
    ({ kind, target }) => kind === 'confirmation' && target === String(note.sequence),
  );
  return { note, confirmedBy: confirmation?.by ?? null };
};

const daemonOf = ([last]: readonly LoggedEvent[]): ShiftReport['daemon'] => {
  if (last === undefined) return null;
  const { state } = last.detail as { readonly state?: unknown };
  return { state: typeof state === 'string' ? state : last.kind, since: last.time };
};

const nearMissesOf = (steps: readonly AlarmStep[]): ShiftReport['nearMisses'] =>
  grouped(
    steps.filter(({ change }) => change === 'near-miss'),
    ({ name }) => name,
  ).map((own) => ({ name: own[0].name, count: own.length, last: (own.at(-1) ?? own[0]).time }));

/** @returns a document that is the same for the same records, whenever it is made. */
export const buildShiftReport = (range: ShiftRange, records: ShiftRecords): ShiftReport => {
  const leftOut: Record<string, number> = {};
  const bounded = <T>(name: string, items: readonly T[]): T[] => {
    if (items.length > MAX_LINES) leftOut[name] = items.length - MAX_LINES;
    return items.slice(0, MAX_LINES);
  };
  const { alarmSteps, revisions, events } = records;
  const inRange = alarmSteps.filter(({ time }) => at(time) >= at(range.since));
  const count = (...changes: readonly AlarmStep['change'][]): number =>
    inRange.filter(({ change }) => changes.includes(change)).length;
  const lives = grouped(alarmSteps, ({ name, sequence }) => `${name} ${String(sequence)}`);
  const recoveries = records.recoveries.map((recovery) => recoveryOf(recovery, range)).filter(isPresent);
  return {
    schemaVersion: 1,
    ...range,
    daemon: daemonOf(records.stateEvents),
    takenOver: takenOver(records, range),
    alarms: {
      open: bounded('alarms', lives.map(alarmOf).filter(isPresent).sort(byUrgency)),
      triggered: count('triggered', 'retriggered'),
      cleared: count('cleared'),
    },
    anomalies: bounded(
      'anomalies',
      grouped(revisions, ({ id }) => id)
        .map((own) => anomalyOf(own, range))
        .filter(isPresent),
    ),
    waiting: recoveries.filter(({ state }) => state === 'waiting').map(({ id }) => id),
    recoveries: bounded('recoveries', recoveries),
    nearMisses: bounded('nearMisses', nearMissesOf(inRange)),
    outages: bounded('outages', events.filter(({ kind }) => !CHANGES.has(kind) && !ROUTINE.has(kind)).map(lineOf)),
    dropped: droppedIn(records),
    changes: bounded('changes', events.filter(({ kind }) => CHANGES.has(kind) && !ROUTINE.has(kind)).map(lineOf)),
    orders: bounded(
      'orders',
      records.orders.map((order) => ({ ...order })),
    ),
    notes: bounded('notes', records.notes),
    leftOut,
  };
};
