/**
 * From the payload of one telemetry message to partial frames. A payload is a frame, an array of frames, a bare number or `{time,
 * value}`. Never throws: what cannot be used is a drop with its reason, the rest is used.
 */
import type { DropReason } from '../../domain/drops';
import type { PartialFrame } from '../../domain/telemetry';
import { readCell, type MissingValues } from './cell';
import { excerpt, shown, type Drop } from './drop';
import { LATEST_TIME, parseTime, timeReason, type TimeUnit } from './packet-time';

export interface DecodeOptions {
  /** The mission's parameters; a value of any other is dropped. */
  readonly parameters: ReadonlySet<string>;
  /** Named by the topic; the payload is then a number or `{time, value}`. */
  readonly parameter?: string;
  /** Larger payloads are not read. */
  readonly maxBytes: number;
  /** Wall clock, milliseconds: the time of a bare number. Without it a bare number is malformed. */
  readonly now?: number;
  /** False: the payload may be old, and when a bare number was measured is not known. Default: true. */
  readonly isLive?: boolean;
  /** Latest believable time, milliseconds; on packet time alone the end of the calendar. */
  readonly latest?: number;
  /** What stands for a missing sample besides the usual words. */
  readonly missing?: MissingValues | undefined;
  /** What a numeric time counts; seconds when left out. */
  readonly unit?: TimeUnit;
}

export interface DecodedMessage {
  readonly frames: readonly PartialFrame[];
  readonly drops: readonly Drop[];
}

/** Drops of one message that are told one by one; the others are counted together, so that garbage cannot make us hold much. */
const TOLD_DROPS = 100;
/** Past the largest double, so that it parses to an infinity and is counted as `not-finite`. */
const NOT_FINITE = '1e999';

type JsonObject = Readonly<Record<string, unknown>>;

const isObject = (value: unknown): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const utf8 = new TextDecoder('utf-8', { fatal: true });

/** Python's json.dumps writes bare NaN and Infinity, which JSON has not. NaN is a missing sample, and an infinity costs its value. */
const parseLenient = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch (error) {
    if (!/NaN|Infinity/.test(text)) throw error;
    // A string, even an unterminated one, is taken as a whole: nothing inside it is replaced, and the scan stays linear.
    return JSON.parse(
      text.replace(/"(?:[^"\\]|\\.)*(?:"|$)|-?\bInfinity\b|\bNaN\b/gs, (token) =>
        token.startsWith('"') ? token : token === 'NaN' ? 'null' : NOT_FINITE,
      ),
    );
  }
};

class Decoder {
  private readonly frames: PartialFrame[] = [];
  private readonly drops: Drop[] = [];
  private readonly untold = new Map<DropReason, number>();

  constructor(private readonly options: DecodeOptions) {}

  drop(reason: DropReason, message: string, parameter?: string): void {
    const drop = parameter === undefined ? { reason, message } : { reason, message, parameter };
    if (this.drops.length < TOLD_DROPS) this.drops.push(drop);
    else this.untold.set(reason, (this.untold.get(reason) ?? 0) + 1);
  }

  result(): DecodedMessage {
    const rest = [...this.untold].map(([reason, count]) => ({
      reason,
      count,
      message: `${String(count)} more of the message`,
    }));
    return { frames: this.frames, drops: [...this.drops, ...rest] };
  }

  /** Takes a number, a truth value as 1 or 0, and text that is a number; what is missing is no drop. */
  private value(values: Record<string, number>, parameter: string, value: unknown): void {
    if (!this.options.parameters.has(parameter)) {
      this.drop('unknown-parameter', `no parameter "${excerpt(parameter)}" in the mission`);
      return;
    }
    const read = this.read(value);
    if (read === 'missing') return;
    if (read === 'text') this.drop('malformed', `"${parameter}" is not a number: ${shown(value)}`, parameter);
    else if (!Number.isFinite(read)) this.drop('not-finite', `"${parameter}" is not finite`, parameter);
    // Only names of the mission get here, and those are no `__proto__`.
    else values[parameter] = read;
  }

  private read(value: unknown): number | 'missing' | 'text' {
    if (value === null) return 'missing';
    if (typeof value === 'boolean') return value ? 1 : 0;
    if (typeof value === 'string') return readCell(value, this.options.missing);
    if (typeof value !== 'number') return 'text';
    return this.options.missing?.numbers.has(value) === true ? 'missing' : value;
  }

  private push(time: number, values: Record<string, number>): void {
    const reason = timeReason(time, this.options.latest ?? LATEST_TIME);
    if (reason === undefined) this.frames.push({ time, values });
    else this.drop(reason, `time ${String(time / 1000)} s is in the ${reason}`);
  }

  frame(item: unknown): void {
    if (!isObject(item) || !isObject(item['values'])) {
      this.drop('malformed', `not a frame {"time", "values"}: ${shown(item)}`);
      return;
    }
    const time = parseTime(item['time'], this.options.unit);
    if (time === undefined) {
      this.drop('malformed', `not a time: ${shown(item['time'])}`);
      return;
    }
    const values: Record<string, number> = {};
    for (const [parameter, value] of Object.entries(item['values'])) this.value(values, parameter, value);
    this.push(time, values);
  }

  sample(parameter: string, item: unknown): void {
    const time = isObject(item) ? parseTime(item['time']) : this.options.now;
    const value = isObject(item) ? item['value'] : item;
    if (time === undefined || value === undefined) {
      this.drop('malformed', `not a value of "${excerpt(parameter)}": ${shown(item)}`);
      return;
    }
    if (!isObject(item) && this.options.isLive === false) {
      this.drop('not-live', `a number of "${excerpt(parameter)}" waited at the broker: give it a time`);
      return;
    }
    const values: Record<string, number> = {};
    this.value(values, parameter, value);
    if (Object.keys(values).length > 0) this.push(time, values);
  }
}

/** Decodes one payload; see the file comment for its forms. */
export const decodeTelemetry = (payload: string | Uint8Array, options: DecodeOptions): DecodedMessage => {
  const decoder = new Decoder(options);
  if (payload.length > options.maxBytes) {
    decoder.drop(
      'oversized',
      `${String(payload.length)} bytes, more than the ${String(options.maxBytes)} that are read`,
    );
    return decoder.result();
  }
  let content: unknown;
  try {
    content = parseLenient(typeof payload === 'string' ? payload : utf8.decode(payload));
  } catch {
    const text = typeof payload === 'string' ? payload : new TextDecoder().decode(payload.subarray(0, 240));
    decoder.drop('malformed', `not JSON: ${excerpt(text)}`);
    return decoder.result();
  }
  if (options.parameter !== undefined) decoder.sample(options.parameter, content);
  else if (Array.isArray(content)) for (const item of content) decoder.frame(item);
  else decoder.frame(content);
  return decoder.result();
};
