import config from './jest.config.js';

/**
 * The tests that mutants run against. The model tests draw new scripts each time, so they would kill a mutant only by luck;
 * the secrecy test starts processes of its own, which no mutant reaches.
 */
export default {
  ...config,
  runner: './jest.mutation.runner.js',
  testMatch: [
    '<rootDir>/tests/lib/{cancel,exchange,keys}/**/*.test.ts',
    '<rootDir>/tests/outcomes/**/*.test.ts',
  ],
  testPathIgnorePatterns: ['/node_modules/', 'model\\.test\\.ts$', '/secrecy\\.test\\.ts$'],
  testTimeout: 10_000,
};
