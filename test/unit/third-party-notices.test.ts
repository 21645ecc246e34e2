/** Nothing of others is shipped without its licence. */
import { join } from 'node:path';
import { billOfMaterials } from '../../src/packaging/bill-of-materials';
import { debianCopyright, thirdPartyNotices } from '../../src/packaging/notices';
import { mergePackages, packageInFolder, parseBundled, sqliteOf } from '../../src/packaging/shipped-packages';

const TEXT = 'Permission is hereby granted. '.repeat(20);
const entry = (name: string, version = '1.0.0', text = `${name}: ${TEXT}`) => ({
  name,
  version,
  identifier: 'MIT',
  text,
});

test.each([
  ['no licence text', { name: 'bare', version: '1.2.3', identifier: 'MIT' }, 'bare 1.2.3 has no licence text'],
  ['a word for a text', { ...entry('short'), text: 'MIT' }, 'short 1.0.0 has no licence text'],
  ['no licence name', { name: 'nameless', version: '1.0.0', text: TEXT }, 'nameless 1.0.0 has no licence name'],
])('a bundled package with %s stops the packaging', (_, document, message) => {
  expect(() => parseBundled([document])).toThrow(message);
});

test('a package whose files hold no licence has one here', () => {
  const [found] = parseBundled([{ name: 'abstract-logging', version: '2.0.1', identifier: 'MIT', text: 'MIT' }]);
  expect(found?.text).toContain('Copyright (c) James Sumners\n\nPermission is hereby granted');
});

test('packages with machine code are read from their folders', () => {
  const found = ['better-sqlite3', 'onnxruntime-node'].map((name) =>
    packageInFolder(join(__dirname, '../../node_modules', name)),
  );
  expect(found.map(({ name, licence }) => [name, licence])).toEqual([
    ['better-sqlite3', 'MIT'],
    ['onnxruntime-node', 'MIT'],
  ]);
  expect(found[0]?.text).toContain('Joshua Wise');
  expect(found[1]?.text).toContain('ThirdPartyNotices.txt');
});

test('every package is named with its version and licence, and a text that several share is printed once', () => {
  const packages = parseBundled([entry('a', '1.0.0', TEXT), entry('b', '2.0.0', TEXT), entry('@c/d', '3.0.0')]);
  const notices = thirdPartyNotices(packages);
  expect(notices).toContain('a 1.0.0 (MIT)\nb 2.0.0 (MIT)\n');
  expect(notices).toContain('@c/d 3.0.0 (MIT)');
  expect(notices.split(TEXT)).toHaveLength(3);
  expect(debianCopyright('our licence', notices)).toBe(
    `peephole-fdir is licensed under the Apache License 2.0:\n\nour licence\n\n${notices}`,
  );
});

test('lists are merged in one order, without repeats', () => {
  const [a, b] = [parseBundled([entry('z'), entry('a')]), parseBundled([entry('a'), entry('a', '0.9.0')])];
  expect(mergePackages(a, b).map(({ name, version }) => `${name} ${version}`)).toEqual([
    'a 0.9.0',
    'a 1.0.0',
    'z 1.0.0',
  ]);
});

test('the bill of materials is CycloneDX, names every package, and is the same for the same packages', () => {
  const packages = parseBundled([entry('@c/d', '3.0.0'), { ...entry('e'), identifier: 'MIT OR Apache-2.0' }]);
  const text = billOfMaterials(packages, 'linux-x64');
  expect(JSON.parse(text)).toMatchObject({
    bomFormat: 'CycloneDX',
    specVersion: '1.6',
    metadata: { component: { type: 'application', name: 'peephole-fdir' } },
    components: [
      {
        group: '@c',
        name: 'd',
        version: '3.0.0',
        purl: 'pkg:npm/%40c/d@3.0.0',
        licenses: [{ license: { id: 'MIT' } }],
      },
      { name: 'e', version: '1.0.0', purl: 'pkg:npm/e@1.0.0', licenses: [{ expression: 'MIT OR Apache-2.0' }] },
    ],
  });
  expect(billOfMaterials(packages, 'linux-x64')).toBe(text);
});

test('SQLite, which no package of npm names, is in the bill of materials as scanners know it', () => {
  const sqlite = sqliteOf('/* of 2026 */\n#define SQLITE_VERSION        "3.53.2"\n');
  const { components } = JSON.parse(billOfMaterials([sqlite], 'linux-x64')) as { components: readonly unknown[] };
  expect(components).toEqual([
    {
      ...{ type: 'library', name: 'sqlite', version: '3.53.2', 'bom-ref': 'pkg:generic/sqlite@3.53.2' },
      ...{ purl: 'pkg:generic/sqlite@3.53.2', cpe: 'cpe:2.3:a:sqlite:sqlite:3.53.2:*:*:*:*:*:*:*' },
      licenses: [{ license: { id: 'blessing' } }],
    },
  ]);
  expect(() => sqliteOf('nothing')).toThrow(/names no SQLITE_VERSION/);
});
