/** The page of the console: everything it needs is in its own files, so that it works without a network and under a strict CSP. */
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vite';

export default defineConfig({
  root: fileURLToPath(new URL('.', import.meta.url)),
  // Relative, so that a proxy may serve it under a path.
  base: './',
  oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
  build: {
    outDir: fileURLToPath(new URL('../../../dist/console/page', import.meta.url)),
    emptyOutDir: true,
    target: 'es2022',
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    // The page holds code of others: this file says whose, with the licences in full.
    license: { fileName: 'licences.json' },
    sourcemap: false,
    reportCompressedSize: false,
  },
  logLevel: 'warn',
});
