/** Filters of the log on the command line: the same for list, export and stats. */
import { InvalidArgumentError, type Command } from 'commander';
import { parseTimeText } from '../../core/packet-time';
import { FdirError } from '../../domain/errors';
import { logFilterSchema, operatorVerdicts, type LogFilter } from '../../domain/log-query';
import { severities } from '../../domain/monitors';
import { recoveryStates } from '../../domain/recovery';
import { isoTime, parseDuration } from '../../domain/units';

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
    .option('--since <time>', 'started at or after: 2h, 30d (back from now), or 2026-03-01T04:12:08Z')
    .option('--until <time>', 'started before; the same forms')
    .option('--spacecraft <name>', 'of this spacecraft')
    .option('--equipment <id...>', 'of one of these equipments')
    .option('--fault <class...>', 'of one of these fault classes')
    .option('--min-confidence <share>', 'at least so sure: 0.8 or 80%', share)
    .option('--max-confidence <share>', 'at most so sure', share)
    .option('--state <state>', 'open or closed', oneOf(['open', 'closed']))
    .option('--severity <severity>', severities.join(', '), oneOf(severities))
    .option('--rule <id>', 'that this rule answered')
    .option('--outcome <state>', `with a recovery that is ${recoveryStates.join(', ')}`, oneOf(recoveryStates))
    .option(
      '--verdict <verdict>',
      `judged ${operatorVerdicts.join(', ')}, or none`,
      oneOf([...operatorVerdicts, 'none']),
    )
    .option('--text <words>', 'with these words in sentence, id or parameters; fric* is the beginning of one');

const timeOf = (option: string, text: string | undefined, now: number): string | undefined => {
  if (text === undefined) return undefined;
  const back = parseDuration(text);
  const time = back === undefined ? parseTimeText(text) : now - back;
  if (time === undefined) {
    throw new FdirError('usage', `${option} "${text}" is no time: give 2h, 30d, or 2026-03-01T04:12:08Z`);
  }
  return isoTime(time);
};

/** @param now wall clock, milliseconds. @throws FdirError `usage` for what nothing can pass. */
export const filterOf = (options: FilterOptions, now: number): LogFilter => {
  const { spacecraft, equipment, fault, minConfidence, maxConfidence, state, severity, rule, outcome, verdict, text } =
    options;
  const times = { since: timeOf('--since', options.since, now), until: timeOf('--until', options.until, now) };
  const given = {
    ...times,
    spacecraft,
    equipment,
    fault,
    minConfidence,
    maxConfidence,
    state,
    severity,
    rule,
    outcome,
    verdict,
    text,
  };
  const read = logFilterSchema.safeParse(
    Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)),
  );
  if (read.success) return read.data;
  throw new FdirError(
    'usage',
    read.error.issues.map(({ path, message }) => `--${path.join('.')}: ${message}`).join('\n'),
  );
};
