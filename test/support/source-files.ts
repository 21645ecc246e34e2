/** The source tree as the architecture tests see it: files and what they import. */
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';

export const SRC = resolve(__dirname, '../../src');

export interface SourceFile {
  /** Relative to `src`. */
  readonly path: string;
  readonly text: string;
  /** Files of `src` it imports, relative to `src`. */
  readonly imports: readonly string[];
  /** Packages it imports, by name; Node's own with `node:`. */
  readonly packages: readonly string[];
}

const walk = (folder: string): string[] =>
  readdirSync(folder).flatMap((name) => {
    const path = join(folder, name);
    return statSync(path).isDirectory() ? walk(path) : path.endsWith('.ts') ? [path] : [];
  });

const IMPORT = /(?:\bfrom|\bimport|\brequire\()\s*\(?'([^']+)'/g;

const packageOf = (specifier: string): string =>
  specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/');

const isFile = (path: string): boolean => {
  try {
    return statSync(path).isFile();
  } catch {
    return false;
  }
};

export const sourceFiles = (): readonly SourceFile[] =>
  walk(SRC).map((file) => {
    const text = readFileSync(file, 'utf8');
    const specifiers = [...text.matchAll(IMPORT)].map(([, specifier = '']) => specifier);
    const imports = specifiers
      .filter((specifier) => specifier.startsWith('.'))
      .map((specifier) => resolve(dirname(file), specifier.replace(/\.js$/, '')))
      .map((path) => relative(SRC, isFile(`${path}.ts`) ? `${path}.ts` : path));
    const packages = specifiers.filter((specifier) => !specifier.startsWith('.')).map(packageOf);
    return { path: relative(SRC, file), text, imports, packages };
  });
