/** Recordings as people really send them: what is a number, what is missing, in which order, with which times, in which format. */
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { parquetWriteFile } from 'hyparquet-writer';
import { FrameSorter } from '../../src/adapters/passes/frame-sorter';
import { inTimeOrder } from '../../src/adapters/passes/pass-order';
import { readPass } from '../../src/adapters/passes/pass-reader';
import { readPassText } from '../../src/adapters/passes/pass-text';
import { surveyFile } from '../../src/adapters/passes/survey-reader';
import { SurveyCounter } from '../../src/core/onboarding/survey';
import { countDrops } from '../../src/core/telemetry/drop';
import { parseTimeText } from '../../src/core/telemetry/packet-time';
import { FdirError, formatProblem } from '../../src/domain/errors';
import { missionSchema, type Mission } from '../../src/domain/mission';
import type { PartialFrame } from '../../src/domain/telemetry';
import { isoTime } from '../../src/domain/units';

const T0 = Date.UTC(2026, 2, 1);
const at = (index: number): string => isoTime(T0 + 4000 * index);

const missionWith = (more: object = {}): Mission =>
  missionSchema.parse({
    spacecraft: 'T1',
    sampling: { period: '4s', window: 4, stride: 1 },
    parameters: [
      { id: 'batt_v', equipment: 'eps', units: 'V', limits: { critical: [6, 9] } },
      { id: 'temp_c', units: 'degC' },
    ],
    ...more,
  });
const mission = missionWith();

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'fdir-recordings-'));
});
afterEach(() => {
  rmSync(folder, { recursive: true });
});
const write = (content: string | Uint8Array, name = 'pass.csv'): string => {
  const file = join(folder, name);
  writeFileSync(file, content);
  return file;
};

interface Read {
  readonly frames: readonly PartialFrame[];
  readonly values: readonly Readonly<Record<string, number>>[];
  readonly dropped: object;
  readonly told: readonly string[];
  readonly notes: readonly string[];
}
const readFileOf = async (file: string, judged = mission, isStream = true): Promise<Read> => {
  const frames: PartialFrame[] = [];
  const told: string[] = [];
  const notes: string[] = [];
  let dropped = {};
  for await (const chunk of readPass(file, judged, { isStream })) {
    frames.push(...chunk.frames);
    dropped = countDrops(dropped, chunk.drops);
    told.push(...chunk.problems.map(({ line, message }) => `${String(line)}: ${message}`));
    notes.push(...chunk.notes.map(({ message }) => message));
  }
  return { frames, values: frames.map(({ values }) => values), dropped, told, notes };
};
const read = (content: string | Uint8Array, judged = mission): Promise<Read> => readFileOf(write(content), judged);

const csv = (...rows: readonly string[]): string =>
  ['time,batt_v,temp_c', ...rows.map((row, index) => `${at(index)},${row}`), ''].join('\n');

describe('a cell', () => {
  test('that is a quoted blank is missing, and not 0', async () => {
    const { values, dropped } = await read(csv('" ",21', '7.9,21'));
    expect({ values, dropped }).toEqual({ values: [{ temp_c: 21 }, { batt_v: 7.9, temp_c: 21 }], dropped: {} });
  });

  test('of text may hold commas, line ends and doubled quotes inside quotes: 4.9 V beside it is read', async () => {
    const text = [
      'time,note,batt_v,temp_c',
      `${at(0)},"low, payload on",4.9,21`,
      `${at(1)},"two\nlines, and a ""word""",5.1,22`,
      `${at(2)},plain 5" pipe,5.2,23`,
      '',
    ].join('\r\n');
    const { values, dropped, told } = await read(text);
    expect(values).toEqual([
      { batt_v: 4.9, temp_c: 21 },
      { batt_v: 5.1, temp_c: 22 },
      { batt_v: 5.2, temp_c: 23 },
    ]);
    expect({ dropped, told }).toEqual({
      dropped: { 'unknown-parameter': 1 },
      told: ['1: unknown-parameter: column "note" is no parameter of the mission'],
    });
  });

  test('whose quote is never closed costs its record, and not the rest of the file', async () => {
    const { values, told } = await read(csv('7.1,"21', '7.2,22', '7.3,"23"', '7.4,24'));
    expect(values.map((one) => one['batt_v'])).toEqual([7.2, 7.3, 7.4]);
    expect(told).toEqual(['2: malformed: a quote is opened and never closed']);
  });

  test('that goes on in the next line belongs to a record: if the record has no time, one record is malformed', async () => {
    const { values, told } = await read(
      `time,note,batt_v\n${at(0)},a,7.1\nyesterday,"two\nlines",7.2\n${at(2)},b,7.3\n`,
    );
    expect(values.map((one) => one['batt_v'])).toEqual([7.1, 7.3]);
    expect(told.slice(1)).toEqual(['3: malformed: not a time: "yesterday"']);
  });

  const odd = ['true', 'FALSE', '"7.9"', 'x', 'x', '0x1F', '1_000', '1,5'];
  test('is 1 for true, 0 for false, a number in quotes, or text that is told once for its column with its count', async () => {
    const { values, dropped, told } = await read(
      csv(...odd.map((cell) => `${cell.includes(',') ? `"${cell}"` : cell},21`)),
    );
    expect(values.map((one) => one['batt_v'])).toEqual([1, 0, 7.9, ...Array.from({ length: 5 }, () => undefined)]);
    expect(values.every((one) => one['temp_c'] === 21)).toBe(true);
    expect({ dropped, told }).toEqual({
      dropped: { malformed: 5 },
      told: ['5: malformed: "batt_v" is not a number: "x" (and 4 more in this column)'],
    });
  });

  test('is read alike in NDJSON', async () => {
    const cells = [true, false, '7.9', 'x', 'x', ' ', null, 'N/A'];
    const lines = cells.map((cell, index) => JSON.stringify({ time: at(index), values: { batt_v: cell, temp_c: 21 } }));
    const { values, dropped, told } = await read(`${lines.join('\n')}\n{"time":"${at(9)}","values":{"batt_v":NaN}}\n`);
    expect(values.map((one) => one['batt_v'])).toEqual([1, 0, 7.9, ...Array.from({ length: 6 }, () => undefined)]);
    expect({ dropped, told }).toEqual({
      dropped: { malformed: 2 },
      told: ['4: malformed: "batt_v" is not a number: "x" (and 1 more in this column)'],
    });
  });

  test.each([
    '',
    'NaN',
    'nan',
    '-nan',
    'NA',
    '<NA>',
    'N/A',
    'n/a',
    'NULL',
    'null',
    'None',
    'NaT',
    '#N/A',
    '#NV',
    '#DIV/0!',
    '#VALUE!',
    '#REF!',
    '#NUM!',
    '#NAME?',
    '1.#QNAN',
    '-1.#IND',
    '<undefined>',
    'missing',
  ])('is missing when it is "%s"', async (word) => {
    expect(await read(csv(`${word},21`))).toMatchObject({ values: [{ temp_c: 21 }], dropped: {}, told: [] });
  });

  test('is missing when the mission says so, as a word or by its value', async () => {
    const judged = missionWith({ missing: ['x', -9999] });
    const { values, dropped } = await read(csv('x,21', '-9999.0,21', '-99,21'), judged);
    expect({ values, dropped }).toEqual({
      values: [{ temp_c: 21 }, { temp_c: 21 }, { batt_v: -99, temp_c: 21 }],
      dropped: {},
    });
  });
});

describe('the order', () => {
  const rows = Array.from({ length: 200 }, (_, index) => `${at(index)},${String(index)},1`);
  const inOrder = Array.from({ length: 200 }, (_, index) => index);
  const batteries = ({ values }: Read): readonly (number | undefined)[] => values.map((one) => one['batt_v']);
  const pass = (lines: readonly string[]): string => ['time,batt_v,temp_c', ...lines, ''].join('\n');

  test('newest first is sorted, and told', async () => {
    const result = await read(pass(rows.toReversed()));
    expect({ values: batteries(result), notes: result.notes, dropped: result.dropped }).toEqual({
      values: inOrder,
      notes: ['the records are not in the order of time, 198 of 200 are earlier than one before them: they are sorted'],
      dropped: {},
    });
  });

  test('of records that were shuffled is mended too', async () => {
    const shuffled = rows.map((_, index) => rows[(index * 73) % 200] ?? '');
    expect(batteries(await read(pass(shuffled)))).toEqual(inOrder);
  });

  test('of two halves that were swapped is mended for one time base; a stream may have had its clock set back', async () => {
    const file = write(pass([...rows.slice(100), ...rows.slice(0, 100)]));
    expect(batteries(await readFileOf(file, mission, false))).toEqual(inOrder);
    expect(batteries(await readFileOf(file, mission, true))).toEqual([...inOrder.slice(100), ...inOrder.slice(0, 100)]);
  });

  test('does not put one record of a wrong clock behind a gap of thousands of years: it was ahead, and is dropped', async () => {
    const wild = [...rows.slice(0, 50), '9999-01-01T00:00:00Z,7,1', ...rows.slice(50)];
    const file = write(pass([...wild, rows[10] ?? '', rows[20] ?? '', rows[30] ?? '']));
    const result = await readFileOf(file, mission, false);
    expect({ last: result.frames.at(-1)?.time, dropped: result.dropped }).toEqual({
      last: T0 + 4000 * 199,
      dropped: { future: 1 },
    });
  });

  test('of live and played-back records in turn loses none of them', async () => {
    const both = Array.from({ length: 100 }, (_, index) => [rows[100 + index] ?? '', rows[index] ?? '']).flat();
    const result = await read(pass(both));
    expect({ values: batteries(result), dropped: result.dropped }).toEqual({ values: inOrder, dropped: {} });
  });

  test('of NDJSON newest first is mended whatever its times look like, also within arrays', async () => {
    const texts = [0, 1, 2, 3].map((index) => {
      const time = new Date(T0 + 4000 * index).toISOString().replace('T', ' ').slice(0, 19);
      return JSON.stringify({ time, values: { batt_v: index } });
    });
    const [a = '', b = '', c = '', d = ''] = texts;
    expect(batteries(await readFileOf(write([d, c, b, a].join('\n')), mission, false))).toEqual([0, 1, 2, 3]);
    expect(batteries(await readFileOf(write([a, `[${d},${c},${b}]`].join('\n')), mission, false))).toEqual([
      0, 1, 2, 3,
    ]);
  });

  test('of a recording with one time ahead of all others is mended for one time base: the time is dropped', async () => {
    const file = write(pass([...rows.slice(0, 50), '2031-01-01T00:00:00Z,7,1', ...rows.slice(50)]));
    const { values, dropped } = await readFileOf(file, mission, false);
    expect({ values: values.length, dropped }).toEqual({ values: 200, dropped: { future: 1 } });
  });

  test('of several files is that of their times', async () => {
    const files = [write(pass(rows.slice(100)), 'b.csv'), write(pass(rows.slice(0, 100)), 'a.csv')];
    const [b, a] = files;
    expect(await inTimeOrder(files, mission)).toEqual({ files: [a, b], isChanged: true });
    expect(await inTimeOrder(files.toReversed(), mission)).toEqual({ files: [a, b], isChanged: false });
  });

  test('is found with runs on the disk when memory is short, and nothing is left there', async () => {
    const before = readdirSync(tmpdir()).filter((name) => name.startsWith('fdir-sort-'));
    const sorter = new FrameSorter(64);
    const frames = Array.from({ length: 500 }, (_, index) => ({ time: (index * 211) % 500, values: { a: index / 7 } }));
    await sorter.add(frames);
    const sorted: PartialFrame[] = [];
    for await (const chunk of sorter.sorted()) sorted.push(...chunk);
    sorter.close();
    expect(sorted).toEqual(frames.toSorted((a, b) => a.time - b.time));
    expect(readdirSync(tmpdir()).filter((name) => name.startsWith('fdir-sort-'))).toEqual(before);
  });

  test('does not matter to the first survey of a recording', async () => {
    const counter = new SurveyCounter();
    const { notes } = await surveyFile(write(pass(rows.toReversed())), counter);
    expect(counter.result()).toMatchObject({ periodMs: 4000, recordings: [{ backwards: 0, frames: 200 }] });
    expect(notes.map(({ message }) => message)).toEqual([expect.stringContaining('they are sorted')]);
  });
});

describe('a time', () => {
  const day = Date.UTC(2026, 4, 1, 4, 12, 8);
  test.each([
    ['2026-121T04:12:08Z', day],
    ['2026-121T04:12:08', day],
    ['2026-05-01t04:12:08z', day],
    ['2026-05-01 04:12:08,5', day + 500],
    ['2026-05-01T06:12:08+02:00', day],
    ['2026-05-01', Date.UTC(2026, 4, 1)],
    ['2016-12-31T23:59:60Z', Date.UTC(2017, 0, 1)],
    ['2016-366T23:59:60.25Z', Date.UTC(2017, 0, 1) + 250],
    ['2024-02-29T00:00:00Z', Date.UTC(2024, 1, 29)],
    [String(day / 1000), day],
  ])('may be %s', (text, time) => {
    expect(parseTimeText(text)).toBe(time);
  });

  test.each([
    '2026-02-30T00:00:00Z',
    '2025-366T00:00:00Z',
    '2026-000T00:00:00Z',
    '2026-13-01T00:00:00Z',
    '2026-05-01T12:00:60Z',
    '2026-05-01T25:00:00Z',
    '2026-05-01T00:60:00Z',
    '2026-05-01T00:00:00+25:00',
  ])('does not exist: %s', (text) => {
    expect(parseTimeText(text)).toBeUndefined();
  });

  test.each([
    ['milliseconds', 1e3],
    ['microseconds', 1e6],
    ['nanoseconds', 1e9],
  ])('in Unix %s is read when it can be nothing else, and told', async (name, perSecond) => {
    const count = (index: number): string => String((BigInt(T0) / 1000n + BigInt(4 * index)) * BigInt(perSecond));
    const { frames, notes } = await read(`time,batt_v\n${count(0)},7.9\n${count(1)},8\n`);
    expect(frames).toEqual([
      { time: T0, values: { batt_v: 7.9 } },
      { time: T0 + 4000, values: { batt_v: 8 } },
    ]);
    expect(notes).toEqual([`times can be no Unix seconds: they are read as Unix ${name}`]);
    const json = [0, 1].map((index) => `{"time": ${count(index)}, "values": {"batt_v": 7.9}}`).join('\n');
    expect((await read(json)).frames.map(({ time }) => time)).toEqual([T0, T0 + 4000]);
  });

  test('in other units than its file has is malformed', async () => {
    const { frames, dropped } = await read(
      `time,batt_v\n${String(T0 / 1000)},7\n${String(T0 / 1000 + 4)},7\n${String(T0)},8\n`,
    );
    expect({ count: frames.length, dropped }).toEqual({ count: 2, dropped: { future: 1 } });
  });
});

describe('a format', () => {
  const text = csv('7.9,21', '8,22.5');
  const values = [
    { batt_v: 7.9, temp_c: 21 },
    { batt_v: 8, temp_c: 22.5 },
  ];
  const swapped = (bytes: Buffer): Buffer => Buffer.from(bytes).swap16();

  test.each([
    ['gzip', gzipSync(text)],
    ['gzip of two parts', Buffer.concat([gzipSync(text.slice(0, 30)), gzipSync(text.slice(30))])],
    ['UTF-16 with a mark', Buffer.from(`\ufeff${text}`, 'utf16le')],
    ['UTF-16 without one', Buffer.from(text, 'utf16le')],
    ['UTF-16, most significant byte first', swapped(Buffer.from(`\ufeff${text}`, 'utf16le'))],
    ['UTF-8 with a mark', `\ufeff${text}`],
    ['semicolons and decimal commas', text.replaceAll(',', ';').replaceAll('.', ',')],
    ['semicolons and decimal points', text.replaceAll(',', ';')],
    ['tabs', text.replaceAll(',', '\t')],
    ["Excel's first line", `sep=;\r\n${text.replaceAll(',', ';')}`],
    ['comments before it', `# station A\n#\n${text}`],
    ['a header that is a comment', `# ${text}`],
    ['a title before it', `Export of station A\nmade by hand\n${text}`],
    ['empty cells behind the last column', text.replaceAll('\n', ',\n')],
  ])('is read: %s', async (_what, content) => {
    expect(await read(content)).toMatchObject({ values, dropped: {}, told: [] });
  });

  test('is read: Parquet, with a time that is a timestamp and columns in any order', async () => {
    const file = join(folder, 'pass.parquet');
    parquetWriteFile({
      filename: file,
      columnData: [
        { name: 'batt_v', data: [7.9, null], type: 'DOUBLE' },
        { name: 'on', data: [true, false], type: 'BOOLEAN' },
        { name: 'temp_c', data: [21, 22], type: 'INT32' },
        { name: 'stamp', data: [new Date(T0), new Date(T0 + 4000)], type: 'TIMESTAMP' },
      ],
    });
    const { frames } = await readFileOf(file);
    expect(frames).toEqual([
      { time: T0, values: { batt_v: 7.9, temp_c: 21 } },
      { time: T0 + 4000, values: { temp_c: 22 } },
    ]);
    const survey = new SurveyCounter();
    expect((await surveyFile(file, survey)).columns).toEqual(['batt_v', 'on', 'temp_c']);
    expect((await readPassText(file, { known: new Set(['batt_v', 'temp_c']) })).times).toEqual([T0, T0 + 4000]);
  });

  test('without a time column, with a trailing comma, in Unix milliseconds, with x for missing and true among numbers', async () => {
    const content = [
      'batt_v,temp_c,',
      ...['7.9,21', 'x,22', 'true,x'].map((row, index) => `${String(T0 + 4000 * index)},${row}`),
      '',
    ].join('\n');
    const { frames, dropped, notes } = await read(content);
    expect(frames).toEqual([
      { time: T0, values: { batt_v: 7.9, temp_c: 21 } },
      { time: T0 + 4000, values: { temp_c: 22 } },
      { time: T0 + 8000, values: { batt_v: 1 } },
    ]);
    expect(dropped).toEqual({ malformed: 2 });
    expect(notes).toEqual([
      'the header names no time: the first cell of a record is taken for it',
      'times can be no Unix seconds: they are read as Unix milliseconds',
    ]);
    const counter = new SurveyCounter();
    expect((await surveyFile(write(content), counter)).columns).toEqual(['batt_v', 'temp_c']);
    expect(counter.result()).toMatchObject({ periodMs: 4000 });
  });

  test('whose first column has another name for the time is read, and told', async () => {
    const { frames, notes } = await read(csv('7.9,21', '8,22').replace('time,', 'Timestamp (UTC),'));
    expect(frames.map(({ time }) => time)).toEqual([T0, T0 + 4000]);
    expect(notes).toEqual(['the first column "Timestamp (UTC)" is taken for the time']);
  });

  test('whose header names the time and ends in separators is not shifted by a column', async () => {
    const rows = ['7.9;21;', '8;22;'].map((row, index) => `${at(index)};${row}`);
    const { values, notes } = await read(['t;batt_v;temp_c;', ...rows, ''].join('\n'));
    expect(values).toEqual([
      { batt_v: 7.9, temp_c: 21 },
      { batt_v: 8, temp_c: 22 },
    ]);
    expect(notes).toContain('the first column "t" is taken for the time');
  });

  test('whose last column has no name and holds notes keeps its records, and is told once', async () => {
    const rows = ['7.9,21,"two\nlines"', '8,22,', '8.1,23,ok'].map((row, index) => `${at(index)},${row}`);
    const { values, told } = await read(['UTC,batt_v,temp_c,', ...rows, ''].join('\n'));
    expect(values.map((one) => one['batt_v'])).toEqual([7.9, 8, 8.1]);
    expect(told).toEqual(['2: unknown-parameter: column 4 has no name']);
  });

  test('has the decimal mark of its samples, whatever its notes show', async () => {
    const rows = ['v1;7,9;20', '7.9;8,;21', '8.1;8,5;22'].map((row, index) => `${at(index)};${row}`);
    const { values, dropped } = await read(['time;note;batt_v;temp_c', ...rows, ''].join('\n'));
    expect(values.map((one) => one['batt_v'])).toEqual([7.9, 8, 8.5]);
    expect(dropped).toEqual({ 'unknown-parameter': 1 });
  });

  test('is text also where it is short and ends in letters that are not ASCII', async () => {
    expect(await read(`time,batt_v,note\n${at(0)},7.9,µ→é`)).toMatchObject({ values: [{ batt_v: 7.9 }] });
  });

  test.each([
    ['line ends of an old Mac', text.replaceAll('\n', '\r'), {}],
    ['times of picoseconds', text.replaceAll('Z', '.000000000001Z'), {}],
    ['zeros behind its text, as of a writer that was cut off', `${text}${'\0'.repeat(3000)}`, { malformed: 1 }],
    ['a row of units', text.replace('\n', '\nUTC,V,degC\n'), { malformed: 1 }],
  ])('with %s is read', async (_what, content, dropped) => {
    expect(await read(content)).toMatchObject({ values, dropped });
  });

  test('whose columns differ from the mission in capitals alone says which parameter is meant', async () => {
    const { told } = await read(text.replace('batt_v', 'Batt_V'));
    expect(told).toEqual(['1: unknown-parameter: column "Batt_V" is no parameter of the mission: "batt_v" is one']);
  });

  const refusals: readonly (readonly [string, string | Uint8Array, RegExp])[] = [
    ['xlsx', Buffer.from('PK\x03\x04\x14\0\0\0', 'latin1'), /xlsx.*save the sheet as CSV/],
    ['xls', Buffer.from([0xd0, 0xcf, 0x11, 0xe0, 0xa1]), /xls.*save the sheet as CSV/],
    ['HDF5', Buffer.from('\x89HDF\r\n\x1a\n\0\0', 'latin1'), /HDF5.*to_csv/],
    ['MATLAB', 'MATLAB 5.0 MAT-file, Platform: GLNXA64', /MATLAB.*writetimetable/],
    ['bzip2', Buffer.from('BZh91AY&SY\0\0', 'latin1'), /bzip2.*bunzip2/],
    ['zstd', Buffer.from([0x28, 0xb5, 0x2f, 0xfd, 0, 1]), /zstd.*unzstd/],
    ['damaged gzip', gzipSync(text).subarray(0, 40), /gzip, and damaged/],
    ['damaged Parquet', 'PAR1 and nothing more', /Parquet/],
    ['bytes', Uint8Array.from({ length: 400 }, (_, index) => (index * 37) % 256), /is binary/],
    ['a JSON array', '[{"time":1772323200,"values":{}}]', /JSON array.*jq/],
    ['a header alone', 'time,batt_v,temp_c\n', /a header and nothing below/],
    ['days of a spreadsheet', 'time,batt_v\n46082.0004,7.9\n', /spreadsheet.*yyyy-mm-dd/],
    ['European dates', 'time,batt_v\n01.03.2026 00:00:36,7.9\n', /not a time.*write it as 2026-03-01T/],
    ['seconds since the start', 'time,batt_v\n0,7.9\n4,8\n', /since 1970/],
    ['the time at the end', `batt_v,time\n7.9,${at(0)}\n8,${at(1)}\n`, /move column "time" to the front/],
    [
      'date and time of day in two columns',
      'Date,Clock,batt_v\n2026-03-01,00:00:00,7\n2026-03-01,00:00:04,8\n',
      /one date: join/,
    ],
    ['data without a header', `${at(0)},7.9,21\n${at(1)},7.9,21\n`, /the first line is a record/],
  ];
  const refusalOf = (reading: Promise<unknown>): Promise<string> =>
    reading.then(
      () => 'nothing was refused',
      (error: unknown) => {
        if (!(error instanceof FdirError)) throw error;
        return [error.message, ...error.problems.map(formatProblem)].join(' ');
      },
    );
  test.each(refusals)(
    'that is not read is named with what to do, in every command: %s',
    async (_what, content, expected) => {
      const file = write(content);
      const told = [
        await refusalOf(readFileOf(file)),
        await refusalOf(surveyFile(file, new SurveyCounter())),
        await refusalOf(readPassText(file, { known: new Set(['batt_v']) })),
      ];
      for (const message of told) expect(message).toMatch(expected);
      for (const message of told) expect(message).not.toMatch(/[\u0000-\u0008\ufffd]/);
    },
  );

  test('is kept in what is written back: semicolons, decimal commas and quotes', async () => {
    const content = 'time;batt_v;note\r\n2026-03-01T00:00:00Z;"7,95";a\r\n2026-03-01T00:00:04Z;8,1;"b;c"\r\n';
    const pass = await readPassText(write(content), { known: new Set(['batt_v']) });
    expect([...pass.column('batt_v')]).toEqual([7.95, 8.1]);
    pass.replace('batt_v', 0, '3.25');
    pass.replace('batt_v', 1, '4.5');
    expect(pass.text()).toBe(content.replace('7,95', '3,25').replace('8,1', '4,5'));
    expect(readFileSync(join(folder, 'pass.csv'), 'utf8')).toBe(content);
  });
});
