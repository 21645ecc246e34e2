/** @type {import('jest').Config} */
module.exports = {
  testEnvironment: '<rootDir>/test/support/host-realm-environment.cjs',
  transform: {
    '^.+\\.ts$': ['@swc/jest', { jsc: { parser: { syntax: 'typescript' }, target: 'es2022' } }],
    '/(hyparquet(-writer|-compressors)?|hysnappy|fzstd)/.+\\.js$': [
      '@swc/jest',
      { jsc: { target: 'es2022' }, module: { type: 'commonjs' } },
    ],
  },
  // Parquet is written and read by ES modules as well; they know nothing of realms, and are transformed like our own.
  transformIgnorePatterns: ['/node_modules/(?!hyparquet|hysnappy|fzstd)'],
  // Both are ES modules, which Node requires and jest before Node 24.9 does not.
  moduleNameMapper: {
    '^@marcbachmann/cel-js$': '<rootDir>/test/support/cel-package.cjs',
    '^marked$': '<rootDir>/node_modules/marked/lib/marked.umd.js',
  },
  // What `npm run package` unpacks has a package.json of its own.
  modulePathIgnorePatterns: ['<rootDir>/packages/'],
  testMatch: ['<rootDir>/test/**/*.test.ts'],
  // Half of the time of the tests is spent waiting for processes of their own.
  maxWorkers: '100%',
  testTimeout: 60_000,
  reporters: ['default', '<rootDir>/test/support/count-reporter.cjs'],
};
