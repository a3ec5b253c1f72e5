import { type RefObject, useEffect, useLayoutEffect, useMemo, useState } from 'react'
import { useLiveStore } from '../live/hooks.ts'
import type { ChartLegendHandle } from './ChartLegend.tsx'
import type { ChartOverlayHandle } from './ChartOverlay.tsx'
import { ChartModel, type LimitNow } from './chart-model.ts'
import type { LiveChartProps } from './chart-types.ts'
import { crosshair } from './crosshair.ts'
import { drawings } from './drawings.ts'
import type { YAxisTicks } from './y-domain.ts'

/** What makes a chart render: its axis, its limits, and whether there is anything to show. */
export type FrameState = { ticks: YAxisTicks; limits: readonly LimitNow[]; known: boolean }

/** How long a number stands at least, ms. */
const LEGIBLE_MS = 500

const NO_LIMITS: NonNullable<LiveChartProps['limits']> = []

const frameOf = (model: ChartModel): FrameState => ({
  ticks: model.ticks,
  limits: model.limits,
  known: model.known,
})

/**
 * The data of one chart, kept current while the chart is on screen. Off screen it is not drawn; coming
 * into view it is drawn once from the ring.
 */
export function useLiveModel(
  { source, series, limits = NO_LIMITS, unit, yMin = 0 }: LiveChartProps,
  figure: RefObject<HTMLElement | null>,
  legend: RefObject<ChartLegendHandle | null>,
  overlay: RefObject<ChartOverlayHandle | null>,
): { model: ChartModel; frame: FrameState } {
  const store = useLiveStore()
  const { kind, id } = source
  const model = useMemo(() => {
    const fresh = new ChartModel(store, { kind, id }, series, limits, unit, yMin)
    fresh.fill()
    return fresh
  }, [store, kind, id, series, limits, unit, yMin])
  const [state, setState] = useState<FrameState & { model: ChartModel }>(() => ({ ...frameOf(model), model }))
  const frame = state.model === model ? state : frameOf(model)

  useLayoutEffect(() => {
    let visible = true
    let late = false
    const showMoment = () => {
      const atMs = crosshair.momentIn(model.startMs, model.endMs)
      const index = atMs === null || !model.known ? -1 : model.indexAt(atMs)
      legend.current?.show(index < 0 ? model.times.length - 1 : index)
      overlay.current?.show(index)
    }
    const update = (again: boolean) => {
      if (!visible) {
        late = true
        return
      }
      const known = model.known
      if (model.fill(again) || model.known !== known) setState({ ...frameOf(model), model })
      drawings.get(model)?.draw()
      // Of ticks that come faster than numbers can be read, the legend shows some.
      const legible = Math.ceil(LEGIBLE_MS / model.tickMs)
      if (crosshair.owner !== null || model.newestTick % legible === 0) showMoment()
    }
    const stops = [
      store.onDraw(() => update(false)),
      store.openSeries({ kind, id }, () => update(store.paused)),
      crosshair.onMove(showMoment),
    ]
    setState({ ...frameOf(model), model })
    showMoment()
    const observer = new IntersectionObserver((entries) => {
      visible = entries.at(-1)?.isIntersecting ?? true
      if (visible && late) {
        late = false
        update(store.paused)
      }
    })
    if (figure.current !== null) observer.observe(figure.current)
    return () => {
      observer.disconnect()
      for (const stop of stops) stop()
      crosshair.release(model)
    }
  }, [store, kind, id, model, figure, legend, overlay])

  return { model, frame }
}

/** The width of an element in px, followed as it changes; 0 before it is known. */
export function useWidth(element: RefObject<HTMLElement | null>): number {
  const [width, setWidth] = useState(0)
  useEffect(() => {
    const target = element.current
    if (target === null) return
    const measure = () => setWidth(Math.floor(target.clientWidth))
    measure()
    const observer = new ResizeObserver(measure)
    observer.observe(target)
    return () => observer.disconnect()
  }, [element])
  return width
}
