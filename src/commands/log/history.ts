/** `fdir log history`: transitions, events, alarms, orders and actions of the log in one time line. */
import { InvalidArgumentError, type Command } from 'commander';
import { systemClock } from '../../adapters/host/system-clock';
import { historyKinds, type HistoryEntry, type HistoryKind } from '../../domain/history';
import { MAX_ROWS } from '../../domain/log-query';
import { note, writeJson, writeLine } from '../output';
import { lookOf, type Look } from '../render/look';
import { filterOf, withTimeLineFilters, type FilterOptions } from './filters';
import { limitOf } from './list';
import { withLogOptions, withReader, type LogOptions } from './source';
import { unknownNames } from '../../core/unknown-names';

interface HistoryOptions extends LogOptions, FilterOptions {
  readonly kind?: readonly HistoryKind[];
  readonly limit: number;
}

const TONES = { high: 'bad', medium: 'strong', low: 'faint', informative: 'faint' } as const;
const KIND_WIDTH = Math.max(...historyKinds.map(({ length }) => length));

const lineOf = ({ time, kind, severity, text }: HistoryEntry, { paint }: Look): string => {
  const words = kind.padEnd(KIND_WIDTH);
  return `${time.padEnd(24)}  ${severity === null ? words : paint(TONES[severity], words)}  ${text}`;
};

const kindsOf = (text: string, before: readonly HistoryKind[] = []): readonly HistoryKind[] => {
  const kinds = text.split(',').map((name) => {
    const kind = historyKinds.find((known) => known === name.trim());
    if (kind === undefined) throw new InvalidArgumentError(`it is one of ${historyKinds.join(', ')}`);
    return kind;
  });
  return [...before, ...kinds];
};

const history = (options: HistoryOptions): void => {
  const { limit, kind: kinds } = options;
  const { since, until, equipment, fault, rule, severity, text } = filterOf(options, systemClock.now());
  const filter = { since, until, equipment, fault, rule, severity, text, kinds };
  // One more than is shown tells whether there are more.
  const { found, completeSince, unknown } = withReader(options, (reader) => {
    const { entries, completeSince: cut } = reader.history(filter, limit + 1);
    return { found: entries, completeSince: cut, unknown: entries.length > 0 ? [] : unknownNames(reader, filter) };
  });
  for (const problem of unknown) note(problem);
  const shown = [...found.slice(0, limit)].reverse();
  const look = lookOf(process.stdout, process.env);
  if (options.json === true) writeJson(shown);
  else if (shown.length === 0) writeLine('nothing happened');
  else for (const entry of shown) writeLine(lineOf(entry, look));
  if (completeSince !== null)
    note(
      `rows before ${completeSince} were not all looked through: narrow the filter, or give --until ${completeSince}`,
    );
  if (found.length > limit)
    note(`there are older entries: --limit ${String(MAX_ROWS)}, or --until ${shown[0]?.time ?? ''}`);
};

export const registerHistory = (log: Command): void => {
  withTimeLineFilters(
    withLogOptions(
      log
        .command('history')
        .description('show transitions, events, alarms, orders and actions in one time line, newest last'),
    ),
  )
    .option('--kind <kind>', `only of this kind: ${historyKinds.join(', ')}; several with commas`, kindsOf)
    .option('--limit <rows>', `the newest so many, ${String(MAX_ROWS)} at most`, limitOf, 100)
    .action(history);
};
