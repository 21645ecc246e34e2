/** `fdir log commands` and `fdir log reports`: telecommands that were sent, and what the spacecraft itself reported. */
import type { Command } from 'commander';
import { systemClock } from '../../adapters/host/system-clock';
import type { SentFilter } from '../../adapters/log/log-commands';
import { readLogFilter } from '../../core/log-filter';
import { MAX_ROWS } from '../../domain/log-query';
import { note, writeJson, writeLine } from '../output';
import { limitOf } from './list';
import { withLogOptions, withReader, type LogOptions } from './source';

interface SentOptions extends LogOptions {
  readonly since?: string;
  readonly until?: string;
  readonly name?: string;
  readonly limit: number;
}

const filterOf = ({ since, until, name, limit }: SentOptions): SentFilter => {
  const times = readLogFilter({ since, until }, systemClock.now(), (option) => `--${option}`);
  // One more than is shown tells whether there are more.
  return { since: times.since, until: times.until, name, limit: limit + 1 };
};

const pairs = (values: Readonly<Record<string, unknown>>): string =>
  Object.entries(values)
    .map(([name, value]) => ` ${name}=${String(value)}`)
    .join('');

const show = <T extends { readonly time: string }>(
  found: readonly T[],
  { limit, json }: SentOptions,
  lineOf: (item: T) => string,
): void => {
  const shown = [...found.slice(0, limit)].reverse();
  if (json === true) writeJson(shown);
  else if (shown.length === 0) writeLine('none');
  else shown.forEach((item) => writeLine(lineOf(item)));
  if (found.length > limit) note(`there are older ones: --until ${shown[0]?.time ?? ''}`);
};

const commands = (options: SentOptions): void => {
  const found = withReader(options, (reader) => reader.telecommands(filterOf(options)));
  show(found, options, ({ time, name, arguments: given }) => `${time.padEnd(24)}  ${name}${pairs(given)}`);
};

const reports = (options: SentOptions): void => {
  const found = withReader(options, (reader) => reader.reports(filterOf(options)));
  show(
    found,
    options,
    ({ time, name, severity, values }) => `${time.padEnd(24)}  ${severity.padEnd(11)}  ${name}${pairs(values)}`,
  );
};

const withSentOptions = (command: Command): Command =>
  withLogOptions(command)
    .option('--since <time>', 'at or after: 2h, 30d (back from now), or 2026-03-01T04:12:08Z')
    .option('--until <time>', 'before; the same forms')
    .option('--name <name>', 'only of this name')
    .option('--limit <rows>', `the newest so many, ${String(MAX_ROWS)} at most`, limitOf, 100);

export const registerCommands = (log: Command): void => {
  withSentOptions(log.command('commands').description('telecommands that were sent, the newest last')).action(commands);
  withSentOptions(
    log.command('reports').description('what the spacecraft itself reported (PUS services 5, 12, 19), the newest last'),
  ).action(reports);
};
