/** The program as few files: everything that is JavaScript in one bundle, split so that a command loads only what it needs. */
import { existsSync, readdirSync } from 'node:fs';
import { basename, join } from 'node:path';
import { rolldown } from 'rolldown';

/** Packages with machine code: they stay packages, see natives.ts. */
const NATIVE = ['onnxruntime-node', 'better-sqlite3'];

/** Threads of their own: they are started from a file of this name. */
const workersIn = (source: string): readonly string[] =>
  readdirSync(join(source, 'compose'))
    .filter((name) => name.endsWith('-worker.ts'))
    .map((name) => `compose/${basename(name, '.ts')}`);

/** Writes `cli.js`, the workers and their chunks. @param root the project. */
export const bundleProgram = async (root: string, into: string): Promise<void> => {
  const source = join(root, 'src');
  const entries = ['cli', ...workersIn(source)];
  const bundle = await rolldown({
    input: Object.fromEntries(entries.map((name) => [name, join(source, `${name}.ts`)])),
    platform: 'node',
    external: NATIVE,
    tsconfig: join(root, 'tsconfig.json'),
    // Packages that eval or mix module kinds are theirs to mend.
    logLevel: 'silent',
  });
  await bundle.write({
    dir: into,
    format: 'cjs',
    // Names stay, for stack traces; white space would be held in memory as long as the program runs.
    minify: { compress: false, mangle: false, codegen: { removeWhitespace: true } },
    entryFileNames: '[name].js',
    chunkFileNames: 'chunks/[name]-[hash].js',
  });
  await bundle.close();
  for (const name of entries) {
    if (!existsSync(join(into, `${name}.js`))) throw new Error(`the bundle has no ${name}.js`);
  }
};
