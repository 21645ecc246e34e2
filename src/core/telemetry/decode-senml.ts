/** SenML packs (RFC 8428) to partial frames: base fields resolved, times absolute. The pack is parsed already, from JSON or CBOR. */
import { senmlRecordSchema, type SenmlRecord } from '../../domain/senml';
import type { PartialFrame } from '../../domain/telemetry';
import { excerpt, shown, type Drop } from './drop';
import { LATEST_TIME, timeReason } from './packet-time';

export interface SenmlOptions {
  readonly parameters: ReadonlySet<string>;
  /** Wall clock, milliseconds: what relative times count from. */
  readonly now: number;
  /** Latest believable time, milliseconds. Default: any. */
  readonly latest?: number;
}

export interface DecodedSenml {
  readonly frames: readonly PartialFrame[];
  readonly drops: readonly Drop[];
}

/** Version of RFC 8428, section 4.4. */
const MAX_VERSION = 10;
/** Times below are relative to now (RFC 8428, section 4.5.3). */
const RELATIVE_BELOW_S = 2 ** 28;
/** A pack of more is no set of measurements. */
const MAX_RECORDS = 100_000;

/** Labels of CBOR (RFC 8428, section 6). */
const LABELS: Readonly<Record<string, string>> = {
  '-1': 'bver',
  '-2': 'bn',
  '-3': 'bt',
  '-4': 'bu',
  '-5': 'bv',
  '-6': 'bs',
  '0': 'n',
  '1': 'u',
  '2': 'v',
  '3': 'vs',
  '4': 'vb',
  '5': 's',
  '6': 't',
  '7': 'ut',
  '8': 'vd',
};

/** A record of a CBOR pack as one of JSON. */
const named = (item: unknown): unknown => {
  if (!(item instanceof Map)) return item;
  return Object.fromEntries(
    [...(item as Map<unknown, unknown>)].map(([key, value]) => [LABELS[String(key)] ?? String(key), value]),
  );
};

interface Base {
  readonly name: string;
  readonly timeS: number;
  /** Undefined: the pack has none. */
  readonly value: number | undefined;
  readonly version: number;
}

/** The parameter that a resolved name stands for: the whole name, or what follows its last ":" or "/". */
const parameterOf = (name: string, parameters: ReadonlySet<string>): string | undefined =>
  [name, name.slice(Math.max(name.lastIndexOf(':'), name.lastIndexOf('/')) + 1)].find((id) => parameters.has(id));

/** What the record measures; undefined for one that only sets the base, a text for what is no number. */
const measured = ({ v, vb, vs, vd, s }: SenmlRecord, base: Base): number | string | undefined => {
  if (v !== undefined) return v + (base.value ?? 0);
  if (vb !== undefined) return vb ? 1 : 0;
  if (vs !== undefined) return 'is a text';
  if (vd !== undefined) return 'is binary data';
  // A record without a value has that of the base (RFC 8428, section 4.2).
  if (s !== undefined) return 'is a sum without a value';
  return base.value;
};

class Pack {
  private readonly byTime = new Map<number, Record<string, number>>();
  private readonly drops: Drop[] = [];
  private base: Base = { name: '', timeS: 0, value: undefined, version: MAX_VERSION };

  constructor(private readonly options: SenmlOptions) {}

  private drop(reason: Drop['reason'], message: string): void {
    this.drops.push({ reason, message });
  }

  take(item: unknown): void {
    const read = senmlRecordSchema.safeParse(named(item));
    if (!read.success) {
      this.drop('malformed', `not a SenML record: ${shown(item)}`);
      return;
    }
    const record = read.data;
    const { bn, bt, bv, bver } = record;
    this.base = {
      name: bn ?? this.base.name,
      timeS: bt ?? this.base.timeS,
      value: bv ?? this.base.value,
      version: bver ?? this.base.version,
    };
    const mustKnow = Object.keys(record).find((key) => key.endsWith('_'));
    if (mustKnow !== undefined || this.base.version > MAX_VERSION) {
      const what = mustKnow === undefined ? `version ${String(this.base.version)}` : `the field "${excerpt(mustKnow)}"`;
      this.drop('malformed', `SenML record with ${what}, which must be understood and is not (RFC 8428, 4.4)`);
      return;
    }
    this.measure(record, bn !== undefined || bt !== undefined || bv !== undefined || bver !== undefined);
  }

  private measure(record: SenmlRecord, setsBase: boolean): void {
    const value = measured(record, this.base);
    const { n, v, vb } = record;
    // A record that only sets the base measures nothing, unless it has a name or a value of its own.
    const setsOnly = setsBase && n === undefined && v === undefined && vb === undefined && typeof value !== 'string';
    if (value === undefined || setsOnly) {
      if (!setsOnly) this.drop('malformed', `SenML record without a value: ${shown(record)}`);
      return;
    }
    const name = this.base.name + (record.n ?? '');
    const parameter = parameterOf(name, this.options.parameters);
    if (parameter === undefined) this.drop('unknown-parameter', `no parameter "${excerpt(name)}" in the mission`);
    else if (typeof value === 'string') this.drop('malformed', `"${parameter}" ${value}`);
    else if (!Number.isFinite(value)) this.drop('not-finite', `"${parameter}" is not finite`);
    else this.put(parameter, this.base.timeS + (record.t ?? 0), value);
  }

  private put(parameter: string, seconds: number, value: number): void {
    const { now, latest = LATEST_TIME } = this.options;
    const time = Math.round(seconds < RELATIVE_BELOW_S ? now + seconds * 1000 : seconds * 1000);
    const reason = timeReason(time, latest);
    if (reason !== undefined) {
      this.drop(reason, `time ${String(seconds)} s of "${parameter}" is in the ${reason}`);
      return;
    }
    const values = this.byTime.get(time) ?? {};
    if (values[parameter] === undefined) this.byTime.set(time, { ...values, [parameter]: value });
    else this.drop('duplicate', `"${parameter}" comes twice in one pack for one time`);
  }

  result(): DecodedSenml {
    const frames = [...this.byTime].sort(([a], [b]) => a - b).map(([time, values]) => ({ time, values }));
    return { frames, drops: this.drops };
  }
}

/** @param pack the array of records; from CBOR each is a map. */
export const decodeSenml = (pack: unknown, options: SenmlOptions): DecodedSenml => {
  const refused = (drop: Drop): DecodedSenml => ({ frames: [], drops: [drop] });
  if (!Array.isArray(pack)) return refused({ reason: 'malformed', message: `not a SenML pack: ${shown(pack)}` });
  if (pack.length > MAX_RECORDS)
    return refused({ reason: 'oversized', message: `a SenML pack of ${String(pack.length)} records` });
  const reader = new Pack(options);
  for (const item of pack as unknown[]) reader.take(item);
  return reader.result();
};
