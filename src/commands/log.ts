/** `fdir log`: reads the explanation log, also while the daemon writes it. */
import type { Command } from 'commander';
import { readLog, type LogReader } from '../adapters/sqlite-log';
import { loadConfig } from '../config/load-config';
import { parseTimeText } from '../core/packet-time';
import { FdirError } from '../domain/errors';
import type { Explanation } from '../domain/explanation';
import { isoTime } from '../domain/units';
import { describeEvent, writeJson, writeLine } from './output';
import { table } from './render/table';

interface LogOptions {
  readonly log?: string;
  readonly config?: string;
  readonly json?: boolean;
}

interface ListOptions extends LogOptions {
  readonly since?: string;
  readonly equipment?: string;
  readonly fault?: string;
}

const open = ({ log, config }: LogOptions): LogReader => {
  const path = log ?? (config === undefined ? undefined : loadConfig(config).logPath);
  if (path === undefined) throw new FdirError('usage', 'which log? give --log FILE or --config FILE');
  return readLog(path);
};

const sinceOf = (text: string | undefined): string | undefined => {
  if (text === undefined) return undefined;
  const time = parseTimeText(text);
  if (time === undefined) throw new FdirError('usage', `--since "${text}" is not a time such as 2026-03-01T04:12:08Z`);
  return isoTime(time);
};

const COLUMNS = ['START', 'END', 'STATE', 'EQUIPMENT', 'FAULT', 'CONF', 'SCORE', 'ID'];

const row = ({ id, start, end, state, verdict, score }: Explanation): string[] => [
  start,
  end ?? '-',
  state,
  verdict.equipment,
  verdict.fault,
  `${(100 * verdict.confidence).toFixed(0)} %`,
  score.value.toPrecision(4),
  id,
];

const list = ({ since, equipment, fault, ...options }: ListOptions): void => {
  const from = sinceOf(since);
  const reader = open(options);
  try {
    const anomalies = reader.listAnomalies({ since: from, equipment, fault });
    if (options.json === true) writeJson(anomalies);
    else if (anomalies.length === 0) writeLine('no anomaly');
    else table([COLUMNS, ...anomalies.map(row)]).forEach(writeLine);
  } finally {
    reader.close();
  }
};

const show = (id: string, options: LogOptions): void => {
  const reader = open(options);
  try {
    const found = reader.showAnomaly(id);
    if (options.json === true) writeJson(found ?? null);
    if (found === undefined) {
      if (options.json !== true) writeLine(`no anomaly has the id ${id}`);
      process.exitCode = 1;
      return;
    }
    if (options.json === true) return;
    const last = found.revisions.at(-1);
    found.revisions.forEach((revision) => {
      writeLine(describeEvent({ type: 'anomaly', ...revision }));
    });
    found.actions.forEach((action) => {
      writeLine(describeEvent({ type: 'action', ...action }));
    });
    last?.attribution.forEach(({ parameter, share, measured, expected, peakAt }) => {
      const what = `${(100 * share).toFixed(0).padStart(3)} %  ${parameter}`;
      writeLine(`  ${what}: ${String(measured)} where ${String(expected)} was expected, at ${peakAt}`);
    });
    if (last !== undefined && last.sufficient.length > 0) {
      writeLine(`  without ${last.sufficient.join(', ')} nothing would have been wrong`);
    }
  } finally {
    reader.close();
  }
};

const withLog = (command: Command): Command =>
  command
    .option('--log <file>', 'the log')
    .option('--config <file>', 'the daemon configuration that names it')
    .option('--json', 'one JSON document on stdout');

/** Adds the verb `log` to the program. */
export const register = (program: Command): void => {
  const log = program.command('log').description('read the explanation log');
  withLog(log.command('list').description('anomalies, newest first'))
    .option('--since <time>', 'started at or after this time, ISO 8601')
    .option('--equipment <id>', 'of this equipment')
    .option('--fault <class>', 'of this fault class')
    .action(list);
  withLog(log.command('show').description('one anomaly: every revision, what was requested, and what points to it'))
    .argument('<id>', 'id of the anomaly')
    .action(show);
};
