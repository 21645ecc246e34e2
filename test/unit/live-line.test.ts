import { createLiveLine } from '../../src/commands/live-line';

const fakeStream = (isTTY: boolean) => {
  let written = '';
  const stream = { isTTY, write: (text: string) => (written += text) } as unknown as NodeJS.WriteStream;
  return { stream, written: () => written };
};

test('on a terminal the changing line gives way to a line that stays, and is drawn again below it', () => {
  const { stream, written } = fakeStream(true);
  const line = createLiveLine(stream, () => 0);
  line.draw('AURORA-1', 0.5);
  line.print('found something');
  line.end();
  const drawn = `AURORA-1  ${'█'.repeat(20)}${' '.repeat(20)} 50 %`;
  expect(written()).toBe(`${drawn}\r\u001b[Kfound something\n${drawn}\r\u001b[K`);
});

test('it is not drawn more often than a person can see', () => {
  let now = 0;
  const { stream, written } = fakeStream(true);
  const line = createLiveLine(stream, () => now);
  line.draw('a', 0.1);
  now = 10;
  line.draw('a', 0.2);
  now = 60;
  line.draw('a', 0.3);
  expect([...written().matchAll(/\d+ %/g)].map(([share]) => share)).toEqual(['10 %', '30 %']);
});

test('elsewhere only the lines that stay are written', () => {
  const { stream, written } = fakeStream(false);
  const line = createLiveLine(stream, () => 0);
  line.draw('AURORA-1', 0.5);
  line.print('found something');
  line.end();
  expect(written()).toBe('found something\n');
});
