/** Loaded before the program: the threads of the process tell that they start, and then hang. */
const { writeFileSync } = require('node:fs');
const { isMainThread } = require('node:worker_threads');

if (!isMainThread) {
  writeFileSync(process.env.THREAD_MARK, '');
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
}
