import react from '@vitejs/plugin-react'
import { defineConfig } from 'vite'

/** The agent that `vite dev` passes requests on to. */
const agent = process.env.POOLSCOPE_URL ?? 'http://127.0.0.1:7077'

export default defineConfig({
  plugins: [react()],
  resolve: { conditions: ['@poolscope/source', 'module', 'browser', 'development|production'] },
  build: {
    target: 'es2022',
    sourcemap: false,
    // Everything is a file of its own: the content security policy allows no inline data.
    assetsInlineLimit: 0,
    reportCompressedSize: false,
  },
  server: {
    proxy: { '/api': { target: agent, ws: true }, '/health': agent, '/metrics': agent },
  },
})
