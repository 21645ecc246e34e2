/** Absolute and relative times: unit, scale and epoch (XTCE 1.2 AbsoluteTimeDataType, RelativeTimeDataType). */
import type { Reading, Scope } from './context';
import type { ElementReader } from './element-reader';
import type { ScalarType, TimeReference, ValueReference } from './model';
import { readValueReference } from './read-value';

/** Months and years have no fixed length and are refused. */
const UNIT_MS: Readonly<Record<string, number>> = {
  seconds: 1000,
  milliseconds: 1,
  microseconds: 1e-3,
  nanoseconds: 1e-6,
  picoSeconds: 1e-9,
  minutes: 60_000,
  hours: 3_600_000,
  days: 86_400_000,
};

/** TAI and GPS count every second; J2000 is taken as its UTC instant, 2000-01-01T11:58:55.816Z, and counts every second. */
const NAMED_EPOCHS: Readonly<Record<string, TimeReference>> = {
  TAI: { epoch: '1958-01-01T00:00:00.000Z', scale: 'tai' },
  GPS: { epoch: '1980-01-06T00:00:00.000Z', scale: 'tai' },
  J2000: { epoch: '2000-01-01T11:58:55.816Z', scale: 'tai' },
  UNIX: { epoch: '1970-01-01T00:00:00.000Z', scale: 'utc' },
};

/** A date or time of an Epoch; one without a zone is UTC. */
const parseEpoch = (text: string): TimeReference | undefined => {
  const named = NAMED_EPOCHS[text];
  if (named !== undefined) return named;
  const date = /^\d{4}-\d{2}-\d{2}$/.test(text) ? `${text}T00:00:00Z` : text;
  const zoned = /(Z|[+-]\d{2}:\d{2})$/.test(date) ? date : `${date}Z`;
  const ms = /^\d{4}-\d{2}-\d{2}T/.test(zoned) ? Date.parse(zoned) : NaN;
  return Number.isNaN(ms) ? undefined : { epoch: new Date(ms).toISOString(), scale: 'utc' };
};

const readReference = (
  reading: Reading,
  at: ElementReader,
  scope: Scope,
): { reference?: TimeReference; offsetFrom?: ValueReference } => {
  const holder = at.child('ReferenceTime');
  const epochAt = holder?.child('Epoch');
  const offsetAt = holder?.child('OffsetFrom');
  holder?.finish();
  epochAt?.finish();
  if (holder !== undefined && (epochAt === undefined) === (offsetAt === undefined)) {
    holder.refuse('needs an Epoch or an OffsetFrom');
  }
  if (epochAt !== undefined) {
    const reference = parseEpoch(epochAt.text);
    if (reference !== undefined) return { reference };
    epochAt.refuse(`"${epochAt.text}" is no date, time, TAI, GPS, UNIX or J2000`);
  }
  if (offsetAt === undefined) return {};
  const offsetFrom = readValueReference(reading, offsetAt, scope);
  offsetAt.finish();
  if (offsetFrom !== undefined && offsetFrom.type.kind !== 'absolute-time')
    offsetAt.refuse(`${offsetFrom.id} is no absolute time`);
  return offsetFrom === undefined ? {} : { offsetFrom };
};

type TimePart =
  | Pick<
      Extract<ScalarType, { kind: 'absolute-time' }>,
      'kind' | 'reference' | 'offsetFrom' | 'unitMs' | 'scale' | 'offset'
    >
  | Pick<Extract<ScalarType, { kind: 'relative-time' }>, 'kind' | 'unitMs' | 'scale' | 'offset'>;

/** Reads everything of a time type but its data encoding. */
export const readTimeType = (reading: Reading, at: ElementReader, scope: Scope): TimePart => {
  const holder = at.child('Encoding');
  const units = holder?.attribute('units') ?? 'seconds';
  const unitMs = UNIT_MS[units];
  if (unitMs === undefined)
    holder?.refuse(`units="${units}" are not supported; they can be ${Object.keys(UNIT_MS).join(', ')}`);
  const scale = holder?.number('scale') ?? 1;
  const offset = holder?.number('offset') ?? 0;
  const part = { unitMs: unitMs ?? 1, scale, offset };
  if (!at.name.startsWith('Absolute')) return { kind: 'relative-time', ...part };
  const { reference, offsetFrom } = readReference(reading, at, scope);
  if (reference === undefined && offsetFrom === undefined && holder !== undefined) {
    at.warn('has no ReferenceTime: its values are counted from 1970-01-01 UTC');
  }
  return {
    kind: 'absolute-time',
    ...part,
    ...(reference === undefined ? {} : { reference }),
    ...(offsetFrom === undefined ? {} : { offsetFrom }),
  };
};
