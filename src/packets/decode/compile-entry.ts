/** Entries of containers to steps: scalars, aggregates, arrays, nested containers, with location, condition and repetition. */
import { isScalar } from '../xtce/read-value';
import type { DataType, Dimension, Entry, ScalarType } from '../xtce/model';
import { readUnsigned } from './bits';
import { compileCondition } from './compile-condition';
import type { CompileContext, Owner } from './compile-context';
import { compileEngineering } from './compile-engineering';
import { compileRaw } from './compile-raw';
import { compileCount, compilePositive } from './compile-size';
import { stop, type DecodedValue, type Run, type Step } from './values';

/** Compiles a container that an entry nests; given by the container compiler, which this file may not import. */
export type CompileNested = (container: Extract<Entry, { kind: 'container' }>['container']) => Step;

const compileScalar = (context: CompileContext, id: string, type: ScalarType, owner: Owner): Step => {
  const { encoding } = type;
  if (encoding === undefined) return (run) => stop(run, 'refused', id, `the type ${type.path} has no data encoding`);
  const field = context.field(id, type, owner);
  const raw = compileRaw(context, encoding, id);
  const { engineer, judge, isPlain } = compileEngineering(context, type);
  // Known once everything is compiled: what refers to this field may come after it.
  let slot: number | undefined | 'unknown' = 'unknown';
  const keep = (run: Run, decoded: DecodedValue): void => {
    run.values.push(decoded);
    if (slot === 'unknown') slot = context.slotFor(id);
    if (slot !== undefined) run.latest[slot] = decoded;
  };
  return (run) => {
    if (run.budget <= 0) return stop(run, 'limit', id, 'more values than the limit allows');
    run.budget -= 1;
    const start = run.position;
    const value = raw.read(run);
    if (value === undefined) return false;
    const bits = raw.bitsOf();
    run.position = start + bits;
    if (run.position > run.bitsUsed) run.bitsUsed = run.position;
    if (isPlain) {
      keep(run, { field, raw: value ?? '', value, valid: true, reason: undefined, start, bits });
      return true;
    }
    const engineering = engineer(value, run);
    const reason = judge(value, engineering);
    keep(run, {
      field,
      raw: value ?? '',
      value: engineering,
      valid: reason === undefined,
      reason,
      start,
      bits,
    });
    return true;
  };
};

interface CompiledElement {
  readonly id: string;
  readonly type: DataType;
  readonly owner: Owner;
  readonly dimensions?: readonly Dimension[] | undefined;
}

/** Elements whose steps are kept; the steps of further ones are made anew. */
const MAX_CACHED_ELEMENTS = 20_000;

/** Suffixes of every element of fixed dimensions, as far as they are kept. */
const suffixesOf = (dimensions: readonly Dimension[]): readonly string[] =>
  dimensions.reduce<readonly string[]>(
    (before, { first, last }) => {
      if (first.kind !== 'fixed' || last.kind !== 'fixed') return before;
      const count = Math.max(0, Math.min(last.value - first.value + 1, MAX_CACHED_ELEMENTS));
      const from = first.value;
      return before
        .flatMap((prefix) => Array.from({ length: count }, (_, index) => `${prefix}[${String(from + index)}]`))
        .slice(0, MAX_CACHED_ELEMENTS);
    },
    [''],
  );

const compileArray = (context: CompileContext, { id, type, owner, dimensions }: CompiledElement): Step => {
  if (type.kind !== 'array') return () => true;
  const bounds = (dimensions ?? type.dimensions).map(({ first, last }) => ({
    first: compileCount(context, first, id),
    last: compileCount(context, last, id),
  }));
  const cached = new Map<string, Step>();
  const elementAt = (suffix: string): Step => {
    const known = cached.get(suffix);
    if (known !== undefined) return known;
    const step = compileValue(context, { id: `${id}${suffix}`, type: type.element, owner });
    if (cached.size < MAX_CACHED_ELEMENTS) cached.set(suffix, step);
    return step;
  };
  // Known elements are compiled at once, so that all fields and references are known before the first packet.
  const isFixed = (dimensions ?? type.dimensions).every(
    ({ first, last }) => first.kind === 'fixed' && last.kind === 'fixed',
  );
  const known = isFixed ? suffixesOf(dimensions ?? type.dimensions) : ['[0]'.repeat(bounds.length)];
  known.slice(0, MAX_CACHED_ELEMENTS).forEach(elementAt);
  const readFrom = (run: Run, depth: number, suffix: string): boolean => {
    const bound = bounds[depth];
    if (bound === undefined) return elementAt(suffix)(run);
    const first = bound.first(run);
    const last = bound.last(run);
    if (first === undefined || last === undefined) return false;
    if (first < 0 || last < first - 1) {
      return stop(run, 'bad-size', id, `its indices go from ${String(first)} to ${String(last)}`);
    }
    if (last - first >= run.budget)
      return stop(run, 'limit', id, `${String(last - first + 1)} elements are more than the limit allows`);
    for (let index = first; index <= last; index += 1) {
      if (!readFrom(run, depth + 1, `${suffix}[${String(index)}]`)) return false;
    }
    return true;
  };
  return (run) => readFrom(run, 0, '');
};

const compileValue = (context: CompileContext, compiled: CompiledElement): Step => {
  const { id, type, owner } = compiled;
  if (isScalar(type)) return compileScalar(context, id, type, owner);
  if (type.kind === 'array') return compileArray(context, compiled);
  const members = type.members.map((member) =>
    compileValue(context, { id: `${id}.${member.name}`, type: member.type, owner }),
  );
  return (run) => members.every((member) => member(run));
};

const MAX_FIXED_CHUNK = 32;

/** Sequence count and length in the primary header (133.0-B-2, 4.1.3.4.3 and 4.1.3.5). */
export const COUNTED = { first: 18, end: 48 };

/**
 * A fixed value must be what the entry says; if it is not, the packet is another command. Sequence count and length are the sender's,
 * whatever a definition fixes them to.
 */
const compileFixed =
  ({ bits, bytes, name }: Extract<Entry, { kind: 'fixed' }>): Step =>
  (run) => {
    if (run.position + bits > run.endBits)
      return stop(run, 'truncated', name ?? 'fixed value', `${String(bits)} bits are needed`);
    // Of more digits than bits, the last bits count.
    const skip = bytes.length * 8 - bits;
    const isCounted = run.position >= COUNTED.first && run.position + bits <= COUNTED.end;
    for (let done = 0; done < bits && !isCounted; done += MAX_FIXED_CHUNK) {
      const size = Math.min(MAX_FIXED_CHUNK, bits - done);
      if (readUnsigned(run.bytes, run.position + done, size) !== readUnsigned(bytes, skip + done, size)) {
        run.mismatch = true;
        return false;
      }
    }
    run.position += bits;
    if (run.position > run.bitsUsed) run.bitsUsed = run.position;
    return true;
  };

const compileContent = (context: CompileContext, entry: Entry, nested: CompileNested): Step => {
  switch (entry.kind) {
    case 'parameter': {
      const { parameter, dimensions } = entry;
      return compileValue(context, { id: parameter.id, type: parameter.type, owner: { parameter }, dimensions });
    }
    case 'argument': {
      const { argument, dimensions } = entry;
      return compileValue(context, { id: argument.id, type: argument.type, owner: { argument }, dimensions });
    }
    case 'fixed':
      return compileFixed(entry);
    case 'container':
      return nested(entry.container);
  }
};

export const entryName = (entry: Entry): string => {
  switch (entry.kind) {
    case 'parameter':
      return entry.parameter.id;
    case 'argument':
      return entry.argument.id;
    case 'container':
      return entry.container.id;
    case 'fixed':
      return entry.name ?? 'fixed value';
  }
};

const compileRepeat = (context: CompileContext, step: Step, entry: Entry, at: string): Step => {
  if (entry.repeat === undefined) return step;
  const { count, gap } = entry.repeat;
  const countOf = compilePositive(context, count, at);
  const gapOf = gap === undefined ? undefined : compilePositive(context, gap, at);
  return (run) => {
    const times = countOf(run);
    if (times === undefined) return false;
    if (times > run.budget)
      return stop(run, 'limit', at, `${String(times)} repetitions are more than the limit allows`);
    for (let index = 0; index < times; index += 1) {
      const between = index === 0 ? 0 : gapOf === undefined ? 0 : gapOf(run);
      if (between === undefined) return false;
      run.position += between;
      // A container without entries reads nothing: its repetitions count all the same.
      run.budget -= 1;
      if (run.budget < 0) return stop(run, 'limit', at, 'more repetitions than the limit allows');
      if (!step(run)) return false;
    }
    return true;
  };
};

const compileLocation = (context: CompileContext, entry: Entry, at: string): Step | undefined => {
  if (entry.location === undefined) return undefined;
  const { from, offset } = entry.location;
  const offsetOf = compileCount(context, offset, at);
  return (run) => {
    const bits = offsetOf(run);
    if (bits === undefined) return false;
    // An offset of 0 from the end stands for the place behind the last entry.
    const isBehindLast = from === 'containerEnd' && bits === 0;
    const position =
      from === 'containerStart'
        ? run.containerStart + bits
        : from === 'containerEnd' && !isBehindLast
          ? (run.containerEnd ?? run.endBits) - bits
          : run.position + bits;
    if (position < run.containerStart || position > run.endBits) {
      return stop(run, 'bad-size', at, `its place at bit ${String(position)} is outside the packet`);
    }
    run.position = position;
    return true;
  };
};

export const compileEntry = (context: CompileContext, entry: Entry, nested: CompileNested): Step => {
  const at = entryName(entry);
  const move = compileLocation(context, entry, at);
  const step = compileRepeat(context, compileContent(context, entry, nested), entry, at);
  const placed: Step = move === undefined ? step : (run) => move(run) && step(run);
  if (entry.include === undefined) return placed;
  const holds = compileCondition(context, entry.include);
  return (run) => !holds(run) || placed(run);
};
