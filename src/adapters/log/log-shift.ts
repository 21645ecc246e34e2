/** The records of a shift, as they stand in the log. Knows SQL, and not the SQLite package. */
import type { ShiftRange, ShiftRecords } from '../../core/report/shift-records';
import { alarmStepSchema } from '../../domain/alarm';
import { noteRecordSchema } from '../../domain/note';
import { operatorActionSchema, recoverySchema, recoveryStepSchema } from '../../domain/recovery';
import { readEvents } from './log-events';
import type { Tables } from './sqlite-tables';

/** More rows of a kind than a report holds lines; what is beyond is counted by the report as left out. */
const MOST = 5000;

/** Times with and without fractions of a second do not sort as text. */
const millisecondsOf = (column: string): string => `CAST(round(unixepoch(${column}, 'subsec') * 1000) AS INTEGER)`;
const before = (column: string): string => `${millisecondsOf(column)} < @until`;
/** The text comparison lets an index lead. */
const within = (column: string): string =>
  `${column} >= @sinceText AND ${column} <= @untilText AND ${millisecondsOf(column)} >= @since AND ${before(column)}`;

const SECONDS = 'YYYY-MM-DDTHH:MM:SS'.length;

const parametersOf = ({ since, until }: ShiftRange) => ({
  since: Date.parse(since),
  until: Date.parse(until),
  sinceText: since.slice(0, SECONDS),
  untilText: `${until.slice(0, SECONDS)}~`,
});
type Parameters = ReturnType<typeof parametersOf>;

const REVISIONS = `SELECT n.id, n.revision, n.state, n.detected_at AS detectedAt, json_extract(n.record, '$.revisedAt') AS revisedAt,
    n.equipment, n.fault, n.confidence, n.score, json_extract(n.record, '$.sentence') AS sentence
  FROM anomaly_latest a JOIN anomaly n ON n.id = a.id AND n.run = a.run
  WHERE a.detected_at <= @untilText AND (a.state = 'open' OR a.revised_at >= @sinceText) AND ${before("json_extract(n.record, '$.revisedAt')")}
  ORDER BY a.key, n.revision LIMIT ${String(MOST)}`;

/** Lives of alarms that are open, or changed since; each with all steps before the end of the range. */
const ALARM_STEPS = `SELECT s.name, s.record FROM alarm_step s JOIN alarm a ON a.name = s.name AND a.sequence = s.sequence
  WHERE (a.state <> 'cleared' OR a.changed_at >= @sinceText) AND ${before('s.time')} ORDER BY s.step LIMIT ${String(MOST)}`;

const RECOVERIES = `SELECT r.record FROM recovery r WHERE r.started_at <= @untilText
    AND (r.is_over = 0 OR EXISTS (SELECT 1 FROM recovery_step s WHERE s.recovery = r.id AND ${millisecondsOf('s.time')} >= @since))
  ORDER BY r.started_at, r.id LIMIT ${String(MOST)}`;
const STEPS = `SELECT record FROM recovery_step s WHERE s.recovery = @id AND ${before('s.time')} ORDER BY s.sequence`;

const ORDERS = `SELECT wall_time AS wallTime, record FROM operator_action WHERE ${within('wall_time')} ORDER BY sequence LIMIT ${String(MOST)}`;
const NOTE = 'SELECT sequence, wall_time AS time, kind, about, target, by, text FROM note';

const recordOf = (row: unknown): unknown => JSON.parse((row as { readonly record: string }).record);

const ordersIn = (tables: Tables, parameters: Parameters): ShiftRecords['orders'] =>
  tables
    .prepare(ORDERS)
    .all(parameters)
    .map((row) => ({
      ...operatorActionSchema.parse(recordOf(row)),
      time: (row as { readonly wallTime: string }).wallTime,
    }));

const recoveriesIn = (tables: Tables, parameters: Parameters): ShiftRecords['recoveries'] => {
  const stepsOf = tables.prepare(STEPS);
  return tables
    .prepare(RECOVERIES)
    .all(parameters)
    .map((row) => {
      const { id, rule, equipment, explanationId } = recoverySchema.parse(recordOf(row));
      const steps = stepsOf
        .all({ id, until: parameters.until })
        .map((step) => recoveryStepSchema.parse(recordOf(step)));
      return { id, rule, equipment, anomaly: explanationId, steps };
    });
};

/** Everything that a report of the range is made of. */
export const readShift = (tables: Tables, range: ShiftRange): ShiftRecords => {
  const parameters = parametersOf(range);
  const { since, until } = range;
  const notes = (where: string): ShiftRecords['notes'] =>
    tables
      .prepare(`${NOTE} WHERE ${where} LIMIT ${String(MOST)}`)
      .all(parameters)
      .map((row) => noteRecordSchema.parse(row));
  return {
    revisions: tables.prepare(REVISIONS).all(parameters) as ShiftRecords['revisions'],
    alarmSteps: tables
      .prepare(ALARM_STEPS)
      .all(parameters)
      .map((row) => ({
        ...alarmStepSchema.parse(recordOf(row)),
        // In the log of a fleet the column says whose alarm it is.
        name: (row as { readonly name: string }).name,
      })),
    recoveries: recoveriesIn(tables, parameters),
    orders: ordersIn(tables, parameters),
    events: readEvents(tables, { since, until }, { limit: MOST, order: 'asc' }),
    stopsBefore: readEvents(tables, { until: since, kinds: ['stopped'] }, { limit: 1 }),
    stateEvents: readEvents(tables, { until, kinds: ['state', 'started', 'stopped'] }, { limit: 1 }),
    notes: notes(`${within('wall_time')} ORDER BY sequence`),
    handOvers: notes(
      `${before('wall_time')} AND kind <> 'note' AND sequence >= coalesce((SELECT max(sequence) FROM note
         WHERE kind = 'hand-over' AND ${millisecondsOf('wall_time')} < @since), 0) ORDER BY sequence`,
    ),
  };
};
