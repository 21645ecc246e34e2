/** Files made to exhaust or to lead elsewhere: each is refused with file and reason, in bounded time. */
import { mkdirSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { loadConfig } from '../../../src/config/load-config';
import { loadMission } from '../../../src/config/load-mission';
import { MAX_GRAPH_BYTES, MAX_MANIFEST_BYTES, MAX_TEXT_BYTES, readBounded } from '../../../src/config/read-bounded';
import { MAX_NESTING, tooDeepLine } from '../../../src/config/yaml-depth';
import { describeError, FdirError } from '../../../src/domain/errors';
import { makeWorkspace, type Workspace } from '../../support/workspace';

let work: Workspace;
beforeAll(async () => {
  work = await makeWorkspace();
});
afterAll(() => {
  work.remove();
});

const refusal = (run: () => unknown): string => {
  try {
    run();
  } catch (error) {
    if (error instanceof FdirError) return describeError(error);
    throw error;
  }
  return 'taken';
};
const mission = (text: string): string => refusal(() => loadMission(work.write('bad.yaml', text)));

/** Nine aliases of nine of nine ...: a few hundred bytes that would be half a gigabyte. */
const laughs = Array.from(
  { length: 10 },
  (_, i) =>
    `a${String(i)}: &a${String(i)} [${Array(9)
      .fill(i === 0 ? 'x' : `*a${String(i - 1)}`)
      .join(', ')}]\n`,
).join('');

test.each([
  ['a billion laughs', laughs, 'alias'],
  ['brackets that never end', '['.repeat(1_000_000), 'nested more than'],
  ['brackets that do end', '['.repeat(20_000) + ']'.repeat(20_000), 'nested more than'],
  ['braces', '{a: '.repeat(20_000) + '}'.repeat(20_000), 'nested more than'],
  ['blocks', Array.from({ length: 2000 }, (_, i) => `${' '.repeat(i)}a:`).join('\n'), 'nested more than'],
  ['dashes on one line', '- '.repeat(20_000), 'nested more than'],
  [
    'twenty thousand unknown keys',
    Array.from({ length: 20_000 }, (_, i) => `k${String(i)}: 1`).join('\n'),
    'more problems',
  ],
  ['one key over and over', 'a: 1\n'.repeat(20_000), 'Map keys must be unique'],
  ['an alias of itself', 'spacecraft: A\nsampling: { period: 1s }\nparameters: &p [*p]\n', 'bad.yaml'],
  ['a tag of another language', 'spacecraft: !!js/function "() => 1"\n', 'bad.yaml'],
  ['a prototype', '__proto__: { polluted: 1 }\nconstructor: { prototype: { polluted: 1 } }\n', 'unknown key'],
  ['nothing', '', 'bad.yaml'],
  ['bytes that are no text', '\u0000\u0001\u0002', 'bad.yaml'],
])('YAML: %s', (_what, text, words) => {
  const told = mission(text);
  expect(told).toContain(words);
  expect(told.split('\n').length).toBeLessThan(110);
  expect(({} as { polluted?: unknown }).polluted).toBeUndefined();
});

test('nesting is told with its line, and what people write is not near it', () => {
  expect(tooDeepLine(`a: 1\nb: ${'['.repeat(MAX_NESTING + 1)}`)).toBe(2);
  expect(tooDeepLine(`a: ${'['.repeat(MAX_NESTING - 10)}${']'.repeat(MAX_NESTING - 10)}`)).toBeUndefined();
  expect(tooDeepLine(`${'- { id: a, limits: [1, 2], note: "[[[[[[" }\n'.repeat(10_000)}`)).toBeUndefined();
  expect(tooDeepLine(`text: |\n${'  [[[[{{{{ - - -\n'.repeat(1000)}`)).toBeUndefined();
});

test.each([
  ['a configuration', 'large.yaml', MAX_TEXT_BYTES, () => loadConfig(work.path('large.yaml'))],
  ['a manifest', 'model/model.json', MAX_MANIFEST_BYTES, () => loadConfig(work.path('fdir.yaml'))],
])('%s of too many bytes is not read', (_what, name, most, load) => {
  writeFileSync(work.path(name), '');
  truncateSync(work.path(name), most + 1);
  expect(refusal(load)).toContain(`more than the ${String(most)} that are read`);
});

test('a graph of too many bytes is not read', () => {
  // Sparse: it takes no room.
  writeFileSync(work.path('huge.onnx'), '');
  truncateSync(work.path('huge.onnx'), MAX_GRAPH_BYTES + 1);
  expect(refusal(() => readBounded(work.path('huge.onnx'), MAX_GRAPH_BYTES))).toContain('more than the');
});

test('a folder and a device that never ends are no files', () => {
  mkdirSync(work.path('folder'));
  symlinkSync('/dev/zero', work.path('endless.yaml'));
  for (const name of ['folder', 'endless.yaml'])
    expect(refusal(() => loadMission(work.path(name)))).toContain('it is no file');
});

const condition = (when: string): string => {
  work.write('conditions.yaml', 'mission: mission.yaml\nrules: [condition.yaml]\n');
  work.write(
    'condition.yaml',
    JSON.stringify({ eventActions: [{ id: 'x', title: 'x', level: 2, when, action: { command: 'X' }, because: 'x' }] }),
  );
  return refusal(() => loadConfig(work.path('conditions.yaml')));
};

test.each([
  ['parentheses', `${'('.repeat(2000)}rw0_speed > 1${')'.repeat(2000)}`, 'maxDepth'],
  ['negations', `${'!'.repeat(5000)}(rw0_speed > 1)`, 'maxAstNodes'],
  ['signs', `rw0_speed > ${'-'.repeat(9000)}1`, 'condition.yaml'],
  ['terms', Array(1000).fill('1 > 2').join('||'), 'maxAstNodes'],
  ['a list', `rw0_speed in [${Array(600).fill('1.0').join(',')}]`, 'maxListElements'],
  ['a path', `rw0_speed${'.a'.repeat(3000)} == 1`, 'maxDepth'],
  ['choices', `${'true ? false : '.repeat(200)}true`, 'maxDepth'],
  ['a text', `"${'x'.repeat(1_000_000)}" == "y"`, 'longer than'],
  [
    'a regular expression that takes for ever',
    '"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!".matches("(a+)+$")',
    'regular expressions',
  ],
  ['lists gone through inside lists', `[1,2].all(x, [1,2].all(y, [1,2].all(z, x < y)))`, 'a list inside a list'],
])('a condition of too many or too costly %s is refused at load', (_what, when, words) => {
  expect(condition(when)).toContain(words);
});

test('one list gone through is taken', () => {
  expect(condition('[1.0, 2.0].exists(x, rw0_speed > x)')).toBe('taken');
});

test.each(['../evil', 'a/b', 'a+b', '#', ' ', 'a b', ''])('a spacecraft called %p would be another topic', (name) => {
  expect(mission(`spacecraft: "${name}"\nsampling: { period: 1s }\nparameters: [{ id: a }]\n`)).toContain('spacecraft');
});
test.each(['__proto__', '../x', 'a/b', '', '1a', 'a\\nb'])('a parameter called %p is refused', (name) => {
  expect(mission(`spacecraft: A\nsampling: { period: 1s }\nparameters: [{ id: "${name}" }]\n`)).toContain(
    'parameters[0].id',
  );
});
test('more parameters than any spacecraft has are refused', () => {
  const parameters = Array.from({ length: 10_001 }, (_, i) => `  - { id: p${String(i)} }\n`).join('');
  expect(mission(`spacecraft: A\nsampling: { period: 1s }\nparameters:\n${parameters}`)).toContain('parameters');
});
