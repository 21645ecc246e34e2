/** Shortens a published record until it fits what a broker takes; the log keeps all of it. */

interface ShortenedRecord {
  readonly payload: string;
  /** What was left out, in the order of leaving it out. */
  readonly leftOut: readonly string[];
}

type Document = Record<string, unknown>;

const isDocument = (value: unknown): value is Document =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** What a reader misses least comes first. Each keeps the shape of the record. */
const CUTS: readonly { readonly name: string; readonly cut: (record: Document) => Document | undefined }[] = [
  {
    name: 'freezeFrame.surroundings',
    cut: ({ freezeFrame, ...rest }) => {
      if (!isDocument(freezeFrame) || freezeFrame['surroundings'] === undefined) return undefined;
      const { surroundings: _surroundings, ...frame } = freezeFrame;
      return { ...rest, freezeFrame: frame };
    },
  },
  {
    name: 'freezeFrame',
    cut: ({ freezeFrame, ...rest }) =>
      isDocument(freezeFrame)
        ? { ...rest, freezeFrame: { ...freezeFrame, parameters: {}, reconstruction: {}, expected: {} } }
        : undefined,
  },
  {
    name: 'conceptogram',
    cut: (record) => (Array.isArray(record['conceptogram']) ? { ...record, conceptogram: [] } : undefined),
  },
  { name: 'trace', cut: (record) => (Array.isArray(record['trace']) ? { ...record, trace: [] } : undefined) },
  {
    name: 'attribution',
    cut: (record) =>
      Array.isArray(record['attribution']) ? { ...record, attribution: record['attribution'].slice(0, 1) } : undefined,
  },
];

/**
 * @param payload a JSON document.
 * @param maxBytes of it, UTF-8.
 * @returns undefined when it cannot be made to fit. A shortened record names in `shortened` what it lacks.
 */
export const shortenRecord = (payload: string, maxBytes: number): ShortenedRecord | undefined => {
  if (Buffer.byteLength(payload) <= maxBytes) return { payload, leftOut: [] };
  let record: unknown;
  try {
    record = JSON.parse(payload);
  } catch {
    return undefined;
  }
  const leftOut: string[] = [];
  for (const { name, cut } of CUTS) {
    const shorter = isDocument(record) ? cut(record) : undefined;
    if (shorter === undefined) continue;
    leftOut.push(name);
    record = { ...shorter, shortened: leftOut };
    const text = JSON.stringify(record);
    if (Buffer.byteLength(text) <= maxBytes) return { payload: text, leftOut };
  }
  return undefined;
};
