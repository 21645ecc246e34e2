/** Separated values as exporters write them. */
import type { Random } from '../../../core/random';
import { BAD_TIMES, COUNTS, DATES, happens, oneOf, writeValue, type TimeForm } from './written-cells';
import { PARAMETERS, type WrittenText } from './written-text';

const NOTES = [
  '',
  'nominal',
  'low, payload on',
  'two\nlines',
  'a ""word""',
  'µ → é',
  '7.9',
  'a;b|c\td',
  '# one',
] as const;
const UNKNOWN = ['note', 'station', ''] as const;
const PREAMBLES = ['# station A', '#', '# written, by; hand', '#time'] as const;

interface Habit {
  readonly separator: string;
  readonly decimal: '.' | ',';
  /** Share of the cells that are quoted although they need not be, and that have blanks around them. */
  readonly quoted: number;
  readonly blanks: number;
  /** Empty cells behind the last column. */
  readonly trailing: string;
  readonly timeForm: TimeForm;
}

const habitOf = (random: Random): Habit => {
  const separator = oneOf(random, [',', ',', ',', ';', ';', '\t', '|']);
  return {
    separator,
    decimal: separator === ';' && happens(random, 0.6) ? ',' : '.',
    quoted: oneOf(random, [0, 0, 0.2, 1]),
    blanks: separator === '\t' ? 0 : oneOf(random, [0, 0, 0.3]),
    trailing: happens(random, 0.15) ? separator : '',
    timeForm: oneOf(random, happens(random, 0.6) ? DATES : COUNTS),
  };
};

const writeCell = (random: Random, { separator, quoted, blanks }: Habit, text: string): string => {
  const isNeeded = /["\n]/.test(text) || text.includes(separator);
  const cell = isNeeded || happens(random, quoted) ? `"${text}"` : text;
  return happens(random, blanks) ? ` ${cell}  ` : cell;
};

const columnsOf = (random: Random): readonly string[] => {
  const known = PARAMETERS.filter(() => happens(random, 0.6));
  const parameters: readonly string[] = known.length === 0 ? [PARAMETERS[0]] : known;
  const unknown = UNKNOWN.filter(() => happens(random, 0.2));
  return [...unknown, ...parameters].toSorted(() => random.uniform() - 0.5);
};

/** Which records are wrong in themselves: none in most files. */
interface Wrong {
  readonly time: number;
  readonly width: number;
}

const isParameter = (name: string): boolean => (PARAMETERS as readonly string[]).includes(name);

/** Lines before the header; what stands there is told, and no record. */
const preambleOf = (random: Random, { separator }: Habit, isNamed: boolean): readonly string[] => {
  if (happens(random, 0.7)) return [];
  const lines: string[] = Array.from({ length: 1 + random.int(3) }, () => oneOf(random, PREAMBLES));
  if (isNamed && happens(random, 0.3)) lines.push('Export of station A');
  return separator === ';' && happens(random, 0.3) ? ['sep=;', ...lines] : lines;
};

export const writeCsv = (random: Random, instants: readonly number[]): WrittenText => {
  const habit = habitOf(random);
  const { separator, decimal, trailing, timeForm } = habit;
  const columns = columnsOf(random);
  const times = new Map<string, number | 'malformed' | 'past'>();
  const wrong: Wrong = happens(random, 0.3) ? { time: 0.05, width: 0.05 } : { time: 0, width: 0 };
  const isNamed = wrong.time > 0 || happens(random, 0.8);
  const timeName = isNamed ? oneOf(random, ['time', 'Time', 'TIME']) : oneOf(random, ['Timestamp', 'date', 'UTC', 't']);
  const record = (instant: number): string => {
    const [bad, reason] = oneOf(random, BAD_TIMES);
    const isBad = happens(random, wrong.time);
    const time = isBad
      ? bad
      : timeForm(instant).replace('.', decimal === ',' && !timeForm(instant).includes(':') ? ',' : '.');
    times.set(time, isBad ? reason : instant);
    const cells = columns.map((name) => {
      const text = isParameter(name) ? writeValue(random, decimal).text : oneOf(random, NOTES);
      return writeCell(random, habit, text);
    });
    const whole = [writeCell(random, { ...habit, blanks: 0 }, time), ...cells];
    if (!happens(random, wrong.width)) return whole.join(separator) + trailing;
    return happens(random, 0.5) ? [...whole, '', '5'].join(separator) : whole.slice(0, -1).join(separator);
  };
  const header = [timeName, ...columns].map((name) => writeCell(random, { ...habit, blanks: 0 }, name)).join(separator);
  const body = instants.flatMap((instant) => [
    ...(happens(random, 0.02) ? [oneOf(random, ['', '# a comment'])] : []),
    record(instant),
  ]);
  const plain = [header + trailing, ...body].join('\n');
  const text = [...preambleOf(random, habit, isNamed), plain].join('\n');
  return { text, plain, separator, decimal, times };
};
