import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { API_ERRORS, ReportSchema, SOURCE_ERRORS } from '../src/index.ts'

const ROOT = fileURLToPath(new URL('../../..', import.meta.url))
const at = (path: string) => join(ROOT, path)
const read = (path: string) => readFileSync(at(path), 'utf8')

/** Every page of ours, relative to the root. */
const PAGES = [
  ...['README.md', 'CONTRIBUTING.md', 'SECURITY.md'],
  ...['docs', 'docs/adr'].flatMap((folder) =>
    readdirSync(at(folder))
      .filter((name) => name.endsWith('.md'))
      .map((name) => `${folder}/${name}`),
  ),
]

describe('docs/errors.md', () => {
  const [, ofApi = '', ofServers = ''] = read('docs/errors.md').split(/^## /m)
  const rowsOf = (section: string) => [...section.matchAll(/^\| `([a-z_]+)` \| (\w+) /gm)]

  it('has every code of the API with its status, and no other', () => {
    const rows = rowsOf(ofApi).map(([, code, status]) => [code, Number(status)])
    expect(Object.fromEntries(rows)).toEqual(API_ERRORS)
  })

  it('has every code of a watched server, and no other', () => {
    const codes = rowsOf(ofServers).map(([, code]) => code)
    expect(codes.toSorted()).toEqual([...SOURCE_ERRORS].sort())
  })
})

describe('docs/report.schema.json', () => {
  it('is the schema that reports are checked by; scripts/report-schema.mjs writes it', () => {
    const { $schema, ...written } = JSON.parse(read('docs/report.schema.json'))
    expect($schema).toBe('http://json-schema.org/draft-07/schema#')
    expect(written).toEqual(JSON.parse(JSON.stringify(ReportSchema)))
  })

  it('knows every field that docs/protocol.md shows in its first report', () => {
    const [, shown = ''] = /--data '(\{[^']*\})'/.exec(read('docs/protocol.md')) ?? []
    const report = JSON.parse(shown)
    expect(Object.keys(report).toSorted()).toEqual(Object.keys(ReportSchema.properties).toSorted())
    const pool = ReportSchema.properties.pools.items.properties
    expect(Object.keys(report.pools[0]).toSorted()).toEqual(Object.keys(pool).toSorted())
    expect(Object.keys(report.pools[0].window).toSorted()).toEqual(
      Object.keys(pool.window.properties).toSorted(),
    )
  })
})

describe('README.md', () => {
  it('begins with the two commands', () => {
    const [, first = ''] = /```sh\n([^`]*)```/.exec(read('README.md')) ?? []
    expect(first.trim().split('\n')).toEqual([
      expect.stringMatching(/^npm start\b/),
      expect.stringMatching(/^npm test\b/),
    ])
  })
})

describe('links', () => {
  it.each(PAGES)('of %s lead to files and headings that exist', (page) => {
    expect(linksOf(page).filter((link) => !leadsSomewhere(page, link))).toEqual([])
  })
})

function linksOf(page: string): string[] {
  const text = read(page).replace(/^```[\s\S]*?^```/gm, '')
  const found = [...text.matchAll(/\]\(([^)\s]+)\)|(?:src|srcset|href)="([^"\s]+)"/g)]
  const targets = found.map(([, inText, inTag]) => inText ?? inTag ?? '')
  return targets.filter((target) => !/^[a-z]+:/.test(target))
}

function leadsSomewhere(page: string, link: string): boolean {
  const [path = '', heading] = link.split('#')
  const file = path === '' ? page : relative(ROOT, join(ROOT, dirname(page), path))
  // The pictures are made from the running demo, by a script of their own.
  if (file.startsWith('docs/images/') && !existsSync(at('docs/images'))) return true
  if (!existsSync(at(file))) return false
  return heading === undefined || headingsOf(read(file)).includes(heading)
}

function headingsOf(text: string): string[] {
  return [...text.matchAll(/^#+ (.+)$/gm)].map(([, title = '']) =>
    title
      .toLowerCase()
      .replace(/[^\p{L}\p{N} _-]/gu, '')
      .replaceAll(' ', '-'),
  )
}
