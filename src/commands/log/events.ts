/** `fdir log events`: what happened to the daemon itself, as the log keeps it. */
import { setTimeout as pause } from 'node:timers/promises';
import { InvalidArgumentError, type Command } from 'commander';
import { readLog } from '../../adapters/log/sqlite-log';
import { systemClock } from '../../adapters/host/system-clock';
import { readLogFilter } from '../../core/log-filter';
import { daemonEventKinds, type EventFilter, type EventSeverity, type LoggedEvent } from '../../domain/daemon-event';
import { MAX_ROWS } from '../../domain/log-query';
import { note, writeJson, writeLine } from '../output';
import { lookOf, type Look } from '../render/look';
import { logPathOf, withLogOptions, withReader, type LogOptions } from './source';

interface EventsOptions extends LogOptions {
  readonly since?: string;
  readonly until?: string;
  readonly kind?: readonly string[];
  readonly limit: number;
  readonly follow?: boolean;
}

/** How often a log that is followed is asked, milliseconds. */
const FOLLOW_MS = 500;
const TONES = { info: 'faint', warning: 'strong', error: 'bad' } as const satisfies Record<EventSeverity, string>;
const KIND_WIDTH = Math.max(...daemonEventKinds.map(({ length }) => length));

const lineOf = ({ time, kind, severity, sentence }: LoggedEvent, { paint }: Look): string =>
  `${time.padEnd(24)}  ${paint(TONES[severity], severity.padEnd(7))}  ${kind.padEnd(KIND_WIDTH)}  ${sentence}`;

const filterOf = ({ since, until, kind }: EventsOptions): EventFilter => {
  const times = readLogFilter({ since, until }, systemClock.now(), (name) => `--${name}`);
  return { since: times.since, until: times.until, kinds: kind };
};

const write = (events: readonly LoggedEvent[], { json }: EventsOptions): void => {
  const look = lookOf(process.stdout, process.env);
  for (const event of events) {
    if (json === true) writeJson(event);
    else writeLine(lineOf(event, look));
  }
};

/** The newest events, and then new ones as they are written, until it is interrupted; each read is short. */
const follow = async (options: EventsOptions): Promise<void> => {
  const filter = filterOf(options);
  const stop = new AbortController();
  process.once('SIGINT', () => {
    stop.abort();
  });
  const reader = readLog(logPathOf(options));
  try {
    const first = [...reader.events(filter, { limit: options.limit })].reverse();
    write(first, options);
    let after = first.at(-1)?.sequence ?? 0;
    while (!stop.signal.aborted) {
      await pause(FOLLOW_MS, undefined, { signal: stop.signal }).catch(() => undefined);
      const news = reader.events({ ...filter, after }, { limit: MAX_ROWS, order: 'asc' });
      write(news, options);
      after = news.at(-1)?.sequence ?? after;
    }
  } finally {
    reader.close();
  }
};

const events = async (options: EventsOptions): Promise<void> => {
  if (options.follow === true) {
    await follow(options);
    return;
  }
  const { limit } = options;
  // One more than is shown tells whether there are more.
  const found = withReader(options, (reader) => reader.events(filterOf(options), { limit: limit + 1 }));
  const shown = [...found.slice(0, limit)].reverse();
  if (options.json === true) writeJson(shown);
  else if (shown.length === 0) writeLine('no event');
  else write(shown, options);
  if (found.length > limit)
    note(`there are older ones: --limit ${String(MAX_ROWS)}, or --until ${shown[0]?.time ?? ''}`);
};

const limitOf = (text: string): number => {
  const limit = Number(text);
  if (!Number.isInteger(limit) || limit < 1 || limit > MAX_ROWS)
    throw new InvalidArgumentError(`it is 1 to ${String(MAX_ROWS)}`);
  return limit;
};

const kindsOf = (text: string, before: readonly string[] = []): readonly string[] => {
  const kinds = text.split(',').map((kind) => kind.trim());
  const unknown = kinds.filter((kind) => !daemonEventKinds.some((known) => known === kind));
  if (unknown.length > 0)
    throw new InvalidArgumentError(
      `no event is of the kind ${unknown.join(', ')}; kinds: ${daemonEventKinds.join(', ')}`,
    );
  return [...before, ...kinds];
};

export const registerEvents = (log: Command): void => {
  withLogOptions(
    log
      .command('events')
      .description('show what happened to the daemon itself: starts, stops, lost links, refused reloads; newest last'),
  )
    .option('--since <time>', 'at or after: 2h, 30d (back from now), or 2026-03-01T04:12:08Z')
    .option('--until <time>', 'before; the same forms')
    .option('--kind <kind>', 'only of this kind; several with commas, or given again', kindsOf)
    .option('--limit <rows>', `the newest so many, ${String(MAX_ROWS)} at most`, limitOf, 100)
    .option('--follow', 'then show new events as they come; with --json one line an event')
    .action(events);
};
