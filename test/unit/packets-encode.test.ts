/** Commands to packets: what is encoded is what the decoder reads. */
import * as fc from 'fast-check';
import { compileDecoder } from '../../src/packets/decode/compile-decoder';
import { encodeCommand, type EncodeOptions } from '../../src/packets/encode/encode-command';
import { CHECKSUMS, isChecksumInside } from '../../src/packets/stream/checksum';
import { readHeader } from '../../src/packets/stream/space-packet';
import { readDefinition } from '../../src/packets/xtce/read-definition';
import { unsigned, xtceText } from '../support/xtce-text';

const SEED = 20_261_128;

const argument = (name: string, inside: string, kind = 'Integer'): string =>
  `<${kind}ArgumentType name="${name}">${inside}</${kind}ArgumentType>`;
const TYPES = [
  argument('u8', '<IntegerDataEncoding sizeInBits="8"/><ValidRange minInclusive="0" maxInclusive="200"/>'),
  argument('two', '<IntegerDataEncoding sizeInBits="16" encoding="twosComplement"/>'),
  argument('ones', '<IntegerDataEncoding sizeInBits="16" encoding="onesComplement"/>'),
  argument(
    'sign',
    '<IntegerDataEncoding sizeInBits="16" encoding="signMagnitude" byteOrder="leastSignificantByteFirst"/>',
  ),
  argument('bcd', '<IntegerDataEncoding sizeInBits="16" encoding="packedBCD"/>'),
  argument('lsb', '<IntegerDataEncoding sizeInBits="8" bitOrder="leastSignificantBitFirst"/>'),
  argument('f64', '<FloatDataEncoding sizeInBits="64"/>', 'Float'),
  argument(
    'volts',
    '<IntegerDataEncoding sizeInBits="16"><DefaultCalibrator><PolynomialCalibrator><Term coefficient="-10" exponent="0"/><Term coefficient="0.5" exponent="1"/></PolynomialCalibrator></DefaultCalibrator></IntegerDataEncoding>',
    'Float',
  ),
  argument(
    'state',
    '<IntegerDataEncoding sizeInBits="8"/><EnumerationList><Enumeration label="OFF" value="4"/><Enumeration label="ON" value="9"/></EnumerationList>',
    'Enumerated',
  ),
  argument(
    'text',
    '<StringDataEncoding><SizeInBits><Fixed><FixedValue>64</FixedValue></Fixed><TerminationChar>00</TerminationChar></SizeInBits></StringDataEncoding>',
    'String',
  ),
].join('\n');

const NAMES = ['u8', 'two', 'ones', 'sign', 'bcd', 'lsb', 'f64', 'volts', 'state', 'text'];
const TEXT = xtceText({
  types: [
    unsigned('u3', 3),
    unsigned('u1', 1),
    unsigned('u11', 11),
    unsigned('u2', 2),
    unsigned('u14', 14),
    unsigned('u16', 16),
  ].join('\n'),
  parameters: [
    ['VERSION', 'u3'],
    ['TYPE', 'u1'],
    ['SECONDARY', 'u1'],
    ['APID', 'u11'],
    ['FLAGS', 'u2'],
    ['COUNT', 'u14'],
    ['LENGTH', 'u16'],
    ['SERVICE', 'u16'],
  ]
    .map(([name = '', type = '']) => `<Parameter name="${name}" parameterTypeRef="${type}"/>`)
    .join('\n'),
  containers: `<SequenceContainer name="Packet" abstract="true"><EntryList>${['VERSION', 'TYPE', 'SECONDARY', 'APID', 'FLAGS', 'COUNT', 'LENGTH'].map((name) => `<ParameterRefEntry parameterRef="${name}"/>`).join('')}</EntryList></SequenceContainer>`,
  commands: `<CommandMetaData><ArgumentTypeSet>${TYPES}</ArgumentTypeSet><MetaCommandSet>
<MetaCommand name="Base" abstract="true"><CommandContainer name="BasePacket"><EntryList><ParameterRefEntry parameterRef="SERVICE"/></EntryList><BaseContainer containerRef="Packet"><RestrictionCriteria><Comparison parameterRef="TYPE" value="1"/></RestrictionCriteria></BaseContainer></CommandContainer></MetaCommand>
<MetaCommand name="Everything"><BaseMetaCommand metaCommandRef="Base"/><ArgumentList>${NAMES.map((name) => `<Argument name="${name.toUpperCase()}" argumentTypeRef="${name}"/>`).join('')}</ArgumentList>
<CommandContainer name="EverythingPacket"><EntryList><FixedValueEntry binaryValue="0abc" sizeInBits="12"/>${NAMES.map((name) => `<ArgumentRefEntry argumentRef="${name.toUpperCase()}"/>`).join('')}</EntryList>
<BaseContainer containerRef="BasePacket"><RestrictionCriteria><ComparisonList><Comparison parameterRef="APID" value="77"/><Comparison parameterRef="SERVICE" value="2049"/></ComparisonList></RestrictionCriteria></BaseContainer></CommandContainer></MetaCommand>
</MetaCommandSet></CommandMetaData>`,
});

const definition = () => {
  const { definition: read, problems } = readDefinition(TEXT);
  expect(problems).toEqual([]);
  if (read === undefined) throw new Error('no definition');
  return read;
};
const everything = () => {
  const command = definition().commands.get('Everything');
  if (command === undefined) throw new Error('no command');
  return command;
};
const ARGUMENTS = {
  U8: 7,
  TWO: -5,
  ONES: -6,
  SIGN: '-7',
  BCD: 1984,
  LSB: 6,
  F64: 0.1,
  VOLTS: 4.5,
  STATE: 'ON',
  TEXT: 'hi',
};
const encode = (changed: Record<string, string | number> = {}, options: Partial<EncodeOptions> = {}) =>
  encodeCommand(everything(), { arguments: { ...ARGUMENTS, ...changed }, ...options });

test(`what is encoded is what the decoder reads (seed ${String(SEED)})`, () => {
  const { decoder } = compileDecoder(definition(), { kind: 'command' });
  const given = fc.record({
    U8: fc.integer({ min: 0, max: 200 }),
    TWO: fc.integer({ min: -32768, max: 32767 }),
    ONES: fc.integer({ min: -32767, max: 32767 }),
    SIGN: fc.integer({ min: -32767, max: 32767 }),
    BCD: fc.nat(9999),
    LSB: fc.nat(255),
    F64: fc.double({ noNaN: true, noDefaultInfinity: true }),
    VOLTS: fc.nat(65535).map((raw) => raw / 2 - 10),
    STATE: fc.constantFrom('OFF', 'ON'),
    TEXT: fc.string({ unit: fc.constantFrom('a', 'b', 'é'), maxLength: 3 }),
  });
  fc.assert(
    fc.property(given, (values) => {
      const encoded = encodeCommand(everything(), { arguments: values, header: { sequence: 12 } });
      if (!encoded.ok) throw new Error(encoded.problems.join('; '));
      const decoded = decoder?.decode(encoded.bytes);
      expect(decoded?.command?.name).toBe('Everything');
      const read =
        decoded?.values.flatMap(({ field, value }) =>
          field.argument === undefined ? [] : [[field.argument.name, value]],
        ) ?? [];
      expect(Object.fromEntries(read)).toEqual(values);
    }),
    { seed: SEED, numRuns: 300 },
  );
});

test('header, restrictions and length are written', () => {
  const encoded = encode({}, { header: { sequence: 12 } });
  if (!encoded.ok) throw new Error(encoded.problems.join('; '));
  expect(readHeader(encoded.bytes)).toEqual({
    version: 0,
    type: 'telecommand',
    hasSecondaryHeader: false,
    apid: 77,
    flags: 'unsegmented',
    sequence: 12,
    length: encoded.bytes.length,
  });
  expect([...encoded.bytes.slice(6, 9)]).toEqual([0x08, 0x01, 0xab]);
});

test.each(CHECKSUMS)('a checksum %s is appended and counted', (checksum) => {
  const encoded = encode({}, { checksum, header: { apid: 5 } });
  if (!encoded.ok) throw new Error(encoded.problems.join('; '));
  expect(isChecksumInside(checksum, encoded.bytes)).toBe(true);
  expect(readHeader(encoded.bytes)).toMatchObject({ apid: 5, length: encoded.bytes.length });
});

test.each<[string, Record<string, string | number>, RegExp]>([
  ['a value outside its valid range', { U8: 201 }, /argument U8: 201 is outside its valid range/],
  ['a value that does not fit', { TWO: 40_000 }, /argument TWO: 40000 does not fit into 16 bits/],
  ['a label that is none', { STATE: 'MAYBE' }, /argument STATE: "MAYBE" is none of OFF, ON/],
  ['text that is too long', { TEXT: 'much too long' }, /argument TEXT: "much too long" does not fit into 64 bits/],
  ['text for a number', { BCD: 'x' }, /argument BCD: "x" is no number/],
  ['a raw value that is not whole', { VOLTS: 4.7 }, /argument VOLTS: the raw value 29\.4 is no whole number/],
  ['an argument that is not there', { NOPE: 1 }, /Everything has no argument NOPE/],
])('%s is told', (_, changed, message) => {
  const encoded = encode(changed);
  expect(encoded.ok ? '' : encoded.problems.join('; ')).toMatch(message);
});

test('missing arguments are told all at once; an abstract command cannot be sent', () => {
  const encoded = encodeCommand(everything(), { arguments: {} });
  expect(encoded.ok ? [] : encoded.problems).toEqual(NAMES.map((name) => `argument ${name.toUpperCase()}: is missing`));
  const base = definition().commands.get('Base');
  expect(base === undefined ? undefined : encodeCommand(base, { arguments: {} })).toEqual({
    ok: false,
    problems: ['Base is abstract: only commands that extend it can be sent'],
  });
});
