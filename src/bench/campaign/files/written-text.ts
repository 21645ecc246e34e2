/** What a recording of the campaign holds, before it is encoded. */

export const PARAMETERS = ['batt_v', 'temp_c', 'rw1.speed', 'mode-1'] as const;

/** What is written down, and what an independent reader needs to know of it. */
export interface WrittenText {
  readonly text: string;
  /** The same for a parser that knows the grammar and nothing of exporters: from the header on, or strict JSON. */
  readonly plain: string;
  /** Undefined: NDJSON. */
  readonly separator: string | undefined;
  readonly decimal: '.' | ',';
  /** Each time as it is written: milliseconds, or the reason by which its record is dropped. */
  readonly times: ReadonlyMap<string, number | 'malformed' | 'past'>;
}
