/** What the commands for people at a running daemon share: whom they ask, as whom, and what they do when nobody answers. */
import { userInfo } from 'node:os';
import type { Command } from 'commander';
import { askDaemon } from '../adapters/mqtt/ask-daemon';
import { readBrokerAccess } from '../adapters/mqtt/broker-access';
import { readLog } from '../adapters/log/sqlite-log';
import type { LedgerReader } from '../adapters/log/sqlite-ledger';
import { loadAddress, loadSharedAddress } from '../config/load-address';
import { topicsOf } from '../core/topics';
import { FdirError } from '../domain/errors';
import type { Reply, RequestName } from '../domain/requests';
import { note, writeJson, writeLine } from './output';

export interface AskingOptions {
  readonly config?: string;
  readonly log?: string;
  readonly spacecraft?: string;
  readonly json?: boolean;
}

export interface OrderOptions extends AskingOptions {
  readonly by?: string;
  readonly comment?: string;
}

const configOf = ({ config }: AskingOptions): string => {
  if (config === undefined) throw new FdirError('usage', 'no daemon is named: give --config FILE');
  return config;
};

const ask = async (options: AskingOptions, name: RequestName, asked: Readonly<Record<string, unknown>>) => {
  const { url, mqtt, folder, baseTopic, spacecraft } = loadAddress(configOf(options), options.spacecraft);
  const access = readBrokerAccess(mqtt, { baseDir: folder });
  return askDaemon({ url, access, topics: topicsOf(baseTopic, spacecraft), name, asked });
};

const fromLog = <T>(path: string, read: (ledger: LedgerReader) => T): T => {
  const reader = readLog(path);
  try {
    return read(reader.ledger);
  } finally {
    reader.close();
  }
};

/** A question: to the log that is named, else to the daemon, else, when none answers, to the log of its configuration. */
export const question = async <T>(
  options: AskingOptions,
  name: RequestName,
  asked: Readonly<Record<string, unknown>>,
  read: (ledger: LedgerReader) => T,
): Promise<T> => {
  if (options.log !== undefined) return fromLog(options.log, read);
  const file = configOf(options);
  let why = 'no daemon answers';
  try {
    const reply = await ask(options, name, asked);
    // The daemon is this same program: what it sends was written by the schema that `T` comes from.
    if (reply !== undefined) return (reply.ok ? reply.data : undefined) as T;
  } catch (error) {
    if (!(error instanceof FdirError) || error.code !== 'runtime') throw error;
    why = error.message;
  }
  const { logPath } = loadSharedAddress(file);
  note(`${why}; this is what the log ${logPath} says`);
  return fromLog(logPath, read);
};

/** The person at the terminal, unless they say otherwise. */
const personOf = ({ by }: OrderOptions): string => by ?? userInfo().username;

/** An order, which only a running daemon can take; leaves with 1 when it says no. */
export const order = async (
  options: OrderOptions,
  name: RequestName,
  asked: Readonly<Record<string, unknown>>,
): Promise<void> => {
  if (options.log !== undefined) throw new FdirError('usage', 'a log can only be read; name the daemon by --config');
  const body = { ...asked, by: personOf(options), comment: options.comment ?? '' };
  const reply = await ask(options, name, body);
  if (reply === undefined) throw new FdirError('runtime', 'no daemon answers: nothing was changed');
  const { ok, message }: Reply = reply;
  if (options.json === true) writeJson({ ok, message });
  else writeLine(message);
  if (!ok) process.exitCode = 1;
};

export const asking = (command: Command): Command =>
  command
    .option('--config <file>', 'configuration of the daemon to ask')
    .option('--log <file>', 'read this log instead of asking a daemon')
    .option('--spacecraft <name>', 'which spacecraft of a fleet')
    .option('--json', 'one JSON document on stdout');

export const ordering = (command: Command): Command =>
  command
    .option('--config <file>', 'configuration of the daemon to tell')
    .option('--spacecraft <name>', 'which spacecraft of a fleet')
    .option('--by <name>', 'who decides; by default the user of this terminal')
    .option('--comment <text>', 'why, for whoever reads the log')
    .option('--json', 'one JSON document on stdout');
