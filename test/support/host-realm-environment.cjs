// onnxruntime-node checks `instanceof Float32Array` against the realm Node started with; jest's sandbox has its own
// constructors, so tensors made in a test would be refused. The test environment shares the host's.
const { TestEnvironment } = require('jest-environment-node');

const SHARED = [
  'ArrayBuffer',
  'SharedArrayBuffer',
  'Uint8Array',
  'Int8Array',
  'Uint16Array',
  'Int16Array',
  'Uint32Array',
  'Int32Array',
  'BigInt64Array',
  'BigUint64Array',
  'Float32Array',
  'Float64Array',
  'DataView',
  'Error',
];

module.exports = class HostRealmEnvironment extends TestEnvironment {
  async setup() {
    await super.setup();
    for (const name of SHARED) if (name !== 'Error') this.global[name] = globalThis[name];
  }
};
