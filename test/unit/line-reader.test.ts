import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readLines } from '../../src/adapters/passes/line-reader';
import { loadPass } from '../../src/adapters/passes/pass-reader';
import { readLabels } from '../../src/adapters/passes/label-reader';
import type { Line } from '../../src/core/telemetry/pass-stream';
import { FdirError } from '../../src/domain/errors';
import { T0, tinyMission, tinyPass } from '../support/tiny-mission';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'fdir-lines-'));
});
afterEach(() => {
  rmSync(folder, { recursive: true });
});

const write = (content: string): string => {
  const file = join(folder, 'file');
  writeFileSync(file, content);
  return file;
};
const linesOf = async (content: string, maxCharacters = 1000): Promise<Line[]> => {
  const all: Line[] = [];
  for await (const lines of readLines(write(content), maxCharacters)) all.push(...lines);
  return all;
};

test('a byte order mark and carriage returns are no part of a line; the last one needs no end', async () => {
  expect(await linesOf('\ufeffone\r\n\r\nthree')).toEqual([
    { text: 'one', number: 1, isCut: false },
    { text: '', number: 2, isCut: false },
    { text: 'three', number: 3, isCut: false },
  ]);
});

test('lines that lie across chunks are put together, and too long ones are cut without being held', async () => {
  const lines = ['a'.repeat(50_000), 'b'.repeat(300_000), 'c'.repeat(70_000), 'd'];
  const read = await linesOf(`${lines.join('\n')}\n`, 100_000);
  expect(read.map(({ text, number, isCut }) => [text[0], text.length, number, isCut])).toEqual([
    ['a', 50_000, 1, false],
    ['b', 100_000, 2, true],
    ['c', 70_000, 3, false],
    ['d', 1, 4, false],
  ]);
});

test('a pass is loaded on the sampling grid as the daemon would assemble it', async () => {
  const file = write(tinyPass(5).join('\n'));
  const { frames, assembled, drops, problems } = await loadPass(file, tinyMission());
  expect({ times: frames.map(({ time }) => (time - T0) / 1000), assembled: assembled.length, drops, problems }).toEqual(
    {
      times: [0, 1, 2, 3, 4],
      assembled: 5,
      drops: [],
      problems: [],
    },
  );
});

test('a labels file with a bad line is refused with file and line', async () => {
  const file = write('start,end,equipment,fault\nsoon,later,rw0,offset\n');
  const refused = await readLabels(file).then(
    () => undefined,
    (error: unknown) => error,
  );
  expect(refused).toBeInstanceOf(FdirError);
  expect((refused as FdirError).problems).toEqual([{ file, line: 2, message: 'not a time: "soon"' }]);
});
