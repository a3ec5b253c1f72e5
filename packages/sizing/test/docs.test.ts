import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { BUDGET_PROBLEMS, CONNECTION_MEMORY, GUIDES, POOLER_CAVEATS } from '../src/index.ts'

const read = (name: string) => readFileSync(new URL(`../../../docs/${name}`, import.meta.url), 'utf8')
/** The codes that begin the rows of a page's tables. */
const codesOf = (page: string) => [...page.matchAll(/^\| `(\w+)` \|/gm)].map(([, code]) => code)

describe('docs/budget.md', () => {
  it('has every problem and every caveat, and no other', () => {
    const caveats = new Set(Object.values(POOLER_CAVEATS).flat())
    expect(codesOf(read('budget.md')).toSorted()).toEqual([...BUDGET_PROBLEMS, ...caveats].toSorted())
  })
})

describe('docs/calculator.md', () => {
  it('knows every server whose memory is known, and the guide whose advice it repeats', () => {
    const page = read('calculator.md').toLowerCase()
    for (const { system } of CONNECTION_MEMORY) expect(page).toContain(system)
    expect(page).toContain(GUIDES.patterns.toLowerCase())
  })
})
