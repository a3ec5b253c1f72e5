import { createServer, type Plugin, type UserConfig } from 'vite'

type Resolve = NonNullable<UserConfig['resolve']>

const ROOT = '<div id="root"></div>'
const ENTRY = /<script type="module" crossorigin src="([^"]+)"><\/script>/

/**
 * Paints every page before its scripts have run: what needs no data is in the document itself, rendered by the page's
 * own components (`src/shells.tsx`), one document for each first part of an address, `shells/map.html`; `index.html`
 * is the fleet's, to which `/` leads. `public/start.js` starts the scripts after that paint.
 * @param resolve how the dashboard's own build finds modules
 */
export function firstPaint(resolve: Resolve): Plugin {
  return {
    name: 'first-paint',
    apply: 'build',
    generateBundle: {
      order: 'post',
      async handler(_options, bundle) {
        const page = bundle['index.html']
        if (page?.type !== 'asset') return
        const html = startedLater(String(page.source))
        const styles = Object.values(bundle).flatMap((file) =>
          file.type === 'asset' && file.fileName.endsWith('.css') ? String(file.source) : [],
        )
        for (const [name, markup] of Object.entries(await rendered(resolve))) {
          checkStyled(markup, styles.join('\n'))
          const source = html.replace(ROOT, () => ROOT.replace('><', `>${markup}<`))
          if (name === 'fleet') page.source = source
          this.emitFile({ type: 'asset', fileName: `shells/${name}.html`, source })
        }
      },
    },
  }
}

async function rendered(resolve: Resolve): Promise<Record<string, string>> {
  const server = await createServer({
    root: import.meta.dirname,
    configFile: false,
    mode: 'production',
    appType: 'custom',
    logLevel: 'error',
    resolve,
    ssr: { resolve },
    optimizeDeps: { noDiscovery: true },
    server: { middlewareMode: true, ws: false, watch: null },
  })
  try {
    const { shells } = await server.ssrLoadModule('/src/shells.tsx')
    return shells()
  } finally {
    await server.close()
  }
}

/** @throws Error when the document is not as Vite writes it */
function startedLater(html: string): string {
  const entry = ENTRY.exec(html)
  if (entry === null || !html.includes(ROOT)) throw new Error('The document has no entry or no root.')
  return html.replace(
    entry[0],
    `<link rel="modulepreload" crossorigin href="${entry[1]}"><script defer src="/start.js" data-entry="${entry[1]}"></script>`,
  )
}

/** @throws Error when a class of a module is not in the styles: the page would be painted without them */
function checkStyled(markup: string, styles: string): void {
  const classes = [...markup.matchAll(/class="([^"]+)"/g)].flatMap((found) => found[1]?.split(' ') ?? [])
  const unknown = classes.find((name) => name.startsWith('_') && !styles.includes(`.${name}`))
  if (unknown !== undefined)
    throw new Error(`The styles do not know the class ${unknown} of the first paint.`)
}
