import { defineConfig } from 'vitest/config'

const conditions = ['@poolscope/source', 'module', 'node', 'development|production']

export default defineConfig({
  resolve: { conditions },
  ssr: { resolve: { conditions, externalConditions: conditions } },
  test: {
    projects: [
      {
        extends: true,
        test: {
          name: 'node',
          include: ['packages/*/{src,test}/**/*.test.ts', 'apps/agent/{src,test}/**/*.test.ts'],
          testTimeout: 240_000,
          hookTimeout: 300_000,
        },
      },
      'apps/dashboard',
    ],
    // Nothing that is waited for comes within the usual second on a busy machine for certain.
    expect: { poll: { timeout: 45_000 } },
    pool: 'forks',
    maxWorkers: 2,
  },
})
