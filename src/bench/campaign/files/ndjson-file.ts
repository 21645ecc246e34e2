/** Lines of JSON as programs write them; Python's has words for what is no number. */
import type { Random } from '../../../core/random';
import { BAD_TIMES, COUNTS, DATES, happens, oneOf, writeValue } from './written-cells';
import { PARAMETERS, type WrittenText } from './written-text';

/** A text as it is written, and as strict JSON has it. */
interface Written {
  readonly written: string;
  readonly strict: string;
}
const same = (written: string): Written => ({ written, strict: written });

/** Lines that are no frame. */
const BROKEN = ['{"time":', '{}', '[]x', 'null', '17', '{"values":{"batt_v":1}}', '{"time":"x"}', '"text"'] as const;

const valueOf = (random: Random): Written => {
  switch (random.int(12)) {
    case 0:
      return same(JSON.stringify(writeValue(random, '.').text));
    case 1:
      return same(oneOf(random, ['true', 'false', 'null']));
    case 2:
      return { written: 'NaN', strict: 'null' };
    case 3:
      return { written: oneOf(random, ['Infinity', '1e999']), strict: '1e999' };
    case 4:
      return { written: '-Infinity', strict: '-1e999' };
    case 5:
      return same(oneOf(random, ['{}', '[1]', '{"a":7}', '""', '" "', '"x NaN"']));
    default:
      return same(JSON.stringify(Number((100 * random.normal()).toPrecision(1 + random.int(15)))));
  }
};

const joined = (parts: readonly Written[], [open, close]: readonly [string, string]): Written => ({
  written: `${open}${parts.map(({ written }) => written).join(', ')}${close}`,
  strict: `${open}${parts.map(({ strict }) => strict).join(',')}${close}`,
});

export const writeNdjson = (random: Random, instants: readonly number[]): WrittenText => {
  const times = new Map<string, number | 'malformed' | 'past'>();
  const timeForm = oneOf(random, happens(random, 0.6) ? DATES : COUNTS);
  const isQuoted = timeForm(0).includes(':') || happens(random, 0.2);
  const wrong = happens(random, 0.3) ? 0.05 : 0;
  const names = [...PARAMETERS, 'note', '__proto__'];

  const frame = (instant: number): Written => {
    const [bad, reason] = oneOf(random, BAD_TIMES);
    const isBad = happens(random, wrong);
    const time = isBad ? bad : timeForm(instant);
    times.set(time, isBad ? reason : instant);
    const values = names
      .filter(() => happens(random, 0.5))
      .map((name) => {
        const { written, strict } = valueOf(random);
        return { written: `"${name}": ${written}`, strict: `"${name}":${strict}` };
      });
    const head = `"time": ${isBad || isQuoted ? JSON.stringify(time) : time}, "values": `;
    const inner = joined(values, ['{', '}']);
    return { written: `{${head}${inner.written}}`, strict: `{${head}${inner.strict}}` };
  };
  const lines = instants.flatMap((instant, index): Written[] => {
    // The first line shows what the file is.
    const isFirst = index === 0;
    const line =
      !isFirst && happens(random, 0.05) ? joined([frame(instant), frame(instant)], ['[', ']']) : frame(instant);
    const more = !isFirst && happens(random, wrong) ? [same(oneOf(random, BROKEN))] : [];
    return [...more, line, ...(happens(random, 0.02) ? [same('')] : [])];
  });
  const textOf = (side: keyof Written): string => lines.map((line) => line[side]).join('\n');
  return { text: textOf('written'), plain: textOf('strict'), separator: undefined, decimal: '.', times };
};
