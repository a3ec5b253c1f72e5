import { chmodSync, existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { extname, join, relative } from 'node:path'
import { brotliCompressSync, constants, gzipSync } from 'node:zlib'
import { at, fingerprint, isStamped, manifests, mustRun, ROOT, stamp, step } from './workspace.mjs'

const STAMP = '.build-stamp'
const MAIN = 'apps/agent/dist/main.js'
const PAGE = 'apps/dashboard/dist/index.html'
const SKIPPED = new Set(['node_modules', 'dist', 'dist-types', 'test', 'bench'])
const PROJECTS = ['apps/agent', 'packages/testkit']

/** Builds the agent, what it needs, and the dashboard, unless nothing changed since the last time. */
export async function build() {
  const outputs = existsSync(at(MAIN)) && existsSync(at(PAGE))
  const print = fingerprint(inputs(), process.versions.node)
  if (outputs && isStamped(STAMP, print)) return
  await step('Building the agent', async () => {
    const projects = PROJECTS.filter(
      (project) => existsSync(at(project, 'src/index.ts')) || project === 'apps/agent',
    )
    // Without its output the compiler's own record of being up to date is wrong.
    const force = existsSync(at(MAIN)) ? [] : ['--force']
    await mustRun(
      'The build of the agent',
      'node_modules/typescript/bin/tsc',
      ['-b', ...force, ...projects],
      {
        quiet: true,
      },
    )
    chmodSync(at(MAIN), 0o755)
  })
  await step('Building the dashboard', async () => {
    const cwd = at('apps/dashboard')
    await mustRun('The build of the dashboard', 'apps/dashboard/node_modules/vite/bin/vite.js', ['build'], {
      cwd,
      quiet: true,
    })
    compress(at('apps/dashboard/dist'))
  })
  stamp(STAMP, print)
}

/** Every file that the build reads. */
function inputs() {
  const shared = [
    'package.json',
    'pnpm-lock.yaml',
    'tsconfig.base.json',
    'tsconfig.json',
    'scripts/lib/build.mjs',
  ]
  const own = ['apps', 'packages', 'docs'].flatMap((folder) => filesIn(at(folder)))
  return [...shared, ...manifests(), ...own.map((file) => relative(ROOT, file))].sort()
}

function filesIn(folder) {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name)
    if (entry.isDirectory()) return SKIPPED.has(entry.name) ? [] : filesIn(path)
    return /\.test\.tsx?$|\.tsbuildinfo$/.test(entry.name) ? [] : [path]
  })
}

const COMPRESSED = new Set(['.js', '.css', '.html', '.svg', '.json', '.webmanifest', '.txt', '.map'])
/** Below this a compressed copy saves no packet. */
const LEAST_BYTES = 1024

/** Puts a Brotli and a gzip copy beside each text, so that serving it costs no time. */
function compress(folder) {
  for (const file of filesIn(folder)) {
    if (!COMPRESSED.has(extname(file)) || statSync(file).size < LEAST_BYTES) continue
    const content = readFileSync(file)
    const params = {
      [constants.BROTLI_PARAM_QUALITY]: constants.BROTLI_MAX_QUALITY,
      [constants.BROTLI_PARAM_SIZE_HINT]: content.length,
    }
    writeFileSync(`${file}.br`, brotliCompressSync(content, { params }))
    writeFileSync(`${file}.gz`, gzipSync(content, { level: constants.Z_BEST_COMPRESSION }))
  }
}
