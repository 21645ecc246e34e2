import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { simulateBundle } from '../../src/commands/simulate';
import { parseYaml } from '../../src/config/yaml-document';
import { bundleSchema } from '../../src/simulate/bundle';
import { FAULT_KINDS } from '../../src/simulate/faults';

const FOLDER = 'telemetry-fixtures';
const recordings = readdirSync(FOLDER).filter((name) => name.endsWith('.csv'));
const manifestFile = join(FOLDER, 'manifest.yaml');
const manifest = parseYaml(manifestFile, readFileSync(manifestFile, 'utf8'), bundleSchema).value;

describe('the bundled passes', () => {
  it('are made again byte for byte from the manifest', () => {
    const target = mkdtempSync(join(tmpdir(), 'fdir-bundle-'));
    try {
      simulateBundle(FOLDER, target, () => undefined);
      expect(readdirSync(target).sort()).toEqual([...recordings].sort());
      // Compared as a boolean each: a diff of thousands of lines would drown the name of the file that differs.
      const differing = recordings.filter(
        (name) => !readFileSync(join(target, name)).equals(readFileSync(join(FOLDER, name))),
      );
      expect(differing).toEqual([]);
    } finally {
      rmSync(target, { recursive: true });
    }
  });

  it('hold a nominal pass, one pass a fault, and one pass with several faults of all wheels', () => {
    const names = manifest.passes.map(({ name }) => name);
    expect(names).toEqual(expect.arrayContaining(['nominal', ...FAULT_KINDS, 'several']));
    const labels = readFileSync(join(FOLDER, 'several.labels.csv'), 'utf8').trim().split('\n').slice(1);
    expect(labels.length).toBeGreaterThanOrEqual(4);
    expect(new Set(labels.map((line) => line.split(',')[2])).size).toBe(4);
    expect(new Set(labels.map((line) => line.split(',')[3])).size).toBe(labels.length);
  });

  it('have a pass seed each and stay together below 8 MB', () => {
    expect(new Set(manifest.passes.map(({ seed }) => seed)).size).toBe(manifest.passes.length);
    const bytes = readdirSync(FOLDER).reduce((sum, name) => sum + statSync(join(FOLDER, name)).size, 0);
    expect(bytes).toBeLessThan(8_000_000);
  });

  it('are all described in the README with their faults', () => {
    const readme = readFileSync(join(FOLDER, 'README.md'), 'utf8');
    const missing = manifest.passes
      .flatMap(({ name, seed, faults }) => [
        `--out ${name}.csv`,
        `--seed ${String(seed)} `,
        ...faults.map((fault) => `--fault ${fault}`),
      ])
      .filter((text) => !`${readme} `.replaceAll('`', ' ').includes(text));
    expect(missing).toEqual([]);
  });
});
