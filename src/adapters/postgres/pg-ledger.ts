/** What people ask of one spacecraft, answered from the log in PostgreSQL. */
import type { Pool } from 'pg';
import { byUrgency } from '../../core/alarms/alarm-orders';
import { alarmSchema, type Alarm } from '../../domain/alarm';
import { describeError } from '../../domain/errors';
import { recoverySchema, recoveryStepSchema } from '../../domain/recovery';
import type { OperatorRequest, Reply } from '../../domain/requests';
import { within, type LogScope } from '../log/log-scope';

/** As the reader of SQLite has it. */
export const LIST_LIMIT = 1000;

export type Queries = Pick<Pool, 'query'>;

const recordsOf = async (pool: Queries, sql: string, parameters: readonly unknown[] = []): Promise<unknown[]> => {
  const { rows } = await pool.query<{ record: string }>(sql, [...parameters]);
  return rows.map(({ record }) => JSON.parse(record) as unknown);
};

const namesOf = async (pool: Queries, sql: string): Promise<readonly string[]> => {
  const { rows } = await pool.query<{ name: string }>(sql);
  return rows.map(({ name }) => name);
};

const alarmsOf = async (pool: Queries, scope: LogScope, isAll: boolean): Promise<readonly Alarm[]> => {
  const records = await recordsOf(
    pool,
    `SELECT record FROM alarm WHERE ${isAll ? 'true' : "state <> 'cleared'"} AND ${within('name', scope)}
     ORDER BY changed_at DESC, name LIMIT ${String(LIST_LIMIT)}`,
  );
  return records.map((record) => alarmSchema.parse(record));
};

const recoveriesOf = async (pool: Queries, scope: LogScope, which: string) => {
  const records = await recordsOf(
    pool,
    `SELECT record FROM recovery WHERE ${which} AND ${within('explanation_id', scope)}
     ORDER BY started_at DESC, id LIMIT ${String(LIST_LIMIT)}`,
  );
  return records.map((record) => recoverySchema.parse(record));
};

const shownRecovery = async (pool: Queries, scope: LogScope, id: string) => {
  const [record] = await recordsOf(
    pool,
    `SELECT record FROM recovery WHERE (id = $1 OR id IN (
       SELECT recovery FROM recovery_step WHERE record::json->>'request' = $1)) AND ${within('explanation_id', scope)} LIMIT 1`,
    [id],
  );
  if (record === undefined) return undefined;
  const recovery = recoverySchema.parse(record);
  const steps = await recordsOf(pool, 'SELECT record FROM recovery_step WHERE recovery = $1 ORDER BY sequence', [
    recovery.id,
  ]);
  return { recovery, steps: steps.map((step) => recoveryStepSchema.parse(step)) };
};

const answer = async (pool: Queries, scope: LogScope, request: OperatorRequest): Promise<Reply> => {
  switch (request.name) {
    case 'action-list': {
      const data = await recoveriesOf(pool, scope, request.asked.all ? 'true' : 'is_over = 0');
      return { ok: true, message: `${String(data.length)} recoveries`, data };
    }
    case 'action-show': {
      const data = await shownRecovery(pool, scope, request.asked.id);
      return data === undefined
        ? { ok: false, message: `no action is called ${request.asked.id}` }
        : { ok: true, message: request.asked.id, data };
    }
    case 'alarm-list': {
      const data = byUrgency(await alarmsOf(pool, scope, request.asked.all));
      return { ok: true, message: `${String(data.length)} alarms`, data };
    }
    case 'verdict': {
      const { id, verdict } = request.asked;
      const found = await namesOf(pool, `SELECT id AS name FROM anomaly_latest WHERE ${within('id', scope)}`);
      return found.includes(id)
        ? { ok: true, message: `${id}: ${verdict}` }
        : { ok: false, message: `no anomaly has the id ${id}` };
    }
    case 'note-add':
    case 'note-list':
    case 'shift-hand-over':
    case 'shift-confirm':
      return { ok: false, message: 'notes and hand-overs are not kept in PostgreSQL: nothing was written' };
    default:
      return { ok: false, message: `${request.name} is no question` };
  }
};

/** A log that cannot be read is told to the one who asked. */
export const readReply = async (pool: Queries, scope: LogScope, request: OperatorRequest): Promise<Reply> => {
  try {
    return await answer(pool, scope, request);
  } catch (error) {
    return { ok: false, message: `the database cannot be read: ${describeError(error)}` };
  }
};
