// The CEL package is an ES module. Node requires it as it is; jest before Node 24.9 cannot. Here its files are turned into
// CommonJS and run inside jest's sandbox, so that its objects are of the same realm as those of the tests.
const { readFileSync } = require('node:fs');
const { dirname, join } = require('node:path');
const { transformSync } = require('@swc/core');

const folder = join(__dirname, '..', '..', 'node_modules', '@marcbachmann', 'cel-js', 'lib');
const loaded = new Map();

const load = (file) => {
  const known = loaded.get(file);
  if (known) return known.exports;
  const module = { exports: {} };
  loaded.set(file, module);
  const { code } = transformSync(readFileSync(file, 'utf8'), {
    jsc: { target: 'es2022' },
    module: { type: 'commonjs' },
  });
  new Function('exports', 'require', 'module', code)(module.exports, (name) => load(join(dirname(file), name)), module);
  return module.exports;
};

module.exports = load(join(folder, 'index.js'));
