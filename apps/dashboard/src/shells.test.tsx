// @vitest-environment node
import { describe, expect, it } from 'vitest'
import { shells } from './shells.tsx'

/** The links of the bar that are marked as where one is. */
const current = (html: string) =>
  [...html.matchAll(/<a aria-current="[^"]+" href="([^"]+)"/g)].map((found) => found[1])

describe('shells', () => {
  const all = shells()

  it('has one for each first part of an address, and one for all others', () => {
    expect(Object.keys(all).toSorted()).toEqual(
      ['advice', 'alerts', 'fleet', 'map', 'page', 'pools', 'servers', 'size'].toSorted(),
    )
  })

  it('marks where one is in the bar', () => {
    expect(current(all.map ?? '')).toEqual(['/map'])
    expect(current(all.pools ?? '')).toEqual(['/fleet'])
    expect(current(all.page ?? '')).toEqual([])
  })

  it('paints of the fleet all that needs no data', () => {
    expect(all.fleet).toMatch(/<h1[^>]*>Fleet<\/h1>/)
    expect(all.fleet).toMatch(/<input[^>]* type="search" aria-label="Search pools"/)
    expect(all.fleet).toMatch(/role="table"[^>]* aria-busy="true"/)
    expect(all.fleet?.match(/role="columnheader"/g)).toHaveLength(10)
  })

  it('leaves inert what does not answer yet, and says what to do where no script comes', () => {
    for (const html of Object.values(all)) {
      expect(html.match(/<div inert="">/g)).toHaveLength(1)
      expect(html).toContain('<div id="unloaded" hidden="">')
      expect(html).toMatch(/<noscript>.*This page needs JavaScript.*<\/noscript>/)
    }
  })
})
