/** The house rules of CONTRIBUTING.md, measured. */
import { join } from 'node:path';
import { measureComments } from '../../src/bench/figures/comments';
import { measureHouse } from '../../src/bench/figures/house';
import { countWords, measureSentences } from '../../src/bench/figures/sentences';
import { measureSource } from '../../src/bench/figures/source-figures';
import { sourceFiles } from '../support/source-files';

const figures = measureHouse(join(__dirname, '../..'));

test('no function is longer than 80 lines, JSX and tables excepted', () => {
  expect(figures.functionLines.limit).toBe(80);
  expect(figures.functionLines.above).toEqual([]);
});

test('no file is longer than 300 lines', () => {
  expect(figures.fileLines.limit).toBe(300);
  expect(figures.fileLines.above).toEqual([]);
});

test('no function takes more than four positional parameters', () => {
  expect(figures.parameters.limit).toBe(4);
  expect(figures.parameters.above).toEqual([]);
});

test('no two files export a type of the same name', () => {
  const places = new Map<string, string[]>();
  for (const { path, text } of sourceFiles())
    for (const [, name = ''] of text.matchAll(/^export (?:type|interface|class) (\w+)/gm))
      places.set(name, [...(places.get(name) ?? []), path]);
  expect(places.size).toBeGreaterThan(500);
  expect([...places].filter(([, paths]) => paths.length > 1)).toEqual([]);
});

test('no sentence of a comment has more than 30 words', () => {
  expect(figures.commentWords.largest?.count).toBeGreaterThan(5);
  expect(figures.commentWords.above.filter(({ count }) => count > 30)).toEqual([]);
});

test.each(Object.entries(figures.sentenceWords))('no sentence of %s has more than 30 words', (_, measure) => {
  expect(measure.limit).toBe(30);
  expect(measure.largest?.count).toBeGreaterThan(5);
  expect(measure.above).toEqual([]);
});

describe('the measures', () => {
  const lines = (count: number, line: string): string => `${line}\n`.repeat(count);

  test('a function counts with the functions inside it, and without tables and JSX', () => {
    const { functions } = measureSource(
      'a.tsx',
      `const outer = () => {\n${lines(5, '  step();')}  const inner = () => {\n${lines(3, '    step();')}  };\n` +
        `  const table = [\n${lines(20, '    1,')}  ];\n  return (\n    <p>\n${lines(9, '      word')}    </p>\n  );\n};\n`,
    );
    expect(functions).toEqual([
      { what: 'a.tsx outer', count: 16 },
      { what: 'a.tsx inner', count: 5 },
    ]);
  });

  test('a literal that holds functions is code, and counts', () => {
    const text = `function make() {\n  return {\n    a: () => 1,\n${lines(4, '    // why')}    b: 2,\n  };\n}\n`;
    expect(measureSource('a.ts', text).functions[0]).toEqual({ what: 'a.ts make', count: 10 });
  });

  test('parameters count without `this`, also those of methods and constructors', () => {
    const text = 'class A { constructor(a: 1, b: 2) {} m(this: A, { x, y }: P, ...rest: R[]) {} }\n';
    expect(measureSource('a.ts', text).parameters).toEqual([
      { what: 'a.ts constructor', count: 2 },
      { what: 'a.ts m', count: 2 },
    ]);
  });

  test('each paragraph, heading, item and cell is a text of its own; code blocks are none', () => {
    const text = [
      '# A heading without a stop',
      'One two three. Four `five six` [seven eight](https://example.org/nine).',
      '- an item\n  over two lines\n  - and one below it',
      '| a | cell of a row |\n|---|---|\n| `b` | One. Two three. |',
      '```\nsome code that nobody counts as one very long sentence of many words\n```',
    ].join('\n\n');
    expect(measureSentences(text).map(({ count }) => count)).toEqual([5, 3, 4, 5, 4, 1, 4, 1, 1, 2]);
  });

  test('comments are read without their signs; a tag, an item and a blank line begin another text', () => {
    const text = [
      '/**',
      ' * One two',
      ' * three. Four `five six`.',
      ' *',
      ' * - seven eight',
      ' * @param nine ten eleven. @throws twelve',
      ' */',
      'const a = 1; // thirteen',
      '// fourteen',
      "const b = '// no comment'; // eslint-disable-line no-one",
    ].join('\n');
    const words = measureComments('a.ts', text).map(({ what, count }) => [what, count]);
    expect(words).toEqual([
      ['a.ts: One two three.', 3],
      ['a.ts: Four Code.', 2],
      ['a.ts: - seven eight', 2],
      ['a.ts: ten eleven.', 2],
      ['a.ts: twelve', 1],
      ['a.ts: thirteen fourteen', 2],
    ]);
  });

  test('a sentence that begins with code is a sentence of its own', () => {
    expect(measureSentences('It ends here. `begin` starts the next one.').map(({ count }) => count)).toEqual([3, 5]);
  });

  test('a dash or an arrow is no word', () => {
    expect(countWords('a - b -> c, 3 %')).toBe(4);
  });
});
