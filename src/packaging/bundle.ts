/**
 * The program as few files: everything that is JavaScript in one bundle, split so that a command loads only what it needs.
 * Refused: to ship the tree that npm makes. It is twice the size, and the program takes a tenth more memory.
 */
import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { basename, join } from 'node:path';
import { build } from 'vite';
import { parseBundled, type ShippedPackage } from './shipped-packages';

/** Packages with machine code: they stay packages, see natives.ts. */
const NATIVE = ['onnxruntime-node', 'better-sqlite3'];
/** Vite lists here which packages got into the bundle, each with its licence. */
const LICENCES = 'licences.json';

/** Threads of their own: each is started from a file of this name. */
const workersIn = (source: string): readonly string[] =>
  readdirSync(join(source, 'compose'))
    .filter((name) => name.endsWith('-worker.ts'))
    .map((name) => `compose/${basename(name, '.ts')}`);

/**
 * Writes `cli.js`, the workers and their chunks.
 * @param root the project.
 * @returns the packages that are inside the bundle.
 */
export const bundleProgram = async (root: string, into: string): Promise<readonly ShippedPackage[]> => {
  const source = join(root, 'src');
  const entries = ['cli', ...workersIn(source)];
  await build({
    root,
    configFile: false,
    publicDir: false,
    // Some packages evaluate text or mix module kinds. Their authors must mend that; the warnings help nobody here.
    logLevel: 'error',
    ssr: { noExternal: true, external: NATIVE },
    build: {
      ssr: true,
      target: 'node20',
      outDir: into,
      emptyOutDir: true,
      license: { fileName: LICENCES },
      rolldownOptions: {
        input: Object.fromEntries(entries.map((name) => [name, join(source, `${name}.ts`)])),
        output: {
          format: 'cjs',
          // Names stay, for stack traces. White space would be held in memory as long as the program runs.
          minify: { compress: false, mangle: false, codegen: { removeWhitespace: true } },
          entryFileNames: '[name].js',
          chunkFileNames: 'chunks/[name]-[hash].js',
        },
      },
    },
  });
  for (const name of entries) {
    if (!existsSync(join(into, `${name}.js`))) throw new Error(`the bundle has no ${name}.js`);
  }
  const list = join(into, LICENCES);
  const packages = parseBundled(JSON.parse(readFileSync(list, 'utf8')));
  rmSync(list);
  return packages;
};
