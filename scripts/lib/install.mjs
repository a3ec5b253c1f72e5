import { existsSync, readFileSync } from 'node:fs'
import { at, fingerprint, isStamped, manifests, run, StepError, stamp, step } from './workspace.mjs'

const STAMP = 'node_modules/.poolscope-install'

/** Installs the workspace's dependencies unless nothing changed since the last time. */
export async function install() {
  const files = ['pnpm-lock.yaml', 'pnpm-workspace.yaml', '.npmrc', ...manifests()]
  const [major] = process.versions.node.split('.')
  const print = fingerprint(files, process.platform, process.arch, major)
  if (isStamped(STAMP, print) && existsSync(at('node_modules/.modules.yaml'))) return
  const { packageManager } = JSON.parse(readFileSync(at('package.json'), 'utf8'))
  await step('Installing dependencies (about a minute the first time)', async () => {
    // The prompts are answered here: there may be nobody to ask, and a person's npmrc may say no.
    const { code } = await run('npx', [
      '--yes',
      '--loglevel=error',
      packageManager,
      'install',
      '--config.confirm-modules-purge=false',
    ])
    if (code !== 0)
      throw new StepError(`Installing failed: ${packageManager} install ended with code ${code}.`)
  })
  // The lock file may have been written anew.
  stamp(STAMP, fingerprint(files, process.platform, process.arch, major))
}
