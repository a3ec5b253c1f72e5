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
          testTimeout: 120_000,
          hookTimeout: 180_000,
        },
      },
      'apps/dashboard',
    ],
    pool: 'forks',
    maxWorkers: 2,
  },
})
