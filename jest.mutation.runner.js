import JestRunner from 'jest-runner';

const TestRunner = JestRunner.default ?? JestRunner;

/**
 * Runs one test file after the other, the fastest first, until one of them fails: that kills the mutant. Jest's own `bail`
 * ends the process instead. A mutant in a table at the top of a module runs against every file, so this saves most of the time.
 */
export default class UntilFailureRunner extends TestRunner {
  async runTests(tests, watcher, options) {
    let hasFailed = false;
    this.on('test-file-success', ([, { numFailingTests, testExecError }]) => {
      hasFailed ||= numFailingTests > 0 || testExecError !== undefined;
    });
    this.on('test-file-failure', () => {
      hasFailed = true;
    });
    for (const test of tests.toSorted((one, other) => (one.duration ?? 0) - (other.duration ?? 0))) {
      if (!hasFailed) await super.runTests([test], watcher, options);
    }
  }
}
