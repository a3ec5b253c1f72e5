import { describe, expect, it } from 'vitest'
import css from './tokens.css?raw'

/** Token to its light and dark colour. */
const tokens = new Map(
  [...css.matchAll(/--([\w-]+): light-dark\((#[0-9a-f]{6}), (#[0-9a-f]{6})\);/g)].map(
    ([, name = '', light = '', dark = '']) => [name, { light, dark }] as const,
  ),
)

function luminance(hex: string): number {
  const channels = [1, 3, 5].map((at) => Number.parseInt(hex.slice(at, at + 2), 16) / 255)
  const [r, g, b] = channels.map((c) => (c <= 0.040_45 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4))
  return 0.2126 * Number(r) + 0.7152 * Number(g) + 0.0722 * Number(b)
}

/** WCAG 2 contrast of two colours, 1 to 21. */
function contrast(one: string, other: string): number {
  const [low = 0, high = 0] = [luminance(one), luminance(other)].sort((a, b) => a - b)
  return (high + 0.05) / (low + 0.05)
}

const TEXT = ['text', 'text-2', 'text-3', 'accent']
const GRAPHICS = [
  ...['ok', 'warning', 'critical', 'stale', 'info', 'border-strong', 'focus'],
  ...['used', 'idle', 'pending', 'p50', 'p95', 'p99', 's1', 's2', 's3', 's4', 's5', 's6'],
]
const GROUNDS = ['bg', 'surface', 'raised', 'sunken']

const pairs = (fronts: string[], grounds: string[]) =>
  fronts.flatMap((front) =>
    grounds.flatMap((ground) => (['light', 'dark'] as const).map((theme) => [front, ground, theme] as const)),
  )

function measured(front: string, ground: string, theme: 'light' | 'dark'): number {
  const one = tokens.get(front)
  const other = tokens.get(ground)
  if (one === undefined || other === undefined) throw new Error(`no token ${front} or ${ground}`)
  return contrast(one[theme], other[theme])
}

describe('contrast', () => {
  it('measures black on white as 21', () => {
    expect(contrast('#000000', '#ffffff')).toBeCloseTo(21)
  })
  it.each(pairs(TEXT, GROUNDS))('is at least 4.5 for --%s on --%s, %s', (front, ground, theme) => {
    expect(measured(front, ground, theme)).toBeGreaterThanOrEqual(4.5)
  })
  it.each(pairs(GRAPHICS, ['surface']))('is at least 3 for --%s on --%s, %s', (front, ground, theme) => {
    expect(measured(front, ground, theme)).toBeGreaterThanOrEqual(3)
  })
})
