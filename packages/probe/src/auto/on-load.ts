import { createRequire, Module } from 'node:module'
import { quietly, replace } from '../core/replace.ts'

/** A module as Node.js keeps it: what it exports may be replaced once it is loaded. */
export type LoadedModule = { exports: unknown }

/** Node.js calls this once for every CommonJS file, whether it was required or imported. */
type Loader = { load(filename: string): unknown }

/**
 * Calls once for every CommonJS file that is loaded from now on, and for those that are loaded already, before anyone
 * sees what it exports. An ES module's own code is not seen; the drivers are CommonJS.
 */
export function onLoad(listen: (filename: string, module: LoadedModule) => void): void {
  const prototype = Module.prototype as unknown as Loader
  const { load: original } = prototype
  replace(prototype, 'load', function load(this: LoadedModule & Loader, filename: string): unknown {
    const result = original.call(this, filename)
    quietly(() => listen(filename, this))
    return result
  })
  const { cache } = createRequire(import.meta.url)
  for (const [filename, module] of Object.entries(cache)) {
    if (module !== undefined) quietly(() => listen(filename, module))
  }
}
