import { readdir, readFile, writeFile } from 'node:fs/promises'
import { resolve as absolute, join } from 'node:path'
import { brotliCompressSync, constants, gzipSync } from 'node:zlib'
import react from '@vitejs/plugin-react'
import { defineConfig, type Plugin } from 'vite'
import { sharedChunks } from './chunks.ts'
import { firstPaint } from './first-paint.ts'
import { guidePages } from './guide-pages.ts'
import { withoutUnusedParts } from './recharts-parts.ts'

/** The agent that `vite dev` passes requests on to. */
const agent = process.env.POOLSCOPE_URL ?? 'http://127.0.0.1:7077'

/** Smaller files gain nothing from compression. */
const WORTH_BYTES = 1024

/** Puts compressed copies beside the built files, so that the agent sends them without work of its own. */
function compressedCopies(): Plugin {
  let dir = ''
  return {
    name: 'compressed-copies',
    apply: 'build',
    configResolved: (config) => {
      dir = absolute(config.root, config.build.outDir)
    },
    closeBundle: async () => {
      const entries = await readdir(dir, { recursive: true, withFileTypes: true })
      for (const entry of entries) {
        if (!entry.isFile() || !/\.(js|css|html|svg)$/.test(entry.name)) continue
        const path = join(entry.parentPath, entry.name)
        const content = await readFile(path)
        if (content.length < WORTH_BYTES) continue
        const quality = { params: { [constants.BROTLI_PARAM_QUALITY]: constants.BROTLI_MAX_QUALITY } }
        await writeFile(`${path}.gz`, gzipSync(content, { level: 9 }))
        await writeFile(`${path}.br`, brotliCompressSync(content, quality))
      }
    },
  }
}

/** Every page asks for the fleet first: the browser asks while it still reads the scripts. */
function earlyFleet(): Plugin {
  return {
    name: 'early-fleet',
    apply: 'build',
    // The card of a frame asks for one pool.
    transformIndexHtml: (_html, { path }) =>
      path !== '/index.html'
        ? []
        : [
            {
              tag: 'link',
              attrs: {
                rel: 'preload',
                href: '/api/v1/fleet?pools=false',
                as: 'fetch',
                crossorigin: 'anonymous',
              },
              injectTo: 'head',
            },
          ],
  }
}

const resolve = { conditions: ['@poolscope/source', 'module', 'browser', 'development|production'] }

export default defineConfig({
  plugins: [
    react(),
    withoutUnusedParts(),
    compressedCopies(),
    earlyFleet(),
    guidePages(),
    firstPaint(resolve),
  ],
  resolve,
  build: {
    target: 'es2022',
    rolldownOptions: {
      input: ['index.html', 'embed.html'],
      output: { codeSplitting: { groups: sharedChunks() } },
    },
    sourcemap: false,
    // Browsers that do not know it load the same, later.
    modulePreload: { polyfill: false },
    // Everything is a file of its own: the content security policy allows no inline data.
    assetsInlineLimit: 0,
    reportCompressedSize: false,
  },
  server: {
    proxy: { '/api': { target: agent, ws: true }, '/health': agent, '/metrics': agent },
  },
})
