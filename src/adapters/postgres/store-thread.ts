/**
 * PostgreSQL for code that waits: a thread asks the database, and this one sleeps until the answer is there. For commands that read and
 * leave; a daemon never waits like this.
 */
import { MessageChannel, receiveMessageOnPort, Worker, type MessagePort } from 'node:worker_threads';
import type { PoolConfig } from 'pg';
import { FdirError } from '../../domain/errors';
import type { Tables } from '../log/sqlite-tables';
import { translate } from './pg-dialect';

export interface StoreQuestion {
  readonly text: string;
  readonly values: readonly unknown[];
}
export type StoreAnswer = { readonly rows: unknown[] } | { readonly error: string };

export interface StoreThreadData {
  readonly config: PoolConfig;
  readonly port: MessagePort;
  /** Woken when an answer is there. */
  readonly flag: Int32Array;
}

const PATIENCE_MS = 60_000;

export class StoreThread implements Tables {
  readonly textIndex = 'column';
  private readonly worker: Worker;
  private readonly port: MessagePort;
  private readonly flag = new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT));

  /** @param file what the thread runs. */
  constructor(config: PoolConfig, file: string) {
    const { port1, port2 } = new MessageChannel();
    this.port = port1;
    const workerData: StoreThreadData = { config, port: port2, flag: this.flag };
    this.worker = new Worker(file, { workerData, transferList: [port2] });
    this.worker.unref();
    this.port.unref();
  }

  /** In PostgreSQL's own words. @throws FdirError `input` when the database does not answer, or refuses. */
  ask(text: string, values: readonly unknown[] = []): unknown[] {
    Atomics.store(this.flag, 0, 0);
    this.port.postMessage({ text, values } satisfies StoreQuestion);
    if (Atomics.wait(this.flag, 0, 0, PATIENCE_MS) === 'timed-out')
      throw new FdirError('input', 'the database does not answer');
    const answer = receiveMessageOnPort(this.port)?.message as StoreAnswer;
    if ('error' in answer) throw new FdirError('input', `the database cannot be read: ${answer.error}`);
    return answer.rows;
  }

  prepare(sql: string): ReturnType<Tables['prepare']> & {
    iterate(parameters: Readonly<Record<string, never>>): IterableIterator<unknown>;
  } {
    const { text, names } = translate(sql);
    const all = (parameters: Readonly<Record<string, unknown>>): unknown[] =>
      this.ask(
        text,
        names.map((name) => parameters[name] ?? null),
      );
    return {
      all,
      get: (parameters) => all(parameters)[0],
      run: () => {
        throw new Error('a reader does not write');
      },
      iterate: (parameters) => all(parameters).values(),
    };
  }

  close(): void {
    void this.worker.terminate();
  }
}
