/** Filters of the log on the command line: the same for list, export and stats. */
import { InvalidArgumentError, type Command } from 'commander';
import { readLogFilter } from '../../core/log-filter';
import { logFilterSchema, type LogFilter } from '../../domain/log-query';

export interface FilterOptions {
  readonly since?: string;
  readonly until?: string;
  readonly spacecraft?: string;
  readonly equipment?: readonly string[];
  readonly fault?: readonly string[];
  readonly minConfidence?: number;
  readonly maxConfidence?: number;
  readonly state?: string;
  readonly severity?: string;
  readonly rule?: string;
  readonly outcome?: string;
  readonly verdict?: string;
  readonly text?: string;
}

const { shape } = logFilterSchema;
const FILTERS = Object.keys(shape) as (keyof typeof shape)[];
/** The words that a filter knows. */
const words = {
  state: shape.state.unwrap().options,
  severity: shape.severity.unwrap().options,
  outcome: shape.outcome.unwrap().options,
  verdict: shape.verdict.unwrap().options,
};

const PERCENT = 100;

/** `0.8` or `80%`. */
const share = (text: string): number => {
  const isPercent = text.endsWith('%');
  const value = Number(isPercent ? text.slice(0, -1) : text) / (isPercent ? PERCENT : 1);
  if (text.trim() === '' || !(value >= 0 && value <= 1)) throw new InvalidArgumentError('it is 0 to 1, or 0% to 100%');
  return value;
};
const oneOf =
  (words: readonly string[]) =>
  (text: string): string => {
    if (!words.includes(text)) throw new InvalidArgumentError(`it is one of ${words.join(', ')}`);
    return text;
  };

export const withFilters = (command: Command): Command =>
  command
    .option('--since <time>', 'started at or after: 2h, 30d (back from now), 2026-03-01, or 2026-03-01T04:12:08Z')
    .option('--until <time>', 'started before; the same forms')
    .option('--spacecraft <name>', 'of this spacecraft')
    .option('--equipment <id...>', 'of one of these equipments')
    .option('--fault <class...>', 'of one of these fault classes')
    .option('--min-confidence <share>', 'with at least this confidence: 0.8 or 80%', share)
    .option('--max-confidence <share>', 'with at most this confidence', share)
    .option('--state <state>', words.state.join(' or '), oneOf(words.state))
    .option('--severity <severity>', words.severity.join(', '), oneOf(words.severity))
    .option('--rule <id>', 'that this rule answered')
    .option('--outcome <state>', `with a recovery that is ${words.outcome.join(', ')}`, oneOf(words.outcome))
    .option('--verdict <verdict>', `judged ${words.verdict.join(', ')}`, oneOf(words.verdict))
    .option('--text <words>', 'with these words in sentence, id or parameters; fric* is the beginning of one');

/** Filters of the time line: those of the list that more than anomalies have. */
export const withTimeLineFilters = (command: Command): Command =>
  command
    .option('--since <time>', 'at or after: 2h, 30d (back from now), 2026-03-01, or 2026-03-01T04:12:08Z')
    .option('--until <time>', 'before; the same forms')
    .option('--equipment <id...>', 'of one of these equipments')
    .option('--fault <class...>', 'anomalies of one of these fault classes')
    .option('--severity <severity>', words.severity.join(', '), oneOf(words.severity))
    .option('--rule <id>', 'actions of this rule')
    .option('--text <words>', 'with all of these words');

/** `minConfidence` is `--min-confidence`. */
const flagOf = (filter: string): string => `--${filter.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;

/** @param now wall clock, milliseconds. @throws FdirError `usage` for what nothing can pass. */
export const filterOf = (options: FilterOptions, now: number): LogFilter => {
  const given = FILTERS.map((name) => [name, options[name]] as const);
  return readLogFilter(Object.fromEntries(given), now, flagOf);
};
