/** CYGNSS: an XTCE made from the mission's table of bytes, bits and formulas, against a decode straight from that table. */
import { readFileSync } from 'node:fs';
import { compileDecoder } from '../../src/packets/decode/compile-decoder';
import { readPackets } from '../../src/packets/stream/packet-reader';
import { readDefinition } from '../../src/packets/xtce/read-definition';
import { describeWithSharedData, sharedData } from '../support/shared-data';
import { xtceText } from '../support/xtce-text';

interface Row {
  readonly name: string;
  readonly isSigned: boolean;
  readonly start: number;
  readonly bits: number;
  /** Engineering value = offset + factor * raw. */
  readonly offset: number;
  readonly factor: number;
}

/** Fields of a line of CSV, quoted ones too. */
const fieldsOf = (line: string): readonly string[] =>
  [...line.matchAll(/("(?:[^"]|"")*"|[^,]*)(,|$)/g)].map(([, field = '']) => field.replace(/^"|"$/g, ''));

/** `X*0.005`, or the coefficients `0 4.88E-10`; none for the raw value. */
const formulaOf = (text: string): { offset: number; factor: number } => {
  if (text === '') return { offset: 0, factor: 1 };
  const product = /^x\*(.+)$/i.exec(text);
  if (product !== null) return { offset: 0, factor: Number(product[1]) };
  const [offset = NaN, factor = NaN] = text.split(' ').map(Number);
  return { offset, factor };
};

const rowsOf = (csv: string): readonly Row[] =>
  csv
    .trim()
    .split(/\r?\n/)
    .slice(1)
    .map((line) => {
      const [name = '', , type = '', , , , byte, bit, size, formula = ''] = fieldsOf(line);
      return {
        name,
        isSigned: type.startsWith('I'),
        start: Number(byte) * 8 + Number(bit),
        bits: Number(size),
        ...formulaOf(formula),
      };
    });

const typeOf = ({ name, isSigned, bits, offset, factor }: Row): string => {
  const calibrator =
    offset === 0 && factor === 1
      ? ''
      : `<DefaultCalibrator><PolynomialCalibrator><Term coefficient="${String(offset)}" exponent="0"/><Term coefficient="${String(factor)}" exponent="1"/></PolynomialCalibrator></DefaultCalibrator>`;
  const encoding = `<IntegerDataEncoding sizeInBits="${String(bits)}" encoding="${isSigned ? 'twosComplement' : 'unsigned'}">${calibrator}</IntegerDataEncoding>`;
  return `<FloatParameterType name="${name}_T">${encoding}</FloatParameterType>`;
};

const definitionOf = (rows: readonly Row[]): string => {
  const entries = rows.map(
    ({ name, start }) =>
      `<ParameterRefEntry parameterRef="${name}"><LocationInContainerInBits referenceLocation="containerStart"><FixedValue>${String(start)}</FixedValue></LocationInContainerInBits></ParameterRefEntry>`,
  );
  return xtceText({
    types: rows.map(typeOf).join('\n'),
    parameters: rows.map(({ name }) => `<Parameter name="${name}" parameterTypeRef="${name}_T"/>`).join('\n'),
    containers: `<SequenceContainer name="ENG_ADCSIO"><EntryList>${entries.join('\n')}</EntryList></SequenceContainer>`,
  });
};

/** The bits as one string of 0 and 1: nothing is shared with the decoder. */
const rawOf = (bitString: string, { start, bits, isSigned }: Row): number => {
  const value = parseInt(bitString.slice(start, start + bits), 2);
  return isSigned && bitString[start] === '1' ? value - 2 ** bits : value;
};

describeWithSharedData('CYGNSS level 0 packets', () => {
  const recording = (): Uint8Array =>
    readFileSync(sharedData('cygnss/CYGNSS_F7_L0_2022_086_10_15_V01_F__first101pkts.tlm'));

  test('101 packets of seven APIDs, each with a byte sum that fits', () => {
    const { items, counts } = readPackets(recording(), { checksum: 'sum16' });
    expect(items.filter(({ type }) => type === 'packet')).toHaveLength(101);
    expect(counts.byApid.size).toBe(7);
    expect(counts.problems.checksum).toBeUndefined();
  });

  test('one damaged byte drops one packet', () => {
    const damaged = Uint8Array.from(recording());
    damaged[60] = (damaged[60] ?? 0) ^ 0x10;
    const { items, counts } = readPackets(damaged, { checksum: 'sum16' });
    expect(items.filter(({ type }) => type === 'packet')).toHaveLength(100);
    expect(counts.problems.checksum).toBe(1);
  });

  test('every value of ENG_ADCSIO is equal to its row of the table', () => {
    const rows = rowsOf(readFileSync(sharedData('cygnss/defs/ENG_ADCSIO.csv'), 'utf8'));
    expect(rows.length).toBeGreaterThan(100);
    const { definition, problems } = readDefinition(definitionOf(rows));
    expect(problems).toEqual([]);
    const { decoder } = definition === undefined ? { decoder: undefined } : compileDecoder(definition);
    const packets = readPackets(recording(), { checksum: 'sum16' }).items.flatMap((item) =>
      item.type === 'packet' && item.packet.apid === 393 ? [item.packet] : [],
    );
    expect(packets).toHaveLength(40);
    for (const { bytes } of packets) {
      const bitString = [...bytes].map((byte) => byte.toString(2).padStart(8, '0')).join('');
      const decoded = decoder?.decode(bytes);
      const actual = decoded?.values.map(({ field, raw, value }) => [field.id, raw, value]);
      const expected = rows.map((row) => {
        const raw = rawOf(bitString, row);
        return [row.name, raw, row.offset === 0 && row.factor === 1 ? raw : row.offset + row.factor * raw];
      });
      expect(actual).toEqual(expected);
      expect(decoded?.problems).toEqual([]);
    }
    const [first] = packets;
    const values = new Map(
      first === undefined ? [] : decoder?.decode(first.bytes).values.map(({ field, value }) => [field.id, value]),
    );
    const of = (name: string) => [1, 2, 3].map((wheel) => values.get(`ADCS_RWA_${name}${String(wheel)}`));
    expect([of('TEMP'), of('MEAS_SPEED')]).toEqual([
      [27, 29, 28],
      [-594, 266, -692],
    ]);
  });
});
