import { basename } from 'node:path'

type ModuleInfo = {
  isEntry: boolean
  importers: readonly string[]
  dynamicImporters: readonly string[]
}
type InfoOf = (id: string) => ModuleInfo | null

/** What draws charts: heavy, and asked for by the first chart of a page rather than by the page. */
const FIGURES = new Set(['ChartFigure.tsx', 'CurveFigure.tsx', 'chart-png.ts'])

/**
 * Files for what several parts of the page have in common: `base`, what the embedded card needs too; `main`, the first load
 * of the dashboard; `pages`, what is shared by pages that are loaded later, and the style of all of them; `charts`, what only those who draw share.
 * Few larger files compress better than many small ones, of which each page would ask for a dozen. An earlier group
 * is asked first, because a file takes along whatever its modules import.
 */
export function sharedChunks() {
  const known = new Map<string, ReadonlySet<string>>()
  /** The entries, and the modules asked for by an `import()`, that load a module at once. */
  const rootsOf = (id: string, infoOf: InfoOf): ReadonlySet<string> => {
    const found = known.get(id)
    if (found !== undefined) return found
    const roots = new Set<string>()
    known.set(id, roots)
    const info = infoOf(id)
    if (info === null) return roots
    if (info.isEntry || info.dynamicImporters.length > 0) roots.add(basename(id))
    for (const importer of info.importers) for (const root of rootsOf(importer, infoOf)) roots.add(root)
    return roots
  }
  const nameOf = (id: string, roots: ReadonlySet<string>) => {
    if (roots.has('index.html')) return roots.has('embed.html') ? 'base' : 'main'
    if (roots.has('embed.html')) return null
    if (id.endsWith('.css')) return 'pages'
    if (roots.size < 2) return null
    return [...roots].every((root) => FIGURES.has(root)) ? 'charts' : 'pages'
  }
  return ['charts', 'pages', 'main', 'base'].map((name, priority) => ({
    name: (id: string, context: { getModuleInfo: InfoOf }) =>
      nameOf(
        id,
        rootsOf(id, (at) => context.getModuleInfo(at)),
      ) === name
        ? name
        : null,
    priority,
  }))
}
