/** Entries that read the same bits twice, as far as places and sizes are fixed. Both are read as they say: a warning. */
import type { Container, DataEncoding, DataType, Dimension, Entry } from './model';

const fixedSize = (encoding: DataEncoding | undefined): number | undefined => {
  if (encoding === undefined) return undefined;
  if (encoding.kind === 'integer' || encoding.kind === 'float') return encoding.bits;
  return encoding.size.kind === 'fixed' ? encoding.size.bits : undefined;
};

const elements = (dimensions: readonly Dimension[]): number | undefined =>
  dimensions.reduce<number | undefined>((count, { first, last }) => {
    if (count === undefined || first.kind !== 'fixed' || last.kind !== 'fixed') return undefined;
    return count * Math.max(0, last.value - first.value + 1);
  }, 1);

const sizeOfType = (type: DataType, dimensions?: readonly Dimension[]): number | undefined => {
  if (type.kind === 'aggregate') {
    return type.members.reduce<number | undefined>((sum, member) => {
      const size = sizeOfType(member.type);
      return sum === undefined || size === undefined ? undefined : sum + size;
    }, 0);
  }
  if (type.kind !== 'array') return fixedSize(type.encoding);
  const count = elements(dimensions ?? type.dimensions);
  const size = sizeOfType(type.element);
  return count === undefined || size === undefined ? undefined : count * size;
};

const sizeOfEntry = (entry: Entry): number | undefined => {
  switch (entry.kind) {
    case 'parameter':
      return sizeOfType(entry.parameter.type, entry.dimensions);
    case 'argument':
      return sizeOfType(entry.argument.type, entry.dimensions);
    case 'fixed':
      return entry.bits;
    case 'container':
      return entry.container.sizeBits;
  }
};

interface Placement {
  readonly entry: Entry;
  /** The container that has the entry: the one that is asked about, or one that it extends. */
  readonly of: Container;
  readonly start: number;
  readonly end: number;
}

/** Where an entry begins behind one that ended at `after`, undefined when that is not fixed. */
const startOf = ({ location }: Entry, after: number | undefined): number | undefined => {
  if (location === undefined) return after;
  if (location.offset.kind !== 'fixed' || location.from === 'containerEnd') return undefined;
  if (location.from === 'containerStart') return location.offset.value;
  return after === undefined ? undefined : after + location.offset.value;
};

/** The chain of containers that `container` extends, the outermost first, itself last. */
export const chainOf = (container: Container): readonly Container[] =>
  container.base === undefined ? [container] : [...chainOf(container.base.container), container];

const nameOf = (entry: Entry): string => {
  switch (entry.kind) {
    case 'parameter':
      return entry.parameter.name;
    case 'argument':
      return entry.argument.name;
    case 'container':
      return entry.container.name;
    case 'fixed':
      return entry.name ?? 'a fixed value';
  }
};

export interface Overlap {
  readonly line: number;
  readonly entry: string;
  readonly message: string;
}

/** Entries whose bits are fixed, of the container and of what it extends, counted from the beginning of the packet. */
export const placementsOf = (container: Container): readonly Placement[] => {
  const placed: Placement[] = [];
  let after: number | undefined = 0;
  for (const of of chainOf(container)) {
    for (const entry of of.entries) {
      if (entry.location?.from === 'containerEnd') continue;
      const start = startOf(entry, after);
      const size = entry.repeat === undefined && entry.include === undefined ? sizeOfEntry(entry) : undefined;
      after = start === undefined || size === undefined ? undefined : start + size;
      if (start !== undefined && after !== undefined) placed.push({ entry, of, start, end: after });
    }
  }
  return placed;
};

/** What the container's own entries read a second time. Entries under a condition are left out: they may exclude each other. */
export const overlapsOf = (container: Container): readonly Overlap[] => {
  const placed: Placement[] = [];
  const overlaps: Overlap[] = [];
  for (const placement of placementsOf(container)) {
    const { entry, of, start, end } = placement;
    const other = of === container ? placed.find((before) => start < before.end && before.start < end) : undefined;
    if (other !== undefined) {
      const message = `reads bits ${String(start)} to ${String(end - 1)}, which ${nameOf(other.entry)} (line ${String(other.entry.line)}) reads as well`;
      overlaps.push({ line: entry.line, entry: nameOf(entry), message });
    }
    if (end > start) placed.push(placement);
  }
  return overlaps;
};
