import type { CustomScaleDefinition } from 'recharts'

/** From values to pixels along a straight line, as an axis of Recharts takes it. A domain without width lies in the middle. */
export type LinearScale = CustomScaleDefinition<number>

/**
 * The scale of every axis. Ours is named to the axes instead of Recharts' `linear`, because to know that one by its
 * name takes all of d3's scales, with their colours and calendars: a sixth of what draws a chart.
 */
export function linearScale(from: readonly number[] = [0, 1], to: readonly number[] = [0, 1]): LinearScale {
  let [domain, range] = [from, to]
  const scale = (value: number) => {
    const [low, high, start, end] = [...domain, ...range] as [number, number, number, number]
    return start + (high === low ? 0.5 : (value - low) / (high - low)) * (end - start)
  }
  function domainOf(): readonly number[]
  function domainOf(values: readonly number[]): LinearScale
  function domainOf(values?: readonly number[]) {
    if (values === undefined) return domain
    domain = values
    return own
  }
  function rangeOf(): readonly number[]
  function rangeOf(values: readonly number[]): LinearScale
  function rangeOf(values?: readonly number[]) {
    if (values === undefined) return range
    range = values
    return own
  }
  const own: LinearScale = Object.assign(scale, {
    domain: domainOf,
    range: rangeOf,
    copy: () => linearScale(domain, range),
  }) as LinearScale
  return own
}
