/** Every encoding, size form and type of XTCE, one small definition each. */
import { compileDecoder, type DecoderOptions } from '../../src/packets/decode/compile-decoder';
import type { DecodedPacket } from '../../src/packets/decode/values';
import { readDefinition } from '../../src/packets/xtce/read-definition';
import { oneParameter, unsigned, xtceText } from '../support/xtce-text';

const decode = (text: string, bytes: readonly number[], options: DecoderOptions = {}): DecodedPacket => {
  const { definition, problems } = readDefinition(text, { leadingSize: 'bits' });
  expect(problems).toEqual([]);
  if (definition === undefined) throw new Error('no definition');
  const { decoder, problems: more } = compileDecoder(definition, options);
  expect(more).toEqual([]);
  if (decoder === undefined) throw new Error('no decoder');
  return decoder.decode(Uint8Array.from(bytes));
};
const values = (packet: DecodedPacket): Record<string, unknown> =>
  Object.fromEntries(
    packet.values.map(({ field, value }) => [field.id, value instanceof Uint8Array ? [...value] : value]),
  );
const onlyValue = (type: string, bytes: readonly number[]): unknown => values(decode(oneParameter(type), bytes))['P'];

const integer = (attributes: string, inside = ''): string =>
  `<IntegerParameterType name="T"><IntegerDataEncoding ${attributes}>${inside}</IntegerDataEncoding></IntegerParameterType>`;
const float = (attributes: string): string =>
  `<FloatParameterType name="T"><FloatDataEncoding ${attributes}/></FloatParameterType>`;

describe('integers', () => {
  test.each([
    ['unsigned', 'sizeInBits="16" encoding="unsigned"', [0xff, 0xfe], 65534],
    ["two's complement", 'sizeInBits="16" encoding="twosComplement"', [0xff, 0xfe], -2],
    ["two's complement as XTCE 1.1 spells it", 'sizeInBits="8" encoding="twosCompliment"', [0x80], -128],
    ["one's complement", 'sizeInBits="16" encoding="onesComplement"', [0xff, 0xfe], -1],
    ["one's complement, second zero", 'sizeInBits="8" encoding="onesComplement"', [0xff], 0],
    ['sign-magnitude', 'sizeInBits="16" encoding="signMagnitude"', [0x80, 0x02], -2],
    ['BCD, a digit a byte', 'sizeInBits="24" encoding="BCD"', [1, 9, 4], 194],
    ['packed BCD', 'sizeInBits="16" encoding="packedBCD"', [0x19, 0x84], 1984],
    ['least significant byte first', 'sizeInBits="32" byteOrder="leastSignificantByteFirst"', [4, 3, 2, 1], 0x01020304],
    ['bytes in an order of their own', 'sizeInBits="32" byteOrder="2,3,0,1"', [2, 1, 4, 3], 0x01020304],
    ['least significant bit first', 'sizeInBits="8" bitOrder="leastSignificantBitFirst"', [0b00000110], 0b01100000],
    [
      'both orders reversed',
      'sizeInBits="16" bitOrder="leastSignificantBitFirst" byteOrder="leastSignificantByteFirst"',
      [0x80, 0x40],
      0x0201,
    ],
    ['64 bits that a double holds', 'sizeInBits="64"', [0, 0, 0, 0, 0, 0, 1, 0], 256],
    ['64 bits that it does not', 'sizeInBits="64"', [255, 255, 255, 255, 255, 255, 255, 255], 2n ** 64n - 1n],
    ['64 bits, negative', 'sizeInBits="64" encoding="twosComplement"', [255, 255, 255, 255, 255, 255, 255, 255], -1],
    ['53 bits', 'sizeInBits="56"', [0x1f, 255, 255, 255, 255, 255, 255], 2 ** 53 - 1],
  ] as const)('%s', (_, attributes, bytes, expected) => {
    expect(onlyValue(integer(attributes), bytes)).toEqual(expected);
  });

  test('a byte that is no decimal digit is no value', () => {
    const [value] = decode(oneParameter(integer('sizeInBits="8" encoding="packedBCD"')), [0x1a]).values;
    expect([value?.value, value?.valid, value?.reason]).toEqual([null, false, 'no-value']);
  });

  test('a byte order list of XTCE 1.1', () => {
    const list = '<ByteOrderList><Byte byteSignificance="0"/><Byte byteSignificance="1"/></ByteOrderList>';
    expect(onlyValue(integer('sizeInBits="16"', list), [1, 2])).toBe(0x0201);
  });

  test('fields across byte bounds', () => {
    const names = ['a', 'b', 'c', 'd'];
    const text = xtceText({
      types: [unsigned('a', 3), unsigned('b', 11), unsigned('c', 1), unsigned('d', 33)].join('\n'),
      parameters: names.map((name) => `<Parameter name="${name}" parameterTypeRef="${name}"/>`).join('\n'),
      containers: `<SequenceContainer name="C"><EntryList>${names.map((name) => `<ParameterRefEntry parameterRef="${name}"/>`).join('')}</EntryList></SequenceContainer>`,
    });
    const bits = `101${'00000000111'}${'1'}${'1'.repeat(33)}`;
    const bytes = Array.from({ length: 6 }, (_, index) => parseInt(bits.slice(index * 8, index * 8 + 8), 2));
    expect(values(decode(text, bytes))).toEqual({ a: 5, b: 7, c: 1, d: 2 ** 33 - 1 });
  });
});

describe('floats', () => {
  test.each([
    ['IEEE 754, 32 bits', 'sizeInBits="32" encoding="IEEE754_1985"', [0x40, 0x49, 0x0f, 0xdb], Math.fround(Math.PI)],
    ['IEEE 754, 64 bits', 'sizeInBits="64"', [0x40, 0x09, 0x21, 0xfb, 0x54, 0x44, 0x2d, 0x18], Math.PI],
    ['IEEE 754, 16 bits', 'sizeInBits="16" encoding="IEEE754"', [0x3c, 0x01], 1 + 2 ** -10],
    // Table of MIL-STD-1750A, 4.1.4.
    ['MIL-STD-1750A, 0.5 x 2^127', 'sizeInBits="32" encoding="MILSTD_1750A"', [0x40, 0, 0, 0x7f], 0.5 * 2 ** 127],
    ['MIL-STD-1750A, -1.0 x 2^0', 'sizeInBits="32" encoding="MILSTD_1750A"', [0x80, 0, 0, 0x00], -1],
    ['MIL-STD-1750A, 0.625 x 2^4', 'sizeInBits="32" encoding="MILSTD_1750A"', [0x50, 0, 0, 0x04], 10],
    ['MIL-STD-1750A, negative exponent', 'sizeInBits="32" encoding="MILSTD_1750A"', [0x40, 0, 0, 0xff], 0.25],
    ['MIL-STD-1750A, 48 bits', 'sizeInBits="48" encoding="MILSTD_1750A"', [0x40, 0, 0, 0x01, 0x80, 0], 1 + 2 ** -23],
    ['MIL-STD-1750A, 16 bits', 'sizeInBits="16" encoding="MILSTD_1750A"', [0b01000000, 0b00000010], 2],
    ['little-endian', 'sizeInBits="32" byteOrder="leastSignificantByteFirst"', [0, 0, 0x80, 0x3f], 1],
  ] as const)('%s', (_, attributes, bytes, expected) => {
    expect(onlyValue(float(attributes), bytes)).toBe(expected);
  });

  test('NaN and infinities are values that are not valid', () => {
    for (const bytes of [
      [0x7f, 0xc0, 0, 0],
      [0x7f, 0x80, 0, 0],
    ]) {
      const [value] = decode(oneParameter(float('sizeInBits="32"')), bytes).values;
      expect([value?.valid, value?.reason]).toEqual([false, 'not-finite']);
    }
  });
});

describe('calibration', () => {
  const calibrated = (calibrator: string, context = ''): string =>
    `<FloatParameterType name="T"><IntegerDataEncoding sizeInBits="8" encoding="twosComplement"><DefaultCalibrator>${calibrator}</DefaultCalibrator>${context}</IntegerDataEncoding></FloatParameterType>`;
  const spline = (attributes: string): string =>
    `<SplineCalibrator ${attributes}><SplinePoint raw="0" calibrated="0"/><SplinePoint raw="10" calibrated="5"/><SplinePoint raw="20" calibrated="25"/></SplineCalibrator>`;

  test('polynomial', () => {
    const terms =
      '<Term coefficient="-8" exponent="0"/><Term coefficient="2" exponent="1"/><Term coefficient="1" exponent="2"/>';
    expect(onlyValue(calibrated(`<PolynomialCalibrator>${terms}</PolynomialCalibrator>`), [3])).toBe(7);
  });

  test.each([
    ['order 1, between points', 'order="1"', 15, 15],
    ['order 1, on the last point', 'order="1"', 20, 25],
    ['order 1, extrapolated above', 'order="1" extrapolate="true"', 30, 45],
    ['order 1, extrapolated below', 'order="1" extrapolate="true"', 0xfe, -1],
    ['order 0 holds the point before', 'order="0"', 19, 5],
    ['order 0, extrapolated', 'order="0" extrapolate="true"', 99, 25],
  ])('spline of %s', (_, attributes, raw, expected) => {
    expect(onlyValue(calibrated(spline(attributes)), [raw])).toBe(expected);
  });

  test('outside a spline that does not extrapolate there is no value', () => {
    const [value] = decode(oneParameter(calibrated(spline('order="1"'))), [21]).values;
    expect([value?.raw, value?.valid, value?.reason]).toEqual([21, false, 'no-value']);
  });

  test('a math operation is reverse Polish', () => {
    const steps =
      '<ValueOperand>0.5</ValueOperand><ThisParameterOperand/><Operator>*</Operator><ValueOperand>1.25</ValueOperand><Operator>+</Operator>';
    expect(onlyValue(calibrated(`<MathOperationCalibrator>${steps}</MathOperationCalibrator>`), [3])).toBe(2.75);
  });

  test('a context calibrator replaces the default one where its condition holds', () => {
    const polynomial = (factor: number): string =>
      `<PolynomialCalibrator><Term coefficient="${String(factor)}" exponent="1"/></PolynomialCalibrator>`;
    const context = `<ContextCalibratorList><ContextCalibrator><ContextMatch><Comparison parameterRef="MODE" value="HIGH"/></ContextMatch><Calibrator>${polynomial(100)}</Calibrator></ContextCalibrator></ContextCalibratorList>`;
    const text = xtceText({
      types: `<EnumeratedParameterType name="M"><IntegerDataEncoding sizeInBits="8"/><EnumerationList><Enumeration label="LOW" value="0"/><Enumeration label="HIGH" value="1"/></EnumerationList></EnumeratedParameterType>${calibrated(polynomial(2), context)}`,
      parameters: '<Parameter name="MODE" parameterTypeRef="M"/><Parameter name="P" parameterTypeRef="T"/>',
      containers:
        '<SequenceContainer name="C"><EntryList><ParameterRefEntry parameterRef="MODE"/><ParameterRefEntry parameterRef="P"/></EntryList></SequenceContainer>',
    });
    expect([values(decode(text, [0, 3])), values(decode(text, [1, 3]))]).toEqual([
      { MODE: 'LOW', P: 6 },
      { MODE: 'HIGH', P: 300 },
    ]);
  });
});

describe('types', () => {
  test('labels, ranges of labels, and values without one', () => {
    const type =
      '<EnumeratedParameterType name="T"><IntegerDataEncoding sizeInBits="8"/><EnumerationList><Enumeration value="1" label="A"/><Enumeration value="5" maxValue="9" label="B"/></EnumerationList></EnumeratedParameterType>';
    expect([1, 5, 9].map((raw) => onlyValue(type, [raw]))).toEqual(['A', 'B', 'B']);
    const [value] = decode(oneParameter(type), [4]).values;
    expect([value?.raw, value?.value, value?.reason]).toEqual([4, null, 'no-label']);
  });

  test('a boolean has its two words', () => {
    const type = (words: string): string =>
      `<BooleanParameterType name="T" ${words}><IntegerDataEncoding sizeInBits="8"/></BooleanParameterType>`;
    expect([0, 1, 7].map((raw) => onlyValue(type('zeroStringValue="OFF" oneStringValue="ON"'), [raw]))).toEqual([
      'OFF',
      'ON',
      'ON',
    ]);
    expect([0, 1].map((raw) => onlyValue(type(''), [raw]))).toEqual(['False', 'True']);
  });

  test.each([
    ['of a fixed size', 'encoding="UTF-8"', '<Fixed><FixedValue>24</FixedValue></Fixed>', [0x61, 0xc3, 0xa9], 'aé'],
    ['that a terminator ends', 'encoding="US-ASCII"', '<TerminationChar>00</TerminationChar>', [0x61, 0x62, 0], 'ab'],
    [
      'in a buffer, ended before',
      'encoding="US-ASCII"',
      '<Fixed><FixedValue>32</FixedValue></Fixed><TerminationChar>00</TerminationChar>',
      [0x61, 0, 0x7a, 0x7a],
      'a',
    ],
    ['with its size before', '', '<LeadingSize sizeInBitsOfSizeTag="8"/>', [16, 0x68, 0x69], 'hi'],
    [
      'in UTF-16, big-endian without a mark',
      'encoding="UTF-16"',
      '<Fixed><FixedValue>16</FixedValue></Fixed>',
      [0x20, 0xac],
      '€',
    ],
    [
      'in UTF-16 with a mark',
      'encoding="UTF-16"',
      '<Fixed><FixedValue>32</FixedValue></Fixed>',
      [0xff, 0xfe, 0xac, 0x20],
      '€',
    ],
    ['in UTF-16LE', 'encoding="UTF-16LE"', '<Fixed><FixedValue>16</FixedValue></Fixed>', [0xac, 0x20], '€'],
    ['in UTF-32BE', 'encoding="UTF-32BE"', '<Fixed><FixedValue>32</FixedValue></Fixed>', [0, 1, 0xf6, 0x00], '😀'],
    ['in ISO-8859-1', 'encoding="ISO-8859-1"', '<Fixed><FixedValue>8</FixedValue></Fixed>', [0x80], '\u0080'],
    ['in Windows-1252', 'encoding="Windows-1252"', '<Fixed><FixedValue>8</FixedValue></Fixed>', [0x80], '€'],
  ])('a string %s', (_, attributes, size, bytes, expected) => {
    const type = `<StringParameterType name="T"><StringDataEncoding ${attributes}><SizeInBits>${size}</SizeInBits></StringDataEncoding></StringParameterType>`;
    expect(onlyValue(type, bytes)).toBe(expected);
  });

  test('a string of variable size', () => {
    const type =
      '<StringParameterType name="T"><StringDataEncoding><Variable maxSizeInBits="800"><DynamicValue><ParameterInstanceRef parameterRef="N"/><LinearAdjustment slope="8"/></DynamicValue></Variable></StringDataEncoding></StringParameterType>';
    const text = xtceText({
      types: `${unsigned('N', 8)}${type}`,
      parameters: '<Parameter name="N" parameterTypeRef="N"/><Parameter name="P" parameterTypeRef="T"/>',
      containers:
        '<SequenceContainer name="C"><EntryList><ParameterRefEntry parameterRef="N"/><ParameterRefEntry parameterRef="P"/></EntryList></SequenceContainer>',
    });
    expect(values(decode(text, [2, 0x68, 0x69]))).toEqual({ N: 2, P: 'hi' });
  });

  test.each([
    ['TAI seconds', '', '<Epoch>TAI</Epoch>', 1_617_926_437 + 378_691_200, '2021-04-09T00:00:00.000Z'],
    ['GPS seconds', '', '<Epoch>GPS</Epoch>', 1_301_961_618, '2021-04-09T00:00:00.000Z'],
    ['Unix seconds', '', '<Epoch>1970-01-01</Epoch>', 1_617_926_400, '2021-04-09T00:00:00.000Z'],
    [
      'days with an offset',
      'units="days" scale="1" offset="1"',
      '<Epoch>2000-01-01T12:00:00Z</Epoch>',
      9,
      '2000-01-11T12:00:00.000Z',
    ],
  ])('an absolute time in %s', (_, attributes, reference, count, expected) => {
    const type = `<AbsoluteTimeParameterType name="T"><Encoding ${attributes}><IntegerDataEncoding sizeInBits="32"/></Encoding><ReferenceTime>${reference}</ReferenceTime></AbsoluteTimeParameterType>`;
    const bytes = [24, 16, 8, 0].map((shift) => (count >>> shift) & 0xff);
    expect(new Date(Number(onlyValue(type, bytes))).toISOString()).toBe(expected);
  });

  test('a relative time in seconds', () => {
    const type =
      '<RelativeTimeParameterType name="T"><Encoding units="seconds" scale="0.5"><IntegerDataEncoding sizeInBits="8"/></Encoding></RelativeTimeParameterType>';
    expect(onlyValue(type, [5])).toBe(2.5);
  });

  test('a type takes over what the one it extends has', () => {
    const text = oneParameter(
      '<IntegerParameterType name="BASE"><IntegerDataEncoding sizeInBits="16"/><ValidRange minInclusive="0" maxInclusive="9"/></IntegerParameterType><IntegerParameterType name="T" baseType="BASE"><ValidRange minInclusive="5" maxInclusive="9"/></IntegerParameterType>',
    );
    expect(decode(text, [0, 4]).values.map(({ value, reason }) => [value, reason])).toEqual([[4, 'range']]);
  });

  test.each([
    ['inclusive', 'minInclusive="2" maxInclusive="4"', [1, 2, 4, 5], [false, true, true, false]],
    ['exclusive', 'minExclusive="2" maxExclusive="4"', [2, 3, 4], [false, true, false]],
  ])('a valid range, %s', (_, bounds, raws, expected) => {
    const type = `<IntegerParameterType name="T"><IntegerDataEncoding sizeInBits="8"/><ValidRange ${bounds}/></IntegerParameterType>`;
    expect(raws.map((raw) => decode(oneParameter(type), [raw]).values[0]?.valid)).toEqual(expected);
  });
});
