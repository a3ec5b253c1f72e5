import react from '@vitejs/plugin-react'
import { defineConfig } from 'vitest/config'

const conditions = ['@poolscope/source', 'module', 'browser', 'development|production']

export default defineConfig({
  plugins: [react()],
  resolve: { conditions },
  ssr: { resolve: { conditions, externalConditions: conditions } },
  test: {
    name: 'dashboard',
    include: ['src/**/*.test.{ts,tsx}'],
    environment: 'happy-dom',
    // A test reads the colours as they are written; other styles are left out.
    css: { include: /tokens\.css/ },
    setupFiles: ['test-setup.ts'],
    expect: { poll: { timeout: 30_000 } },
    testTimeout: 120_000,
  },
})
