import { type RefObject, useEffect, useLayoutEffect, useMemo, useState, useSyncExternalStore } from 'react'
import type { ApiError } from '../api/api-error.ts'
import { useHistoryQuery } from '../api/history-query.ts'
import { watchSight } from '../lib/sight.ts'
import type { TimeRange } from '../lib/time-range.ts'
import { useLiveStore } from '../live/hooks.ts'
import { RING_TICKS } from '../live/tick-clock.ts'
import type { ChartLegendHandle } from './ChartLegend.tsx'
import type { ChartOverlayHandle } from './ChartOverlay.tsx'
import { ChartModel, type LimitNow } from './chart-model.ts'
import type { LiveChartProps } from './chart-types.ts'
import { crosshair } from './crosshair.ts'
import { drawings } from './drawings.ts'
import type { PastLayerHandle } from './PastLayer.tsx'
import { RangeFeed } from './range-feed.ts'
import { TickFeed } from './tick-feed.ts'
import type { YAxisTicks } from './y-domain.ts'

/** What makes a chart render: its axis, its limits, what its samples stand for, and whether there are any. */
export type FrameState = {
  ticks: YAxisTicks
  limits: readonly LimitNow[]
  known: boolean
  /** What a sample stands for, ms; null where each is one tick. */
  stepMs: number | null
}

/** The past that a chart asked for, if it did: whether it is on its way, and why it did not come. */
export type PastState = { asked: boolean; loading: boolean; error: ApiError | null; retry: () => void }

/** How long a number stands at least, ms. */
const LEGIBLE_MS = 500

const NO_LIMITS: NonNullable<LiveChartProps['limits']> = []

const frameOf = (model: ChartModel): FrameState => ({
  ticks: model.ticks,
  limits: model.limits,
  known: model.known,
  stepMs: model.feed.stepped ? model.feed.stepMs : null,
})

/**
 * The data of one chart over a time, kept current while the chart is on screen. Off screen it is not drawn; coming
 * into view it is drawn once from what there is.
 */
export function useChartModel(
  { source, series, limits = NO_LIMITS, unit, yMin = 0 }: LiveChartProps,
  range: TimeRange,
  figure: RefObject<HTMLElement | null>,
  legend: RefObject<ChartLegendHandle | null>,
  overlay: RefObject<ChartOverlayHandle | null>,
  layer: RefObject<PastLayerHandle | null>,
): { model: ChartModel; frame: FrameState; past: PastState } {
  const store = useLiveStore()
  const { kind, id } = source
  const begun = useSyncExternalStore(store.subscribe, () => store.newestTick.tick >= 0 && store.view.ready)
  const tickMs = useSyncExternalStore(store.subscribe, () => store.newestTick.tickMs)
  // What the live stream holds by itself need not be asked for.
  const inRing = range.kind === 'live' && range.spanMs <= RING_TICKS * tickMs
  const model = useMemo(() => {
    const from = { kind, id }
    const feed = inRing ? new TickFeed(store, from, range.spanMs) : new RangeFeed(store, from, range)
    const fresh = new ChartModel(feed, series, limits, unit, yMin)
    fresh.fill()
    return fresh
  }, [store, kind, id, series, limits, unit, yMin, range, inRing])
  const [state, setState] = useState<FrameState & { model: ChartModel }>(() => ({ ...frameOf(model), model }))
  const frame = state.model === model ? state : frameOf(model)
  const { data, error, isFetching, isPlaceholderData, refetch } = useHistoryQuery(
    source,
    range,
    begun && !inRing,
  )

  useLayoutEffect(() => {
    const { feed } = model
    const sight = watchSight(figure.current, () => update(store.paused))
    const showMoment = () => {
      const atMs = crosshair.momentIn(model.startMs, model.endMs)
      const index = atMs === null || !model.known ? -1 : model.indexAt(atMs)
      legend.current?.show(index < 0 ? feed.size - 1 : index)
      overlay.current?.show(index)
    }
    const update = (again: boolean) => {
      if (!sight.allows()) return
      const { known } = model
      if (model.fill(again) || model.known !== known) setState({ ...frameOf(model), model })
      drawings.get(model)?.draw()
      layer.current?.move()
      if (feed instanceof RangeFeed && feed.outrun) void refetch({ cancelRefetch: false })
      // Of ticks that come faster than numbers can be read, the legend shows some.
      const legible = Math.ceil(LEGIBLE_MS / feed.tickMs)
      if (crosshair.owner !== null || feed.newestTick % legible === 0) showMoment()
    }
    const stops = [
      // What lies in the past stands still.
      store.onDraw(() => {
        if (feed.live || !(feed.untilMs >= feed.endMs)) update(false)
      }),
      store.past.openSeries({ kind, id }, () => update(store.paused)),
      crosshair.onMove(showMoment),
    ]
    if (feed instanceof RangeFeed) {
      feed.setHistory(data ?? null)
      model.fill(store.paused)
      drawings.get(model)?.draw()
    }
    setState({ ...frameOf(model), model })
    showMoment()
    return () => {
      sight.stop()
      for (const stop of stops) stop()
      crosshair.release(model)
    }
  }, [store, kind, id, model, data, refetch, figure, legend, overlay, layer])

  const past = {
    asked: !inRing,
    loading: !inRing && (data === undefined || isPlaceholderData) && error === null && (isFetching || !begun),
    error: inRing ? null : error,
    retry: () => void refetch(),
  }
  return { model, frame, past }
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
