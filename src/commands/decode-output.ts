/** What `fdir decode` writes of one packet, and of all of them. */
import { csvLine } from '../core/csv';
import { pairJson, valueText } from '../packets/decode/value-text';
import type { DecodedPacket, DecodeProblemCode, DecodedValue } from '../packets/decode/values';
import type { StreamProblem } from '../packets/stream/packet-problem';
import type { StreamCounts } from '../packets/stream/stream-counts';
import type { SpacePacket } from '../packets/stream/space-packet';

export interface ShownPacket {
  /** Number of the packet in the file, from 1. */
  readonly number: number;
  readonly packet: SpacePacket;
  readonly decoded: DecodedPacket;
  /** ISO 8601, or null when the packet has no time that is known. */
  readonly time: string | null;
}

/** These leave the values that were read as they are. */
const WARNINGS: ReadonlySet<DecodeProblemCode> = new Set(['unread-bits', 'ambiguous']);
export const isFaulty = ({ problems }: DecodedPacket): boolean => problems.some(({ code }) => !WARNINGS.has(code));

const grouped = (values: readonly DecodedValue[]): ReadonlyMap<string, readonly DecodedValue[]> => {
  const byId = new Map<string, DecodedValue[]>();
  for (const value of values) {
    const known = byId.get(value.field.id);
    if (known === undefined) byId.set(value.field.id, [value]);
    else known.push(value);
  }
  return byId;
};

/** One line of NDJSON. A parameter that the packet holds several times has all of them under `repeated`, the last in `values`. */
export const packetJson = ({ number, packet, decoded, time }: ShownPacket): string => {
  const byId = [...grouped(decoded.values)];
  const last = byId.map(
    ([id, values]) => `${JSON.stringify(id)}: ${pairJson(values.at(-1) ?? values[0] ?? neverEmpty())}`,
  );
  const repeated = byId.filter(([, values]) => values.length > 1);
  const invalid = decoded.values.flatMap(({ field, valid, reason }) => (valid ? [] : [[field.id, reason] as const]));
  const parts = [
    `"packet": ${String(number)}`,
    `"apid": ${String(packet.apid)}`,
    `"sequence": ${String(packet.sequence)}`,
    `"time": ${JSON.stringify(time)}`,
    `"container": ${JSON.stringify(decoded.container.id)}`,
    `"bytes": ${String(packet.bytes.length)}`,
    ...(packet.segments > 1 ? [`"segments": ${String(packet.segments)}`] : []),
    ...(decoded.problems.length === 0 ? [] : [`"problems": ${JSON.stringify(decoded.problems)}`]),
    ...(invalid.length === 0 ? [] : [`"invalid": ${JSON.stringify(Object.fromEntries(invalid))}`]),
    `"values": {${last.join(', ')}}`,
    ...(repeated.length === 0
      ? []
      : [
          `"repeated": {${repeated.map(([id, values]) => `${JSON.stringify(id)}: [${values.map(pairJson).join(', ')}]`).join(', ')}}`,
        ]),
  ];
  return `{${parts.join(', ')}}`;
};

const neverEmpty = (): never => {
  throw new Error('a group of values is empty');
};

/** Several lines for people. */
export const packetText = ({ number, packet, decoded, time }: ShownPacket): string => {
  const head = [
    `packet ${String(number)}`,
    `APID ${String(packet.apid)}`,
    `sequence ${String(packet.sequence)}`,
    time ?? 'no time',
    decoded.container.id,
    `${String(packet.bytes.length)} bytes`,
  ].join('  ');
  const width = Math.max(0, ...decoded.values.map(({ field }) => field.id.length));
  const lines = decoded.values.map((value) => {
    const { field, valid, reason } = value;
    const units = field.type.units === undefined ? '' : ` ${field.type.units}`;
    return `  ${field.id.padEnd(width)}  ${valueText(value)}${units}${valid ? '' : `  (${reason ?? 'not valid'})`}`;
  });
  const problems = decoded.problems.map(
    ({ code, at, bit, message }) => `  ${code} at bit ${String(bit)}, ${at}: ${message}`,
  );
  return [head, ...lines, ...problems].join('\n');
};

/** A row of a pass: time and engineering values; what is not valid is left empty. */
export const packetCsv = ({ decoded, time }: ShownPacket, columns: readonly string[]): string => {
  const byId = new Map(decoded.values.map((value) => [value.field.id, value]));
  const cells = columns.map((id) => {
    const found = byId.get(id);
    if (found?.valid !== true) return null;
    return typeof found.value === 'number' && found.field.type.kind !== 'absolute-time'
      ? found.value
      : valueText(found);
  });
  return csvLine([time, ...cells]).trimEnd();
};

/** What was met in the part of the file that was read. */
export class DecodeTotals {
  #packets = 0;
  #errors = 0;
  #bytes = 0;
  #lostBytes = 0;
  #missing = 0;
  readonly #byApid = new Map<number, number>();
  readonly #problems = new Map<string, number>();

  get packets(): number {
    return this.#packets;
  }

  #note(code: string): void {
    this.#problems.set(code, (this.#problems.get(code) ?? 0) + 1);
  }

  problem(problem: StreamProblem): void {
    const { code, lost = 0 } = problem;
    this.#note(code);
    if (code === 'gap') this.#missing += lost;
    else if (code === 'lost-sync' || code === 'truncated') this.#lostBytes += lost;
    if (code !== 'gap' && code !== 'lost-sync') this.#errors += 1;
  }

  packet(packet: SpacePacket): void {
    this.#packets += 1;
    this.#bytes = packet.offset + packet.bytes.length;
    this.#byApid.set(packet.apid, (this.#byApid.get(packet.apid) ?? 0) + 1);
  }

  decoded(decoded: DecodedPacket): void {
    if (isFaulty(decoded)) this.#errors += 1;
    for (const { code } of decoded.problems) this.#note(code);
  }

  /** The last line of NDJSON; `counts` when the whole file was read. */
  summary(counts: StreamCounts | undefined): object {
    return {
      type: 'summary',
      packets: this.#packets,
      bytes: counts?.bytes ?? this.#bytes,
      byApid: Object.fromEntries(
        [...this.#byApid].sort(([a], [b]) => a - b).map(([apid, count]) => [String(apid), count]),
      ),
      gaps: this.#problems.get('gap') ?? 0,
      skippedBytes: this.#lostBytes,
      errors: this.#errors,
      missing: this.#missing,
      idle: counts?.idle ?? 0,
      problems: Object.fromEntries(this.#problems),
    };
  }
}
