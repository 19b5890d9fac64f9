import { defineConfig } from 'vitest/config';

// Child processes under test run what tsc emits, so a run begins with a build (tests/build.ts).
const shared = { globalSetup: 'tests/build.ts', pool: 'forks' as const, maxWorkers: 2, env: { ORT_DISABLE_TELEMETRY: '1', LOG_LEVEL: 'silent' } };

export default defineConfig({
  test: {
    projects: [
      { test: { ...shared, name: 'fast', include: ['tests/**/*.test.ts'], exclude: ['tests/**/*.slow.test.ts'], testTimeout: 20_000 } },
      { test: { ...shared, name: 'slow', include: ['tests/**/*.slow.test.ts'], testTimeout: 300_000, hookTimeout: 120_000, fileParallelism: false } },
    ],
  },
});
