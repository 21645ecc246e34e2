/** The plugin for Open MCT as one file that any page can load with a script element. */
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vite';

export default defineConfig({
  root: fileURLToPath(new URL('.', import.meta.url)),
  build: {
    outDir: fileURLToPath(new URL('../../dist/console/openmct', import.meta.url)),
    emptyOutDir: true,
    target: 'es2022',
    sourcemap: false,
    reportCompressedSize: false,
    lib: {
      entry: fileURLToPath(new URL('plugin.ts', import.meta.url)),
      name: 'fdir',
      formats: ['iife'],
      fileName: () => 'fdir.js',
    },
  },
  logLevel: 'warn',
});
