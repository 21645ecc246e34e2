/** Sizes, counts and offsets to closures. */
import type { XtceCondition, Count, Size, ValueReference } from '../xtce/model';
import type { CompileContext } from './compile-context';
import { compileCondition } from './compile-condition';
import { compileNumberOf } from './compile-reference';
import { stop, type Run } from './values';

type NumberOf = (run: Run) => number | undefined;

interface Dynamic {
  readonly ref: ValueReference;
  readonly slope: number;
  readonly intercept: number;
}

/** Undefined after `stop`. */
const compileDynamic = (context: CompileContext, { ref, slope, intercept }: Dynamic, at: string): NumberOf => {
  const valueOf = compileNumberOf(context, ref);
  return (run) => {
    const value = valueOf(run);
    const result = value === undefined ? NaN : slope * value + intercept;
    if (Number.isSafeInteger(result)) return result;
    stop(
      run,
      'bad-size',
      at,
      `${ref.id} gives ${value === undefined ? 'no number' : `${String(result)}, no whole number`}`,
    );
    return undefined;
  };
};

const compileLookup = (
  context: CompileContext,
  rows: readonly { readonly when: XtceCondition; readonly value: number }[],
  at: string,
): NumberOf => {
  const compiled = rows.map(({ when, value }) => ({ holds: compileCondition(context, when), value }));
  return (run) => {
    const row = compiled.find(({ holds }) => holds(run));
    if (row === undefined) stop(run, 'bad-size', at, 'no row of its DiscreteLookupList fits');
    return row?.value;
  };
};

export const compileCount = (context: CompileContext, count: Count, at: string): NumberOf => {
  switch (count.kind) {
    case 'fixed':
      return () => count.value;
    case 'dynamic':
      return compileDynamic(context, count, at);
    case 'lookup':
      return compileLookup(context, count.rows, at);
  }
};

const notNegative =
  (numberOf: NumberOf, at: string, what: string): NumberOf =>
  (run) => {
    const value = numberOf(run);
    if (value === undefined || value >= 0) return value;
    stop(run, 'bad-size', at, `its ${what} is ${String(value)}, below zero`);
    return undefined;
  };

/** A count that may not be negative. */
export const compilePositive = (context: CompileContext, count: Count, at: string): NumberOf =>
  count.kind === 'fixed' ? () => count.value : notNegative(compileCount(context, count, at), at, 'count');

/** Bits of a value. */
export const compileSize = (context: CompileContext, size: Size, at: string): NumberOf => {
  switch (size.kind) {
    case 'fixed':
      return () => size.bits;
    case 'dynamic':
      return notNegative(compileDynamic(context, size, at), at, 'size');
    case 'lookup':
      return compileLookup(
        context,
        size.rows.map(({ when, bits }) => ({ when, value: bits })),
        at,
      );
  }
};
