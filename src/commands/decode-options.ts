/** Options of `fdir decode`, read and checked. */
import { FdirError } from '../domain/errors';
import type { PacketReaderOptions } from '../packets/stream/packet-reader';
import { CHECKSUMS } from '../packets/stream/checksum';
import type { TimeSpec } from '../packets/time/packet-clock';
import type { LeadingSize } from '../packets/xtce/context';

export interface DecodeFlags {
  readonly xtce: string;
  readonly container?: string;
  readonly skip: string;
  readonly apid?: string;
  readonly limit?: string;
  readonly checksum?: string;
  readonly leadingSize?: string;
  readonly separate?: boolean;
  readonly time?: string;
  readonly epoch?: string;
  readonly set: readonly string[];
  readonly json?: boolean;
  readonly csv?: boolean;
  readonly check?: boolean;
}

const LAST_APID = 2047;
const MAX_SKIP = 65_536;

const whole = (text: string, name: string, lowest: number, highest: number): number => {
  const value = /^\d+$/.test(text) ? Number(text) : NaN;
  if (value >= lowest && value <= highest) return value;
  throw new FdirError('usage', `${name} ${text}: give a whole number from ${String(lowest)} to ${String(highest)}`);
};

const TIME_CODES = ['cuc', 'cds', 'unix', 'gps'] as const;

/** `--time cds`, or the id of a parameter. */
const readTime = ({ time, epoch }: DecodeFlags): TimeSpec | undefined => {
  if (epoch !== undefined && Number.isNaN(Date.parse(epoch))) {
    throw new FdirError('usage', `--epoch ${epoch}: give an ISO 8601 time such as 1958-01-01T00:00:00Z`);
  }
  if (epoch !== undefined && time === undefined) throw new FdirError('usage', '--epoch needs --time');
  if (time === undefined) return undefined;
  const code = TIME_CODES.find((one) => one === time);
  return {
    ...(code === undefined ? { parameter: time } : { secondaryHeader: code }),
    ...(epoch === undefined ? {} : { epoch }),
  };
};

const readConstants = (set: readonly string[]): Readonly<Record<string, string>> =>
  Object.fromEntries(
    set.map((text) => {
      const cut = text.indexOf('=');
      if (cut <= 0) throw new FdirError('usage', `--set ${text}: give PARAMETER=VALUE`);
      return [text.slice(0, cut), text.slice(cut + 1)];
    }),
  );

/** What leading sizes of strings count. @throws FdirError `usage` */
export const readLeadingSize = (text: string | undefined): LeadingSize | undefined => {
  if (text === undefined || text === 'bits' || text === 'bytes') return text;
  throw new FdirError('usage', `--leading-size ${text}: give bits or bytes`);
};

export interface DecodePlan {
  readonly stream: PacketReaderOptions;
  readonly apids: ReadonlySet<number> | undefined;
  readonly limit: number;
  readonly time: TimeSpec | undefined;
  readonly constants: Readonly<Record<string, string>>;
  readonly format: 'text' | 'json' | 'csv';
}

/** @throws FdirError `usage` */
export const readDecodeOptions = (options: DecodeFlags): DecodePlan => {
  const { skip, apid, limit, checksum } = options;
  if (options.json === true && options.csv === true)
    throw new FdirError('usage', '--json and --csv exclude each other');
  const kind = CHECKSUMS.find((one) => one === checksum);
  if (checksum !== undefined && kind === undefined) {
    throw new FdirError('usage', `--checksum ${checksum}: there are ${CHECKSUMS.join(', ')}`);
  }
  const apids = apid?.split(',').map((one) => whole(one, '--apid', 0, LAST_APID));
  return {
    stream: {
      skip: whole(skip, '--skip', 0, MAX_SKIP),
      checksum: kind,
      reassemble: options.separate !== true,
    },
    apids: apids === undefined ? undefined : new Set(apids),
    limit: limit === undefined ? Infinity : whole(limit, '--limit', 1, Number.MAX_SAFE_INTEGER),
    time: readTime(options),
    constants: readConstants(options.set),
    format: options.json === true ? 'json' : options.csv === true ? 'csv' : 'text',
  };
};
