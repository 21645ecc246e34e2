/** A console over a log that a test has written: opened before the tests of a file, and removed after them. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { consoleLog } from '../../src/compose/console-log';
import { ask, openConsole, type ConsoleWorld } from './console-world';

export interface ConsoleLogWorld {
  readonly path: string;
  /** An answer of the interface. @param route below `/api/v1`. */
  get<T>(route: string): Promise<{ readonly status: number; readonly body: T }>;
}

/** @param now wall clock of the console, milliseconds. */
export const consoleLogForTests = (write: (path: string) => void, now: number): ConsoleLogWorld => {
  const folder = mkdtempSync(join(tmpdir(), 'fdir-console-log-'));
  const path = join(folder, 'log.db');
  let log: ReturnType<typeof consoleLog>;
  let world: ConsoleWorld;
  beforeAll(async () => {
    write(path);
    log = consoleLog(path, () => now);
    world = await openConsole({}, { log });
  });
  afterAll(async () => {
    await world.close();
    log.close();
    rmSync(folder, { recursive: true });
  });
  return {
    path,
    get: async <T>(route: string) => {
      const { status, text } = await ask(world.url, `/api/v1${route}`);
      return { status, body: JSON.parse(text) as T };
    },
  };
};
