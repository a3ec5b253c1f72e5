import type { Plugin } from 'vite'

/**
 * What Recharts takes from d3 and nothing here uses, by module, with the names that it imports. Every axis is given a
 * scale of our own (`src/charts/linear-scale.ts`), and one that is given is never looked up by its name; lines and areas
 * are paths of our own (`src/charts/line-path.ts`), so that nothing is stacked or curved.
 */
const UNUSED: Readonly<Record<string, readonly string[]>> = {
  'victory-vendor/d3-scale': ['scaleLinear', 'scalePoint'],
  'victory-vendor/d3-shape': [
    'area',
    'curveBasis',
    'curveBasisClosed',
    'curveBasisOpen',
    'curveBumpX',
    'curveBumpY',
    'curveLinear',
    'curveLinearClosed',
    'curveMonotoneX',
    'curveMonotoneY',
    'curveNatural',
    'curveStep',
    'curveStepAfter',
    'curveStepBefore',
    'line',
    'stack',
    'stackOffsetExpand',
    'stackOffsetNone',
    'stackOffsetSilhouette',
    'stackOffsetWiggle',
    'stackOrderNone',
    'symbol',
    'symbolCircle',
    'symbolCross',
    'symbolDiamond',
    'symbolSquare',
    'symbolStar',
    'symbolTriangle',
    'symbolWye',
  ],
}

/**
 * What finds round numbers for the ticks of an axis, with arithmetic in decimals of its own. An axis with a scale that is
 * given has no such ticks; it is still asked for those of the one that Recharts assumes before it knows ours.
 */
const TICKS = '../../util/scale'

/** Leaves those parts out of what is built: together a quarter of what draws a chart. */
export function withoutUnusedParts(): Plugin {
  return {
    name: 'without-unused-parts',
    apply: 'build',
    enforce: 'pre',
    resolveId: (id, importer) =>
      id in UNUSED || (id === TICKS && importer?.endsWith('/axisSelectors.js')) ? `\0${id}` : null,
    load: (id) => {
      if (id === `\0${TICKS}`) {
        return 'export const getNiceTickValues = () => undefined, getTickValuesFixedDomain = getNiceTickValues'
      }
      const names = UNUSED[id.slice(1)]
      return id.startsWith('\0') && names !== undefined ? `export let ${names.join(', ')}` : null
    },
  }
}
