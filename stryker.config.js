// Mutation tests of the rooms that decide what happens to an order: `npm run mutation`, or one room of them:
// `npm run mutation -- --mutate 'lib/keys/**/*.ts'`.
export default {
  testRunner: 'jest',
  plugins: ['@stryker-mutator/jest-runner'],
  testRunnerNodeArgs: ['--experimental-vm-modules', '--disable-warning=ExperimentalWarning'],
  jest: { configFile: 'jest.mutation.config.js' },
  coverageAnalysis: 'perTest',
  mutate: ['lib/cancel/**/*.ts', 'lib/exchange/**/*.ts', 'lib/keys/**/*.ts'],
  ignorePatterns: ['bench', 'dist', 'docs', 'stack', 'reports'],
  concurrency: 2,
  timeoutMS: 20_000,
  reporters: ['clear-text', 'html', 'json', 'progress'],
  clearTextReporter: { reportTests: false, allowColor: false },
  thresholds: { high: 95, low: 90, break: 90 },
  allowConsoleColors: false,
};
