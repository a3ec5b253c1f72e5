import { readdir, readFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { Marked } from 'marked'
import { gfmHeadingId } from 'marked-gfm-heading-id'
import type { Plugin } from 'vite'

const DOCS = join(import.meta.dirname, '../../docs')
const STYLES = join(import.meta.dirname, 'src/styles')

/** Beyond the look of the dashboard: one column of text. */
const OWN_STYLE = `
body { max-width: 84ch; margin: 0 auto; padding: var(--space-6) var(--gutter) var(--space-12); font-size: var(--text-m); }
h1, h2, h3 { margin: 1.6em 0 0.5em; }
p, ul, ol, pre, table { margin-bottom: var(--space-3); }
ul { list-style: disc; padding-left: var(--space-6); }
ol { list-style: decimal; padding-left: var(--space-6); }
a { text-decoration: underline; }
pre { padding: var(--space-3); overflow-x: auto; border: 1px solid var(--border); background: var(--sunken); }
table { display: block; overflow-x: auto; border-collapse: collapse; }
th, td { padding: 4px 10px; border: 1px solid var(--border); text-align: start; vertical-align: top; }
:target { scroll-margin-top: var(--space-4); background: color-mix(in oklab, var(--accent) 14%, transparent); }
`

/**
 * The user guide as pages beside the dashboard, so that an alert leads to what it means where there is no way out
 * to a network: every page of the top of `docs/` under `guide/`, with the anchors that its headings have elsewhere.
 * Pictures stay where they are; their words remain.
 */
export function guidePages(): Plugin {
  return {
    name: 'guide-pages',
    apply: 'build',
    async generateBundle() {
      const names = (await readdir(DOCS)).filter((name) => name.endsWith('.md'))
      for (const name of names) {
        const markdown = await readFile(join(DOCS, name), 'utf8')
        this.emitFile({
          type: 'asset',
          fileName: `guide/${basename(name, '.md')}.html`,
          source: page(markdown, names),
        })
      }
      const styles = await Promise.all(
        ['tokens.css', 'base.css'].map((name) => readFile(join(STYLES, name), 'utf8')),
      )
      this.emitFile({ type: 'asset', fileName: 'guide/guide.css', source: [...styles, OWN_STYLE].join('\n') })
    },
  }
}

/** @param names of the pages that there are */
function page(markdown: string, names: readonly string[]): string {
  const marked = new Marked(gfmHeadingId(), {
    renderer: {
      image: ({ text }) => `<em>${text}</em>`,
      link({ href, tokens }) {
        const words = this.parser.parseInline(tokens)
        const [file = '', anchor = ''] = href.split('#')
        if (file !== '' && !names.includes(file)) {
          return /^https?:/.test(href) ? `<a href="${href}" rel="noreferrer">${words}</a>` : words
        }
        const target = file === '' ? '' : file.replace(/\.md$/, '.html')
        return `<a href="${target}${anchor === '' ? '' : `#${anchor}`}">${words}</a>`
      },
    },
  })
  const title = /^# (.+)$/m.exec(markdown)?.[1] ?? 'Guide'
  const body = marked.parse(markdown.replace(/<picture>[\s\S]*?<\/picture>/g, ''), { async: false })
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title} · Poolscope</title>
<script src="/theme.js"></script>
<link rel="stylesheet" href="guide.css">
</head>
<body>
<main>
${body}</main>
</body>
</html>
`
}
