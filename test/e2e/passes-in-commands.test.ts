/** Recordings as people send them, in every command that reads passes: read alike, or refused alike with what to do. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { parquetWriteFile } from 'hyparquet-writer';
import { createRandom } from '../../src/core/random';
import { isoTime } from '../../src/domain/units';
import { runCli } from '../support/cli';
import { offsetOnWheel1, T0, TINY_PARAMETERS, tinyPass } from '../support/tiny-mission';
import { makeWorkspace, type Workspace } from '../support/workspace';

const TIMEOUT_MS = 120_000;
const XTCE = join(__dirname, '../support/definitions/framework.xml');

let work: Workspace;
beforeAll(async () => {
  work = await makeWorkspace();
  work.write('labels.csv', ['start,end,equipment,fault', '2026-03-01T00:00:20Z,2026-03-01T00:00:39Z,rw1,offset']);
});
afterAll(() => {
  work.remove();
});
const bytes = (name: string, content: string | Uint8Array): string => {
  writeFileSync(work.path(name), content);
  return work.path(name);
};

/** Every command that reads a pass, with what it needs besides. */
const COMMANDS: readonly (readonly [string, (file: string) => readonly string[]])[] = [
  ['replay', (file) => ['replay', file, '--config', work.path('fdir.yaml')]],
  ['init', (file) => ['init', file, '--out', work.path('drafted.yaml'), '--force']],
  ['fit', (file) => ['fit', '--mission', work.path('mission.yaml'), '--nominal', file, '--out', work.path('made')]],
  [
    'evaluate',
    (file) => [
      ...['evaluate', '--mission', work.path('mission.yaml'), '--model', work.path('model')],
      ...['--pass', file, '--labels', work.path('labels.csv'), '--json'],
    ],
  ],
  [
    'inject',
    (file) => ['inject', '--mission', work.path('mission.yaml'), '--pass', file, '--out', work.path('out.csv')],
  ],
];

const REFUSED: readonly (readonly [string, string | Uint8Array, RegExp])[] = [
  ['xlsx', Buffer.from('PK\x03\x04\x14\0\0\0', 'latin1'), /xlsx[^]*save the sheet as CSV/],
  ['damaged gzip', gzipSync(tinyPass(40).join('\n')).subarray(0, 60), /gzip, and damaged/],
  ['a JSON array', '[{"time":1772323200,"values":{}}]', /JSON array[^]*jq/],
];
describe.each(COMMANDS)('%s', (_command, argumentsOf) => {
  test.each(REFUSED)(
    'refuses %s with what to do, and without its bytes',
    async (_what, content, expected) => {
      const { status, stdout, stderr } = await runCli(argumentsOf(bytes('sent.csv', content)));
      expect({ status, isTold: expected.test(stderr) }).toEqual({ status: 2, isTold: true });
      expect(stdout + stderr).not.toMatch(/[\u0000-\u0008\ufffd]/);
    },
    TIMEOUT_MS,
  );
});

const ROWS = tinyPass(60, offsetOnWheel1);
const ids: readonly string[] = TINY_PARAMETERS;
const parquet = (name: string): string => {
  const cells = ROWS.slice(1).map((row) => row.split(','));
  parquetWriteFile({
    filename: work.path(name),
    columnData: [
      { name: 'time', data: cells.map(([time = '']) => new Date(time)), type: 'TIMESTAMP' },
      ...ids.map((id, index) => ({
        name: id,
        data: cells.map((row) => Number(row[index + 1])),
        type: 'DOUBLE' as const,
      })),
    ],
  });
  return work.path(name);
};
const FORMS: readonly (readonly [string, () => string])[] = [
  ['gzip', () => bytes('pass.csv.gz', gzipSync(ROWS.join('\n')))],
  ['UTF-16', () => bytes('utf16.csv', Buffer.from(`\ufeff${ROWS.join('\r\n')}\r\n`, 'utf16le'))],
  [
    'semicolons and decimal commas',
    () =>
      work.write(
        'comma.csv',
        ROWS.map((row) => row.replaceAll(',', ';').replaceAll('.', ',')),
      ),
  ],
  ['a preamble', () => work.write('preamble.csv', ['# station A', '#', ...ROWS])],
  ['Parquet', () => parquet('pass.parquet')],
  [
    'no time column, a trailing comma and Unix milliseconds',
    () =>
      work.write('real.csv', [
        `${ids.join(',')},`,
        ...ROWS.slice(1).map((row) => {
          const [time = '', ...cells] = row.split(',');
          return [String(Date.parse(time)), ...cells].join(',');
        }),
      ]),
  ],
];
describe('what is read is read alike', () => {
  const plain = () => work.write('plain.csv', ROWS);
  const figures = async (file: string): Promise<unknown> => {
    const run = await runCli([...(COMMANDS.find(([name]) => name === 'evaluate')?.[1](file) ?? [])]);
    const { windows, isolation, events } = JSON.parse(run.stdout) as Record<string, unknown>;
    return { windows, isolation, events };
  };
  const replayed = async (file: string): Promise<string> =>
    (await runCli(['replay', file, '--config', work.path('fdir.yaml'), '--json'])).stdout;
  const drafted = async (file: string): Promise<string> => {
    await runCli(['init', file, '--out', work.path('alike.yaml'), '--spacecraft', 'X', '--force']);
    // The first lines name the file.
    return readFileSync(work.path('alike.yaml'), 'utf8').replaceAll(/^#.*pass.*$|^# \S+: \d+ frames.*$/gm, '');
  };
  /** A fit of so short a pass is refused for its windows: how many there are shows that it was read. */
  const fitted = async (file: string): Promise<string> => {
    const { stderr } = await runCli([...(COMMANDS.find(([name]) => name === 'fit')?.[1](file) ?? [])]);
    return stderr.match(/^fdir: .*windows?.*$/m)?.[0].replace(file, '') ?? stderr;
  };

  test.each(FORMS)(
    '%s, in replay, evaluate, init and fit',
    async (_what, write) => {
      const [file, wanted] = [write(), plain()];
      for (const act of [replayed, figures, drafted, fitted]) expect(await act(file)).toEqual(await act(wanted));
    },
    TIMEOUT_MS,
  );
});

test('A.5: a fit tells how many samples it does not use', async () => {
  const doubled = ROWS.flatMap((row, index) => {
    const [time = '', ...cells] = row.split(',');
    return index === 0 ? [row] : [row, [time.replace('Z', '.400Z'), ...cells].join(',')];
  });
  const file = work.write('doubled.csv', doubled);
  const { stderr } = await runCli([...(COMMANDS.find(([name]) => name === 'fit')?.[1](file) ?? [])]);
  expect(stderr).toMatch(new RegExp(`${file}: not used: 60 (late|duplicate)`));
});

test('packets that are compressed are no packets: decode and init say how to unpack them', async () => {
  const file = bytes('packets.bin', gzipSync(Buffer.alloc(4000, 7)));
  const decode = await runCli(['decode', file, '--xtce', XTCE]);
  const init = await runCli(['init', file, '--xtce', XTCE, '--out', work.path('p.yaml')]);
  for (const { status, stderr } of [decode, init])
    expect({ status, stderr }).toEqual({
      status: 2,
      stderr: expect.stringContaining(
        `fdir: ${file} is compressed with gzip, no packets\n  ${file}: packets are read as they were recorded: unpack it with gunzip\n`,
      ) as string,
    });
});

describe('a number that may stand for missing samples, and two values at one instant', () => {
  const SEED = 312;
  const random = createRandom(SEED);
  const rows = Array.from({ length: 700 }, (_, index) => {
    const temperature = index % 2 === 0 && index < 624 ? '-9999' : (20 + random.uniform()).toFixed(2);
    return `${isoTime(T0 + index * 4000)},${(7 + random.uniform()).toFixed(2)},${temperature}`;
  });
  const HINT =
    '-9999 stands 312 times in temp_c, far outside the rest: if it means missing, add it to missing: in the mission';
  const mission = (more = ''): string =>
    `{ spacecraft: T1, sampling: { period: 4s, window: 4, stride: 1 }, ${more} parameters: [{ id: batt_v }, { id: temp_c }] }`;
  const replay = async (...lines: readonly string[]) => {
    const file = work.write('fill.csv', ['time,batt_v,temp_c', ...lines]);
    const { stdout, stderr } = await runCli(['replay', file, '--config', work.path('r.yaml'), '--json']);
    return { summary: JSON.parse(stdout.trim().split('\n').at(-1) ?? '{}') as object, stderr, file };
  };
  beforeAll(() => {
    work.write('m.yaml', [mission()]);
    work.write('r.yaml', ['mission: m.yaml']);
  });

  test(`are told by replay and init, and the number is still a sample; in missing: it is none (seed ${String(SEED)})`, async () => {
    const { summary, stderr, file } = await replay(...rows);
    expect(summary).toMatchObject({ frames: 700, dropped: {} });
    expect(stderr).toContain(`${file}: ${HINT}`);
    const init = await runCli(['init', file, '--out', work.path('fill.yaml'), '--force']);
    expect(init.stderr).toContain(HINT);
    expect(readFileSync(work.path('fill.yaml'), 'utf8')).toContain(`# CHECK ${HINT}.`);
    work.write('m.yaml', [mission('missing: [-9999],')]);
    expect((await replay(...rows)).stderr).not.toContain('-9999');
    work.write('m.yaml', [mission()]);
  });

  test('the second value of an instant is told by its parameter and both are checked; it has a count of its own', async () => {
    const twice = [rows[601] ?? '', `${isoTime(T0 + 601 * 4000)},4.0,20`, rows[603] ?? ''];
    const { summary, stderr } = await replay(...twice);
    expect(summary).toMatchObject({ frames: 2 + 1, dropped: { 'same-instant': 2 } });
    expect(stderr).toContain(
      `"batt_v" and 1 more came twice at the same instant, ${isoTime(T0 + 601 * 4000)}, with different values: the first is used`,
    );
  });
});
