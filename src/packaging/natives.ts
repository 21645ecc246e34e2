/** Packages with machine code, with the code of one platform: onnxruntime-node ships six, better-sqlite3 is compiled. */
import { execFileSync, spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { FdirError } from '../domain/errors';
import { packageInFolder, sqliteOf, type ShippedPackage } from './shipped-packages';
import type { Target } from './targets';

export interface NativesOptions {
  /** The project. */
  readonly root: string;
  readonly target: Target;
  /** Where code compiled for other machines is kept between two calls. */
  readonly cache: string;
  readonly report: (line: string) => void;
}

/** What of each package runs. */
const FILES: Readonly<Record<string, readonly string[]>> = {
  'onnxruntime-node': ['package.json', 'dist', 'README.md'],
  'onnxruntime-common': ['package.json', 'dist/cjs', 'README.md'],
  'better-sqlite3': ['package.json', 'lib', 'LICENSE'],
  bindings: ['package.json', 'bindings.js', 'LICENSE.md'],
  'file-uri-to-path': ['package.json', 'index.js', 'LICENSE'],
};
const ADDON = 'build/Release/better_sqlite3.node';

/** node-gyp comes with npm. */
const nodeGyp = (): string => {
  const npm = execFileSync('npm', ['root', '--global'], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
  }).trim();
  return join(npm, 'npm/node_modules/node-gyp/bin/node-gyp.js');
};

/** The headers of the Node that runs, where they lie beside it; else node-gyp fetches them. */
const headers = (): readonly string[] => {
  const prefix = dirname(dirname(process.execPath));
  return existsSync(join(prefix, 'include/node/node_api.h')) ? [`--nodedir=${prefix}`] : [];
};

/** @throws FdirError `runtime` when the compiler is not there, or fails. */
const compileAddon = ({ root, target, cache, report }: NativesOptions): string => {
  const from = join(root, 'node_modules/better-sqlite3');
  const { version } = JSON.parse(readFileSync(join(from, 'package.json'), 'utf8')) as { version: string };
  const folder = join(cache, `better-sqlite3-${version}-node${process.versions.modules}-${target.arch}`);
  if (existsSync(join(folder, ADDON))) return join(folder, ADDON);
  const [cc, cxx] = [`${target.compiler}-gcc`, `${target.compiler}-g++`];
  if (spawnSync(cxx, ['--version']).error !== undefined) {
    throw new FdirError(
      'runtime',
      `${cxx} is not there: install Debian's ${target.compilerPackage}, or leave out --arch ${target.arch}`,
    );
  }
  report(`compiling better-sqlite3 for ${target.arch}; about a minute`);
  mkdirSync(folder, { recursive: true });
  for (const part of ['package.json', 'binding.gyp', 'src', 'deps', 'lib']) {
    cpSync(join(from, part), join(folder, part), { recursive: true });
  }
  const args = [nodeGyp(), 'rebuild', '--release', `--arch=${target.arch}`, ...headers()];
  const { status, stderr } = spawnSync(process.execPath, args, {
    cwd: folder,
    env: { ...process.env, CC: cc, CXX: cxx },
    encoding: 'utf8',
    maxBuffer: 2 ** 26,
  });
  if (status !== 0)
    throw new FdirError('runtime', `better-sqlite3 does not compile for ${target.arch}:\n${stderr.slice(-2000)}`);
  return join(folder, ADDON);
};

/** Copies the packages below `into/node_modules`. @returns what was copied. */
export const copyNatives = (options: NativesOptions, into: string): readonly ShippedPackage[] => {
  const { root, target } = options;
  const place = (name: string, part: string): string => join(into, 'node_modules', name, part);
  for (const [name, parts] of Object.entries(FILES)) {
    for (const part of parts) {
      const from = join(root, 'node_modules', name, part);
      if (existsSync(from)) {
        cpSync(from, place(name, part), { recursive: true, filter: (file) => !/\.(map|d\.ts)$/.test(file) });
      }
    }
  }
  const runtime = `bin/napi-v6/linux/${target.arch}`;
  cpSync(join(root, 'node_modules/onnxruntime-node', runtime), place('onnxruntime-node', runtime), { recursive: true });
  const own = join(root, 'node_modules/better-sqlite3', ADDON);
  cpSync(process.arch === target.arch && existsSync(own) ? own : compileAddon(options), place('better-sqlite3', ADDON));
  const header = readFileSync(join(root, 'node_modules/better-sqlite3/deps/sqlite3/sqlite3.h'), 'utf8');
  return [...Object.keys(FILES).map((name) => packageInFolder(join(root, 'node_modules', name))), sqliteOf(header)];
};
