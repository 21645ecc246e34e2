/** What `npm publish` would upload: packed, installed into an empty folder and started as a user would. */
import { execFileSync, spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import { VERSION } from '../../src/domain/version';

const ROOT = join(__dirname, '../..');
/** Packed, without the packages of others: the model and the page are most of it. */
const MAX_MIB = 8;
const MEBIBYTE = 2 ** 20;

const npm = (cwd: string, ...args: string[]): string =>
  execFileSync('npm', args, {
    cwd,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
    // The CUDA files of onnxruntime-node are not in the registry, and nothing here uses them.
    env: { ...process.env, ONNXRUNTIME_NODE_INSTALL: 'skip', NPM_CONFIG_UPDATE_NOTIFIER: 'false' },
  });

const packed = z
  .array(z.object({ filename: z.string(), size: z.number(), files: z.array(z.object({ path: z.string() })) }))
  .length(1);

describe('the npm package', () => {
  let folder: string;
  let file: z.infer<typeof packed>[number];

  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'fdir-npm-'));
    // Scripts would build again, under the feet of the other tests that run dist.
    const text = npm(ROOT, 'pack', '--json', '--ignore-scripts', '--pack-destination', folder);
    const [first] = packed.parse(JSON.parse(text));
    if (first === undefined) throw new Error('nothing was packed');
    file = first;
  });
  afterAll(() => {
    rmSync(folder, { recursive: true, force: true });
  });

  test('holds what runs, and neither sources, tests, benches nor spare recordings', () => {
    const tops = [...new Set(file.files.map(({ path }) => path.split('/')[0]))].sort();
    expect(tops).toEqual([
      'CHANGELOG.md',
      'LICENSE',
      'README.md',
      'SECURITY.md',
      'dist',
      'models',
      'package.json',
      'rules',
      'systemd',
      'telemetry-fixtures',
    ]);
    const paths = file.files.map(({ path }) => path);
    expect(paths).toEqual(
      expect.arrayContaining(['dist/cli.js', 'dist/console/page/index.html', 'models/rw-cae/model.onnx']),
    );
    expect(paths.filter((path) => /^dist\/(bench|packaging)\/|\.(ts|tsx|map|tsbuildinfo)$/.test(path))).toEqual([]);
    expect(paths.filter((path) => path.startsWith('telemetry-fixtures/')).sort()).toEqual([
      'telemetry-fixtures/dropout.csv',
      'telemetry-fixtures/several.csv',
      'telemetry-fixtures/several.labels.csv',
    ]);
    expect(file.size / MEBIBYTE).toBeLessThan(MAX_MIB);
  });

  test('can be published: npm has nothing to correct in package.json', () => {
    const { stderr } = spawnSync('npm', ['publish', '--dry-run', '--ignore-scripts', '--loglevel', 'warn'], {
      cwd: ROOT,
      encoding: 'utf8',
    });
    const complaints = stderr.split('\n').filter((line) => /npm (warn publish|error)/.test(line));
    // Whoever publishes logs in first; a dry run may say that nobody has.
    expect(complaints.filter((line) => !/logged in|ENEEDAUTH/.test(line))).toEqual([]);
  });

  // Installing asks the registry for the newest versions that package.json allows, as it does for a user.
  test('npm exec peephole-fdir demo works in an empty folder', () => {
    const empty = join(folder, 'empty');
    mkdirSync(empty);
    writeFileSync(join(empty, 'package.json'), '{}\n');
    npm(
      empty,
      'install',
      '--prefer-offline',
      '--ignore-scripts',
      '--no-audit',
      '--no-fund',
      join(folder, file.filename),
    );
    // Install scripts compile or fetch it; `npm ci` has done that already.
    const addon = 'node_modules/better-sqlite3/build';
    cpSync(join(ROOT, addon), join(empty, addon), { recursive: true });
    expect(npm(empty, 'exec', '--offline', '--', 'peephole-fdir', '--version').trim()).toBe(VERSION);
    expect(npm(empty, 'exec', '--offline', '--', 'peephole-fdir', 'demo')).toContain('5 of 5 faults found');
  }, 300_000);
});
