/** `fdir decode`: what it prints, its exit status, and what it says of bad input. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Command } from 'commander';
import { register } from '../../src/commands/decode';
import { FdirError } from '../../src/domain/errors';
import { joinBytes, spacePacket, unsigned, xtceText } from '../support/xtce-text';

const DEFINITION = xtceText({
  types: [
    unsigned('u16', 16),
    unsigned('u64', 64),
    '<EnumeratedParameterType name="mode"><IntegerDataEncoding/><EnumerationList><Enumeration value="0" label="OFF"/><Enumeration value="1" label="ON"/></EnumerationList></EnumeratedParameterType>',
    '<FloatParameterType name="volts"><UnitSet><Unit>V</Unit></UnitSet><IntegerDataEncoding><DefaultCalibrator><PolynomialCalibrator><Term coefficient="0.5" exponent="1"/></PolynomialCalibrator></DefaultCalibrator></IntegerDataEncoding><ValidRange minInclusive="0" maxInclusive="20"/></FloatParameterType>',
    '<FloatParameterType name="f32"><FloatDataEncoding/></FloatParameterType>',
    '<BinaryParameterType name="bytes"><BinaryDataEncoding><SizeInBits><FixedValue>16</FixedValue></SizeInBits></BinaryDataEncoding></BinaryParameterType>',
    '<AbsoluteTimeParameterType name="time"><Encoding><IntegerDataEncoding sizeInBits="32"/></Encoding><ReferenceTime><Epoch>UNIX</Epoch></ReferenceTime></AbsoluteTimeParameterType>',
  ].join('\n'),
  parameters: [
    'ID u16',
    'SEQ u16',
    'LEN u16',
    'TIME time',
    'MODE mode',
    'VOLTS volts',
    'WIDE u64',
    'RATIO f32',
    'RAW bytes',
  ]
    .map((pair) => pair.split(' '))
    .map(([name = '', type = '']) => `<Parameter name="${name}" parameterTypeRef="${type}"/>`)
    .join('\n'),
  containers: `<SequenceContainer name="Packet"><EntryList>${['ID', 'SEQ', 'LEN', 'TIME', 'MODE'].map((name) => `<ParameterRefEntry parameterRef="${name}"/>`).join('')}
<ParameterRefEntry parameterRef="VOLTS"><RepeatEntry><Count><FixedValue>2</FixedValue></Count></RepeatEntry></ParameterRefEntry>
${['WIDE', 'RATIO', 'RAW'].map((name) => `<ParameterRefEntry parameterRef="${name}"/>`).join('')}</EntryList></SequenceContainer>`,
});
const data = (volts: number): readonly number[] => [
  0x60,
  0x6f,
  0x99,
  0x00,
  1,
  10,
  volts,
  ...new Array<number>(8).fill(255),
  0x7f,
  0xc0,
  0,
  0,
  0xca,
  0xfe,
];

let folder = '';
let stdout = '';
let stderr = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'fdir-decode-'));
  stdout = '';
  stderr = '';
  jest.spyOn(process.stdout, 'write').mockImplementation((text) => ((stdout += String(text)), true));
  jest.spyOn(process.stderr, 'write').mockImplementation((text) => ((stderr += String(text)), true));
  writeFileSync(join(folder, 'bus.xml'), DEFINITION);
  writeFileSync(
    join(folder, 'pass.bin'),
    joinBytes([spacePacket(5, 1, data(20)), spacePacket(6, 0, [1, 2]), spacePacket(5, 4, data(99))]),
  );
});
afterEach(() => {
  jest.restoreAllMocks();
  process.exitCode = 0;
  rmSync(folder, { recursive: true });
});

const decode = async (...args: readonly string[]): Promise<string> => {
  const program = new Command('fdir').exitOverride();
  register(program);
  const wanted = args.map((arg) => (arg.includes('.') && !arg.startsWith('-') ? join(folder, arg) : arg));
  await program.parseAsync(['node', 'fdir', 'decode', ...wanted]);
  return stdout;
};
const failure = async (...args: readonly string[]): Promise<FdirError> => {
  const error: unknown = await decode(...args).catch((thrown: unknown) => thrown);
  if (error instanceof FdirError) return error;
  throw new Error('it did not fail', { cause: error });
};
const lines = (text: string): readonly unknown[] =>
  text
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as unknown);

test('--json prints a packet a line, and a last line with counts', async () => {
  const text = await decode('pass.bin', '--xtce', 'bus.xml', '--json');
  const [first, second, third, summary] = lines(text);
  expect(first).toEqual({
    packet: 1,
    apid: 5,
    sequence: 1,
    time: '2021-04-09T00:00:00.000Z',
    container: 'Packet',
    bytes: 27,
    invalid: { RATIO: 'not-finite' },
    values: {
      ID: [5, 5],
      SEQ: [0xc001, 0xc001],
      LEN: [20, 20],
      TIME: [1_617_926_400, '2021-04-09T00:00:00.000Z'],
      MODE: [1, 'ON'],
      VOLTS: [20, 10],
      WIDE: [18446744073709552000, 18446744073709552000],
      RATIO: ['NaN', 'NaN'],
      RAW: ['cafe', 'cafe'],
    },
    repeated: {
      VOLTS: [
        [10, 5],
        [20, 10],
      ],
    },
  });
  // JSON numbers keep every digit, whatever reads them.
  expect(text).toContain('"WIDE": [18446744073709551615, 18446744073709551615]');
  expect(second).toMatchObject({
    packet: 2,
    apid: 6,
    time: null,
    problems: [{ code: 'truncated', bit: 48, at: 'TIME' }],
  });
  expect(third).toMatchObject({ packet: 3, invalid: { VOLTS: 'range', RATIO: 'not-finite' } });
  expect(summary).toEqual({
    type: 'summary',
    packets: 3,
    bytes: 62,
    byApid: { 5: 2, 6: 1 },
    gaps: 1,
    skippedBytes: 0,
    errors: 1,
    missing: 2,
    idle: 0,
    problems: { truncated: 1, gap: 1 },
  });
  expect(stderr).toContain('2 packets are missing before it');
});

test('--apid and --limit choose packets', async () => {
  expect(lines(await decode('pass.bin', '--xtce', 'bus.xml', '--json', '--apid', '6'))).toHaveLength(2);
  stdout = '';
  const [only, summary] = lines(await decode('pass.bin', '--xtce', 'bus.xml', '--json', '--limit', '1'));
  expect([only, summary]).toMatchObject([{ packet: 1 }, { packets: 1, bytes: 27 }]);
});

test('--csv prints a pass: what is not valid is left empty', async () => {
  const [head, first, , third] = (await decode('pass.bin', '--xtce', 'bus.xml', '--csv')).trim().split('\n');
  expect([head, first, third]).toEqual([
    'time,ID,SEQ,LEN,TIME,MODE,VOLTS,WIDE,RATIO,RAW',
    '2021-04-09T00:00:00.000Z,5,49153,20,2021-04-09T00:00:00.000Z,ON,10,18446744073709551615,,cafe',
    '2021-04-09T00:00:00.000Z,5,49156,20,2021-04-09T00:00:00.000Z,ON,,18446744073709551615,,cafe',
  ]);
});

test('for people, values have units and reasons', async () => {
  const text = await decode('pass.bin', '--xtce', 'bus.xml');
  expect(text).toContain('packet 1  APID 5  sequence 1  2021-04-09T00:00:00.000Z  Packet  27 bytes');
  expect(text).toMatch(/VOLTS\s+49\.5 V {2}\(range\)/);
  expect(text).toContain('truncated at bit 48, TIME: 32 bits are needed');
});

test('--check lists what is not honoured and exits 1 when something is refused', async () => {
  expect(JSON.parse(await decode('--xtce', 'bus.xml', '--check'))).toEqual({ honoured: true, problems: [] });
  expect(process.exitCode).toBe(0);
  stdout = '';
  writeFileSync(
    join(folder, 'bad.xml'),
    DEFINITION.replace('</ContainerSet>', '</ContainerSet>\n<StreamSet/>\n<MessageSet/>'),
  );
  const { honoured, problems } = JSON.parse(await decode('--xtce', 'bad.xml', '--check')) as {
    honoured: boolean;
    problems: readonly object[];
  };
  expect([honoured, problems.map((problem) => Object.keys(problem).sort())]).toEqual([
    false,
    [
      ['effect', 'element', 'line', 'message'],
      ['effect', 'element', 'line', 'message'],
    ],
  ]);
  expect(problems).toMatchObject([
    { element: 'StreamSet', effect: 'warning' },
    { element: 'MessageSet', effect: 'refused' },
  ]);
  expect(process.exitCode).toBe(1);
});

test.each<[string, readonly string[], string, RegExp]>([
  ['a definition that is missing', ['pass.bin', '--xtce', 'none.xml'], 'config', /cannot read the definition/],
  ['a recording that is missing', ['none.bin', '--xtce', 'bus.xml'], 'input', /cannot read .*none\.bin/],
  ['a definition that is none', ['pass.bin', '--xtce', 'pass.bin'], 'config', /is no definition/],
  [
    'a container that is not defined',
    ['pass.bin', '--xtce', 'bus.xml', '--container', 'Nope'],
    'config',
    /--container/,
  ],
  ['no file', ['--xtce', 'bus.xml'], 'usage', /needs a FILE/],
  ['two forms', ['pass.bin', '--xtce', 'bus.xml', '--json', '--csv'], 'usage', /exclude each other/],
  ['an APID beyond the last', ['pass.bin', '--xtce', 'bus.xml', '--apid', '2048'], 'usage', /--apid 2048/],
  ['a limit of nothing', ['pass.bin', '--xtce', 'bus.xml', '--limit', '0'], 'usage', /--limit 0/],
  ['an unknown checksum', ['pass.bin', '--xtce', 'bus.xml', '--checksum', 'md5'], 'usage', /crc16-ccitt/],
  [
    'an epoch that is no time',
    ['pass.bin', '--xtce', 'bus.xml', '--time', 'cuc', '--epoch', 'now'],
    'usage',
    /--epoch now/,
  ],
  ['a setting without a value', ['pass.bin', '--xtce', 'bus.xml', '--set', 'MODE'], 'usage', /PARAMETER=VALUE/],
])('%s is told', async (_, args, code, message) => {
  const error = await failure(...args);
  expect(error.code).toBe(code);
  expect(error.message).toMatch(message);
});

test('a file without one packet is an error', async () => {
  writeFileSync(join(folder, 'noise.bin'), new Uint8Array(200).fill(0xff));
  expect((await failure('noise.bin', '--xtce', 'bus.xml')).message).toContain('holds no packet');
});
