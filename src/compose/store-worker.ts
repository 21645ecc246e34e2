/** The thread behind `StoreThread`: one question after another to PostgreSQL. */
import { workerData } from 'node:worker_threads';
import { openPool } from '../adapters/postgres/pg-connect';
import type { StoreAnswer, StoreQuestion, StoreThreadData } from '../adapters/postgres/store-thread';
import { describeError } from '../domain/errors';

const { config, port, flag } = workerData as StoreThreadData;
// One connection: what is set for a session holds for all that follows.
const pool = openPool({ ...config, max: 1, query_timeout: 60_000, statement_timeout: 60_000 }, () => undefined);

const answer = async ({ text, values }: StoreQuestion): Promise<StoreAnswer> => {
  try {
    const { rows } = await pool.query(text, [...values]);
    return { rows: rows as unknown[] };
  } catch (error) {
    return { error: describeError(error) };
  }
};

port.on('message', (asked: StoreQuestion) => {
  void answer(asked).then((answered) => {
    port.postMessage(answered);
    Atomics.store(flag, 0, 1);
    Atomics.notify(flag, 0);
  });
});
