/** Definitions as others write them, by hand and by generators; the packets and their values were worked out by hand. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { compileDecoder, type Decoder } from '../../src/packets/decode/compile-decoder';
import { encodeCommand } from '../../src/packets/encode/encode-command';
import type { Definition } from '../../src/packets/xtce/definition';
import { limitsOf } from '../../src/packets/xtce/limits-of';
import { readDefinition } from '../../src/packets/xtce/read-definition';
import type { LeadingSize } from '../../src/packets/xtce/context';

const read = (name: string, leadingSize: LeadingSize): Definition => {
  const text = readFileSync(join(__dirname, '../support/definitions', name), 'utf8');
  const { definition, problems } = readDefinition(text, { leadingSize });
  expect(problems).toEqual([]);
  if (definition === undefined) throw new Error(`${name} is no definition`);
  return definition;
};
const decoderOf = (definition: Definition, kind: 'telemetry' | 'command' = 'telemetry'): Decoder => {
  const { decoder, problems } = compileDecoder(definition, { kind });
  expect(problems).toEqual([]);
  if (decoder === undefined) throw new Error('nothing can be decoded');
  return decoder;
};
const bytesOf = (hex: string): Uint8Array => Uint8Array.from(Buffer.from(hex.replaceAll(' ', ''), 'hex'));
/** Values behind the primary header: raw and engineering. */
const valuesOf = (decoder: Decoder, hex: string) => {
  const { values, problems, container } = decoder.decode(bytesOf(hex));
  const shown = values.filter(({ start }) => start >= 48).map(({ field, raw, value }) => [field.id, raw, value]);
  return { container: container.id, problems, values: shown };
};
const same = (id: string, value: unknown) => [id, value, value];

describe('SpaceSystems three deep, with a prefix', () => {
  const definition = read('three-deep.xml', 'bits');
  const decoder = decoderOf(definition);
  const packet = (head: string) =>
    `0064c00000 20 ${head} 3412 0000c03f 010203040506 05fff800 07001003 aabbcc 55 02 11 00 22 f9af`;

  test('references, arrays, aggregates, both orders, lookups, conditions, repeats, gaps and offsets', () => {
    // The last four bits of the packet are read by nothing.
    const { container, problems, values } = valuesOf(decoder, packet('0102030f'));
    expect(container).toBe('BUS.AOCS.A');
    expect(problems).toMatchObject([{ code: 'unread-bits', bit: 316 }]);
    const p = (name: string): string => `BUS.AOCS.${name}`;
    expect(values).toEqual([
      ...[['mode', 1, 'ON'], same('sel', 2), same('rows', 3), ['temp', 15, 100]],
      ...[same(p('le16'), 0x1234), same(p('fl'), 1.5)],
      ...[0, 1, 2].flatMap((row) =>
        [0, 1].map((column) => same(p(`m[${String(row)}][${String(column)}]`), row * 2 + column + 1)),
      ),
      ...[same(p('vv[0].x'), 5), same(p('vv[0].y'), -1), same(p('vv[0].z'), 1)],
      ...[same(p('vv[1].x'), 7), same(p('vv[1].y'), 1), same(p('vv[1].z'), 0xc00)],
      same(p('b'), Uint8Array.of(0xaa, 0xbb, 0xcc)),
      ...[same(p('opt'), 0x55), same('n', 2), same(p('rep'), 0x11), same(p('rep'), 0x22), same(p('tail'), 0x9a)],
    ]);
  });

  test.each([
    ['a list that holds: order 0, above its points', '0102030f', 15, 100],
    ['order 0 between points', '01020319', 25, 200],
    ['order 0 below its points, extrapolated', '01020305', 5, 100],
    ['one of several conditions: order 1, above its points', '00010319', 25, 250],
    ['two values compared: order 1', '02030305', 5, 50],
    ['none: the default polynomial', '00000304', 4, 1 + 8 + 8],
  ])('the calibrator by context: %s', (_, head, raw, value) => {
    // Rows of the packet differ with `sel`: only the values before them are looked at.
    const found = decoder.decode(bytesOf(packet(head))).values.find(({ field }) => field.id === 'temp');
    expect([found?.raw, found?.value]).toEqual([raw, value]);
  });

  test('strings with end, leading size and dynamic size; times; a boolean with words', () => {
    const hex = '0065c0000026 6869006162630064 00186f6b21 78790a 05 1861626300 0000000003e8 0019 01';
    expect(valuesOf(decoder, hex)).toEqual({
      container: 'BUS.AOCS.B',
      problems: [],
      values: [
        ...[same('BUS.AOCS.zs', 'hi'), same('BUS.AOCS.ls', 'ok!'), same('BUS.AOCS.ts', 'xy'), same('n', 5)],
        same('BUS.AOCS.vs', 'abc'),
        ['BUS.AOCS.when', 1000, Date.UTC(2000, 0, 1) + 1000],
        ['BUS.AOCS.dt', 25, 2.5],
        ['BUS.AOCS.flag', 1, 'YES'],
      ],
    });
  });

  test('alarms of several forms become limits, labels and monitors, and what is lost is named', () => {
    const typeOf = (id: string) => {
      const type = definition.parameters.get(id)?.type;
      if (type === undefined || type.kind === 'array' || type.kind === 'aggregate')
        throw new Error(`${id} is no scalar`);
      return type;
    };
    expect(limitsOf(typeOf('temp'))).toMatchObject({
      warning: [-10, 100],
      critical: [-20, 120],
      monitors: [{ minViolations: 2 }],
      lost: ['an alarm on the change of the value', '2 violations before the alarm'],
    });
    expect(limitsOf(typeOf('mode'))).toMatchObject({
      labels: { warning: [], critical: ['FAIL'] },
      lost: ['the level watch of labels without an alarm'],
    });
  });
});

describe('a generated definition whose commands are told apart by what they assign', () => {
  const definition = read('framework.xml', 'bytes');
  const commands = decoderOf(definition, 'command');
  const encode = (id: string, given: Readonly<Record<string, string | number>>) => {
    const command = definition.commands.get(id);
    if (command === undefined) throw new Error(`there is no command ${id}`);
    return encodeCommand(command, { arguments: given, header: { sequence: 9 } });
  };

  test('a channel of a component below, and a string whose leading size counts bytes', () => {
    const decoder = decoderOf(definition);
    const time = '0002 00 00000064 0000000a';
    expect(valuesOf(decoder, `0001c000001a 0001 00000066 ${time} 0005 68656c6c6f000000`).values.at(-1)).toEqual(
      same('Component.Label', 'hello'),
    );
    const temperature = valuesOf(decoder, `0001c0000014 0001 00000064 ${time} c0a00000`);
    expect([temperature.problems, temperature.values.at(-1)]).toEqual([[], same('Component.Sub.Temperature', -5)]);
  });

  test('counts bytes only when it is told to; of other bits than whole bytes it is a problem', () => {
    const text = readFileSync(join(__dirname, '../support/definitions/framework.xml'), 'utf8');
    const { definition: counted, problems } = readDefinition(text);
    expect(problems.map(({ effect, element }) => [effect, element])).toEqual([
      ['warning', 'LeadingSize'],
      ['warning', 'LeadingSize'],
    ]);
    if (counted === undefined) throw new Error('it is a definition');
    const decoded = valuesOf(
      decoderOf(counted),
      '0001c000001a 0001 00000066 0002 00 00000064 0000000a 0005 68656c6c6f000000',
    );
    expect(decoded.problems).toMatchObject([{ code: 'bad-size', at: 'Component.Label' }]);
  });

  test.each([
    ['Component.Sub.SetLow', { value: -5 }, '1000c009 0009 0000 0000012c c0a00000'],
    ['Component.Sub.SetHigh', { value: 1.5 }, '1000c009 0009 0000 0000012d 3fc00000'],
    ['Component.Sub.Rename', { to: 'abc' }, '1000c009 000f 0000 0000012e 0003 6162630000000000'],
  ])('%s is sent as its bytes and told by them', (id, given, hex) => {
    expect(encode(id, given)).toEqual({ ok: true, bytes: bytesOf(hex) });
    const { command, problems, values } = commands.decode(bytesOf(hex));
    expect([command?.id, problems]).toEqual([id, []]);
    const [[name, value] = []] = Object.entries(given);
    expect(values.find(({ field }) => field.argument?.name === name)?.value).toBe(value);
  });

  test('a packet that assigns what no command does is no command', () => {
    const { command, problems } = commands.decode(bytesOf('1000c009 0009 0000 0000ffff c0a00000'));
    expect([command, problems.map(({ code }) => code)]).toEqual([undefined, ['unknown-packet']]);
  });

  test('an argument outside its range, and one that is assigned already, are refused', () => {
    expect(encode('Component.Sub.SetLow', { value: 11 })).toMatchObject({ ok: false });
    expect(encode('Component.Sub.SetLow', { value: 1, OpCode: 7 })).toEqual({
      ok: false,
      problems: ['argument OpCode is fixed by SetLow'],
    });
  });
});
