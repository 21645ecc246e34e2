import { createProgress } from '../../src/commands/progress';

const record = (isTTY: boolean) => {
  const written: string[] = [];
  let now = 0;
  const progress = createProgress({ isTTY, write: (text) => written.push(text) }, () => now);
  return { written, progress, at: (ms: number) => (now = ms) };
};

test('on a terminal one line is drawn anew, with a bar, the share and the time left', () => {
  const { written, progress, at } = record(true);
  progress.report('scoring', 0);
  at(50);
  progress.report('scoring', 0.1);
  at(30_000);
  progress.report('scoring', 0.75);
  progress.end();
  expect(written).toEqual([
    `\r${'scoring'.padEnd(40)} ${'.'.repeat(24)}   0 %    `,
    `\r${'scoring'.padEnd(40)} ${'#'.repeat(18)}${'.'.repeat(6)}  75 %  10 s left  `,
    '\n',
  ]);
});

test('elsewhere a step is told once, and again with its share and the time left when it lasts', () => {
  const { written, progress, at } = record(false);
  progress.report('cutting windows');
  progress.report('scoring', 0.01);
  at(5000);
  progress.report('scoring', 0.1);
  at(20_000);
  progress.report('scoring', 0.25);
  at(21_000);
  progress.report('scoring', 1);
  progress.report('done');
  progress.end();
  expect(written).toEqual(['cutting windows\n', 'scoring\n', 'scoring: 25 %, 60 s left\n', 'done\n']);
});
