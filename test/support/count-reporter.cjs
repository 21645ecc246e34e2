const { writeFileSync, writeSync } = require('node:fs');

// The last line of a run, for people and for CI: "N passed, N failed". Jest writes its own summary after every reporter, so
// the line waits for the end of the process. A suite that cannot run is a failure too. FAILED_TESTS names a file for a list of the
// files that failed.
module.exports = class CountReporter {
  onRunComplete(_contexts, results) {
    const list = process.env.FAILED_TESTS;
    if (list !== undefined) {
      const files = results.testResults.filter(
        ({ numFailingTests, testExecError }) => numFailingTests > 0 || testExecError,
      );
      writeFileSync(list, files.map(({ testFilePath }) => `${testFilePath}\n`).join(''));
    }
    const skipped = results.numPendingTests + results.numTodoTests;
    const failed = results.numFailedTests + results.numRuntimeErrorTestSuites;
    process.once('exit', () => {
      // Not by the stream: jest takes its `write` away when it forces the end.
      if (skipped > 0) writeSync(1, `${skipped} skipped\n`);
      writeSync(1, `${results.numPassedTests} passed, ${failed} failed\n`);
    });
  }
};
