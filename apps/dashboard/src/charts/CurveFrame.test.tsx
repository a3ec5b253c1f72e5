import { cleanup, render } from '@testing-library/react'
import { afterEach, describe, expect, it } from 'vitest'
import { CurveFrame } from './CurveFrame.tsx'

afterEach(cleanup)

/** A plot of 400 × 100 px from (56, 24): sizes 1 to 5 are 100 px apart, and a value of 10 is 100 px high. */
function show(values: readonly (Record<string, number | null> & { p: number | null })[]) {
  const { container } = render(
    <CurveFrame
      unit="count"
      series={[{ key: 'p', label: 'predicted', color: 'red', dash: '2 2' }]}
      band={{ lowKey: 'low', highKey: 'high', label: 'between', color: 'blue' }}
      points={values.map((one, index) => ({ x: index + 1, values: one }))}
      marks={[]}
      limits={[]}
      yMax={10}
      width={56 + 400 + 12}
      height={24 + 100 + 22}
    />,
  )
  const [band, line] = container.querySelectorAll('[clip-path] > path')
  return { band: band?.getAttribute('d'), line: line?.getAttribute('d'), container }
}

describe('CurveFrame', () => {
  it('draws each value at its size, and leaves a gap where one is not known', () => {
    const { line } = show([{ p: 0 }, { p: 5 }, { p: null }, { p: 10 }, { p: 20 }])
    // 20 leaves the plot upwards and is cut off there: 124 − 20 / 10 · 100.
    expect(line).toBe('M56 124L156 74M356 24L456 -76')
  })

  it('draws a band where both of its edges are known', () => {
    const one = { p: 0, low: 0, high: 10 }
    const { band } = show([one, one, { p: 0, low: 0, high: null }, { p: 0 }, { p: 0 }])
    expect(band).toBe('M56 24L156 24L156 124L56 124Z')
  })

  it('labels both axes', () => {
    const { container } = show([{ p: 0 }, { p: 5 }, { p: 1 }, { p: 10 }, { p: 2 }])
    const texts = [...container.querySelectorAll('text')].map((text) => text.textContent)
    for (const label of ['1', '5', '0', '10']) expect(texts).toContain(label)
  })
})
