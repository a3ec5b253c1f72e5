import type { Plugin } from 'vite'

const SCALES = 'victory-vendor/d3-scale'

/**
 * Leaves d3's scales out of what is built. Recharts looks a scale up by its name and so takes all of them, but every
 * axis here is given one of our own (`src/charts/linear-scale.ts`), and a scale that is given is never looked up.
 */
export function withoutNamedScales(): Plugin {
  return {
    name: 'without-named-scales',
    apply: 'build',
    enforce: 'pre',
    resolveId: (id) => (id === SCALES ? `\0${SCALES}` : null),
    // The two that Recharts imports by name, for charts that are not drawn here.
    load: (id) => (id === `\0${SCALES}` ? 'export let scaleLinear, scalePoint' : null),
  }
}
