/** A MetaCommand and its arguments to the bytes of a telecommand packet. */
import { chainOf } from '../xtce/check-overlaps';
import { LEAP_SECONDS, type LeapSeconds } from '../time/leap-seconds';
import { checksumOf, type Checksum } from '../stream/checksum';
import { HEADER_BYTES, MAX_PACKET_BYTES, SEQUENCE_MODULUS } from '../stream/space-packet';
import type { MetaCommand } from '../xtce/definition';
import type { XtceCondition, DataType, Entry } from '../xtce/model';
import { BitWriter } from './bit-writer';
import { writeValue } from './encode-value';
import { EncodeError, type GivenValue } from './raw-of';

export interface EncodeOptions {
  /** By name, engineering values. */
  readonly arguments: Readonly<Record<string, GivenValue>>;
  /** Values of parameters in the packet (header fields, say), by id. Restrictions of the containers and initial values come after. */
  readonly parameters?: Readonly<Record<string, GivenValue>>;
  /** Written into the primary header, as is the length; left out, what the containers say stays. */
  readonly header?: { readonly apid?: number; readonly sequence?: number };
  /** Appended, and counted in the length. */
  readonly checksum?: Checksum;
  readonly leapSeconds?: LeapSeconds;
}

export type EncodedCommand =
  { readonly ok: true; readonly bytes: Uint8Array } | { readonly ok: false; readonly problems: readonly string[] };

interface State {
  readonly writer: BitWriter;
  readonly command: MetaCommand;
  readonly options: EncodeOptions;
  readonly restricted: ReadonlyMap<string, string>;
  readonly table: LeapSeconds;
  readonly problems: string[];
}

/** Values that restrictions of the containers require. */
const restrictions = (condition: XtceCondition | undefined): readonly (readonly [string, string])[] => {
  if (condition?.kind === 'all') return condition.of.flatMap(restrictions);
  if (condition?.kind !== 'compare') return [];
  return condition.operator === '==' ? [[condition.ref.id, condition.value]] : [];
};

const TELECOMMAND = 0x10;
const UNSEGMENTED = 0xc0;
const HEADER_BITS = HEADER_BYTES * 8;

/** In the primary header, what nobody gives is 0: length, sequence count and APID are written at the end. */
const given = (state: State, own: GivenValue | undefined): GivenValue | undefined =>
  own ?? (state.writer.bits < HEADER_BITS ? 0 : undefined);

const writeScalars = (
  state: State,
  id: string,
  type: DataType,
  valueOf: (id: string, initial?: string) => GivenValue | undefined,
): void => {
  if (type.kind === 'aggregate') {
    for (const member of type.members) {
      writeScalars(state, `${id}.${member.name}`, member.type, (inner, initial) =>
        valueOf(inner, initial ?? member.initialValue),
      );
    }
    return;
  }
  if (type.kind === 'array') {
    throw new EncodeError('arrays cannot be encoded');
  }
  const value = given(state, valueOf(id, type.initialValue));
  if (value === undefined) throw new EncodeError('has no value');
  // An enumeration or boolean that nobody gives has no label for 0: the bits are written as they are.
  const isUnknownZero = value === 0 && (type.kind === 'enumerated' || type.kind === 'absolute-time');
  if (isUnknownZero && type.encoding?.kind === 'integer') state.writer.write(0n, type.encoding.bits);
  else writeValue(state.writer, type, value, state.table);
};

const writeParameter = (state: State, { parameter }: Extract<Entry, { kind: 'parameter' }>): void => {
  const { parameters = {} } = state.options;
  writeScalars(
    state,
    parameter.id,
    parameter.type,
    (id, initial) => parameters[id] ?? state.restricted.get(id) ?? parameter.initialValue ?? initial,
  );
};

const writeArgument = (state: State, { argument }: Extract<Entry, { kind: 'argument' }>): void => {
  const { command, options } = state;
  const own = options.arguments[argument.name] ?? command.assigned[argument.name] ?? argument.initialValue;
  if (own === undefined && argument.type.kind !== 'aggregate') throw new EncodeError('is missing');
  writeScalars(state, argument.id, argument.type, (id, initial) =>
    id === argument.id ? own : (options.arguments[id.slice(argument.id.length - argument.name.length)] ?? initial),
  );
};

const place = ({ writer }: State, { location }: Entry): void => {
  if (location === undefined) return;
  if (location.offset.kind !== 'fixed' || location.from === 'containerEnd')
    throw new EncodeError('its place depends on the packet');
  const bits = location.from === 'containerStart' ? location.offset.value : writer.bits + location.offset.value;
  if (bits < writer.bits) throw new EncodeError('its place is before the entry before it');
  writer.padTo(bits);
};

const nameOf = (entry: Entry): string => {
  switch (entry.kind) {
    case 'parameter':
      return `parameter ${entry.parameter.id}`;
    case 'argument':
      return `argument ${entry.argument.name}`;
    case 'container':
      return `container ${entry.container.id}`;
    case 'fixed':
      return 'fixed value';
  }
};

const writeEntry = (state: State, entry: Entry): void => {
  if (entry.include !== undefined || entry.repeat !== undefined)
    throw new EncodeError('conditions and repetitions cannot be encoded');
  place(state, entry);
  switch (entry.kind) {
    case 'parameter':
      writeParameter(state, entry);
      return;
    case 'argument':
      writeArgument(state, entry);
      return;
    case 'container':
      for (const container of chainOf(entry.container)) writeEntries(state, container.entries);
      return;
    case 'fixed': {
      const all = entry.bytes.reduce((value, byte) => (value << 8n) | BigInt(byte), 0n);
      state.writer.write(all & ((1n << BigInt(entry.bits)) - 1n), entry.bits);
    }
  }
};

const writeEntries = (state: State, entries: readonly Entry[]): void => {
  for (const entry of entries) {
    try {
      writeEntry(state, entry);
    } catch (error) {
      if (!(error instanceof EncodeError)) throw error;
      state.problems.push(`${nameOf(entry)}: ${error.message}`);
    }
  }
};

const unknownArguments = ({ command, options }: State): readonly string[] => {
  const names = new Set(command.arguments.map(({ name }) => name));
  return Object.keys(options.arguments)
    .filter((name) => !names.has(name.split('.')[0] ?? name))
    .map((name) =>
      Object.hasOwn(command.assigned, name)
        ? `argument ${name} is fixed by ${command.name}`
        : `${command.name} has no argument ${name}`,
    );
};

/**
 * Length, and what else of the primary header was given. A telecommand is of type 1 (133.0-B-2, 4.1.3.3.2.3), and unsegmented unless the
 * definition says otherwise.
 */
const finish = (body: Uint8Array, { header = {}, checksum }: EncodeOptions): Uint8Array => {
  const bytes = new Uint8Array(body.length + (checksum === undefined ? 0 : 2));
  bytes.set(body);
  const { apid, sequence } = header;
  bytes[0] = (bytes[0] ?? 0) | TELECOMMAND;
  if (((bytes[2] ?? 0) & UNSEGMENTED) === 0) bytes[2] = (bytes[2] ?? 0) | UNSEGMENTED;
  if (apid !== undefined) {
    bytes[0] = ((bytes[0] ?? 0) & 0xf8) | ((apid >>> 8) & 0x7);
    bytes[1] = apid & 0xff;
  }
  if (sequence !== undefined) {
    const count = sequence % SEQUENCE_MODULUS;
    bytes[2] = ((bytes[2] ?? 0) & 0xc0) | (count >>> 8);
    bytes[3] = count & 0xff;
  }
  const length = bytes.length - HEADER_BYTES - 1;
  bytes[4] = length >>> 8;
  bytes[5] = length & 0xff;
  if (checksum === undefined) return bytes;
  const sum = checksumOf(checksum, bytes.subarray(0, -2));
  bytes[bytes.length - 2] = sum >>> 8;
  bytes[bytes.length - 1] = sum & 0xff;
  return bytes;
};

/** The packet of a command, or everything that keeps it from being made. Never throws on what is given. */
export const encodeCommand = (command: MetaCommand, options: EncodeOptions): EncodedCommand => {
  if (command.abstract)
    return { ok: false, problems: [`${command.name} is abstract: only commands that extend it can be sent`] };
  const { container } = command;
  if (container === undefined) return { ok: false, problems: [`${command.name} has no CommandContainer`] };
  const chain = chainOf(container);
  const restricted = new Map(chain.flatMap(({ base }) => restrictions(base?.when)));
  const table = options.leapSeconds ?? LEAP_SECONDS;
  const state: State = { writer: new BitWriter(), command, options, restricted, table, problems: [] };
  for (const one of chain) writeEntries(state, one.entries);
  const problems = [...unknownArguments(state), ...state.problems];
  const bytes = finish(state.writer.bytes(), options);
  if (bytes.length <= HEADER_BYTES) problems.push(`${command.name} has no data field behind its header`);
  if (bytes.length > MAX_PACKET_BYTES) problems.push(`${command.name} is longer than a packet`);
  return problems.length > 0 ? { ok: false, problems } : { ok: true, bytes };
};
