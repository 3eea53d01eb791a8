import JestRunner from 'jest-runner';

const TestRunner = JestRunner.default ?? JestRunner;

/** The names of a file's tests, and the milliseconds that it took when it first ran in this process. */
const seen = new Map();

/**
 * Runs one test file after the other, the fastest first, until one of them fails: that kills the mutant. Jest's own `bail`
 * ends the process instead. Skips a file none of whose tests is asked for: Jest would load it all the same. A mutant in a
 * table at the top of a module is run against every file, the others against the tests that reach them.
 */
export default class UntilFailureRunner extends TestRunner {
  async runTests(tests, watcher, options) {
    const { testNamePattern } = this._globalConfig;
    const isAskedFor = testNamePattern ? new RegExp(testNamePattern, 'i') : /(?:)/;
    const files = tests
      .filter(({ path }) => seen.get(path)?.names.some((name) => isAskedFor.test(name)) ?? true)
      .sort((one, other) => (seen.get(one.path)?.ms ?? 0) - (seen.get(other.path)?.ms ?? 0));
    let hasFailed = false;
    this.on('test-file-success', ([{ path }, result]) => {
      const { testResults, perfStats, numFailingTests, testExecError } = result;
      hasFailed ||= numFailingTests > 0 || testExecError !== undefined;
      if (!hasFailed && !seen.has(path))
        seen.set(path, { names: testResults.map(({ fullName }) => fullName), ms: perfStats.runtime });
    });
    this.on('test-file-failure', () => {
      hasFailed = true;
    });
    for (const file of files) if (!hasFailed) await super.runTests([file], watcher, options);
  }
}
