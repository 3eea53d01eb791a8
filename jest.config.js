/** Tests run as native ES modules on the pinned Node 24; types are stripped, never checked, here (`npm run types` does that). */
export default {
  testEnvironment: 'node',
  testMatch: ['<rootDir>/tests/**/*.test.ts'],
  extensionsToTreatAsEsm: ['.ts'],
  transform: { '\\.ts$': ['ts-jest', { useESM: true, diagnostics: false }] },
  testTimeout: 20_000,
  // Tests wait more than they compute. By default jest leaves a core free, and two cores would run one test file at a time.
  maxWorkers: '100%',
  modulePathIgnorePatterns: ['<rootDir>/.stryker-tmp/'],
};
