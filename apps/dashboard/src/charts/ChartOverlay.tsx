import {
  type KeyboardEvent,
  type PointerEvent,
  type ReactNode,
  type Ref,
  useImperativeHandle,
  useRef,
} from 'react'
import { timeZoneName } from '../lib/format.ts'
import { fixedRange } from '../lib/time-range.ts'
import { followLive, undoZoom, zoomTo } from '../lib/use-time-range.ts'
import type { ChartModel } from './chart-model.ts'
import type { ChartUnit } from './chart-types.ts'
import { crosshair } from './crosshair.ts'
import { drawings } from './drawings.ts'
import styles from './LiveChart.module.css'
import { writeMoment } from './moment-text.ts'
import { valueText } from './value-format.ts'

export type ChartOverlayHandle = {
  /** Moves the crosshair to a sample; −1 hides it. */
  show: (index: number) => void
}

/** A press that moves less than this is no drag, px; a finger is less steady. */
const DRAG_PX = 5
const TOUCH_DRAG_PX = 16

const dragPx = ({ pointerType }: PointerEvent) => (pointerType === 'touch' ? TOUCH_DRAG_PX : DRAG_PX)

/** Samples that PageUp and PageDown step over. */
const PAGE_SAMPLES = 30

/**
 * The layer above the drawing that takes the pointer and the keyboard: line, moment and box are HTML,
 * because moving anything inside of the drawing paints all of it again.
 */
export function ChartOverlay({
  model,
  unit,
  title,
  describedBy,
  children,
  ref,
}: {
  model: ChartModel
  unit: ChartUnit
  title: string
  describedBy: string
  /** What lies on the plot above the layer. */
  children?: ReactNode
  ref: Ref<ChartOverlayHandle>
}) {
  const layer = useRef<HTMLDivElement>(null)
  const line = useRef<HTMLDivElement>(null)
  const box = useRef<HTMLDivElement>(null)
  const area = useRef<HTMLDivElement>(null)
  /** Where a drag began: px of the layer and the moment there, which moves on while data comes in. */
  const drag = useRef<{ x: number; atMs: number } | null>(null)

  const sentence = (index: number) => {
    const atMs = model.times[index] as number
    const values = model.series.map((series, at) => `${series.label} ${valueText(model, unit, at, index)}`)
    return `${writeMoment(model, atMs)} ${timeZoneName(atMs)}: ${values.join(', ')}`
  }

  useImperativeHandle(ref, () => ({
    show: (index) => {
      const drawing = drawings.get(model)
      const shown = index >= 0 && drawing !== undefined
      if (line.current === null || box.current === null) return
      const own = shown && crosshair.owner === model
      // Writing what is there already would still cost a look at all styles.
      if (line.current.hidden === shown) line.current.hidden = !shown
      if (box.current.hidden === own) box.current.hidden = !own
      if (!shown) return
      const { plot } = drawing
      const atMs = model.times[index] as number
      const ratio = (atMs - model.startMs) / (model.endMs - model.startMs)
      const x = Math.round(plot.x + Math.max(0, ratio) * plot.width)
      line.current.style.transform = `translate(${x}px, ${plot.y}px)`
      line.current.style.height = `${plot.height}px`
      if (!own) return
      const moment = writeMoment(model, atMs)
      const text = model.presentAt(index) ? `${moment} ${timeZoneName(atMs)}` : `${moment} · no data`
      if (box.current.textContent !== text) box.current.textContent = text
      const flip = ratio > 0.5
      box.current.style.transform = `translate(${x}px, ${plot.y}px) translateX(${flip ? 'calc(-100% - 8px)' : '8px'})`
    },
  }))

  /** A place of the pointer within the plot, 0 to 1; null without a plot. */
  const ratioOf = (event: PointerEvent): number | null => {
    const plot = drawings.get(model)?.plot
    if (plot === undefined || layer.current === null) return null
    return (event.clientX - layer.current.getBoundingClientRect().left - plot.x) / plot.width
  }

  const momentOf = (ratio: number) =>
    model.startMs + Math.min(1, Math.max(0, ratio)) * (model.endMs - model.startMs)

  const showDrag = (ratio: number) => {
    const plot = drawings.get(model)?.plot
    if (drag.current === null || plot === undefined || area.current === null) return
    const from = (drag.current.atMs - model.startMs) / (model.endMs - model.startMs)
    const [left, right] = [from, ratio].map((at) => plot.x + Math.min(1, Math.max(0, at)) * plot.width)
    const [x, end] = [Math.min(left as number, right as number), Math.max(left as number, right as number)]
    area.current.hidden = false
    area.current.style.transform = `translate(${x}px, ${plot.y}px)`
    area.current.style.width = `${end - x}px`
    area.current.style.height = `${plot.height}px`
  }

  const endDrag = () => {
    drag.current = null
    if (area.current !== null) area.current.hidden = true
  }

  const onPointerMove = (event: PointerEvent) => {
    const ratio = ratioOf(event)
    if (ratio === null) return
    if (!event.isPrimary) return
    if (drag.current !== null && Math.abs(event.clientX - drag.current.x) >= dragPx(event)) showDrag(ratio)
    else if (area.current !== null) area.current.hidden = true
    if (!model.known) return
    if (drag.current === null && (ratio < -0.01 || ratio > 1.01)) crosshair.release(model)
    else crosshair.hold(model, { ratio: Math.min(1, Math.max(0, ratio)) })
  }

  const onPointerDown = (event: PointerEvent) => {
    const ratio = ratioOf(event)
    if (ratio !== null && event.isPrimary && event.button === 0 && !Number.isNaN(model.endMs)) {
      drag.current = { x: event.clientX, atMs: momentOf(ratio) }
      layer.current?.setPointerCapture(event.pointerId)
    }
    onPointerMove(event)
  }

  const onPointerUp = (event: PointerEvent) => {
    const begun = drag.current
    const ratio = ratioOf(event)
    endDrag()
    if (begun === null || ratio === null || Math.abs(event.clientX - begun.x) < dragPx(event)) return
    const atMs = momentOf(ratio)
    crosshair.release(model)
    zoomTo(fixedRange(Math.min(begun.atMs, atMs), Math.max(begun.atMs, atMs)))
  }

  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === 'Escape' && drag.current !== null) {
      endDrag()
      event.stopPropagation()
      return
    }
    if (event.key === 'Escape' && crosshair.owner === model) {
      crosshair.release(model)
      event.stopPropagation()
      return
    }
    const last = model.times.length - 1
    const held = crosshair.momentIn(model.startMs, model.endMs)
    const from = held === null ? last + 1 : model.indexAt(held)
    const to = { ArrowLeft: from - 1, ArrowRight: from + 1, Home: 0, End: last }[event.key]
    const paged = { PageDown: from - PAGE_SAMPLES, PageUp: from + PAGE_SAMPLES }[event.key]
    let index = to ?? paged
    if (index === undefined || !model.known) return
    event.preventDefault()
    index = Math.min(last, Math.max(0, index))
    while (index < last && Number.isNaN(model.times[index] as number)) index += 1
    crosshair.hold(model, { atMs: model.times[index] as number })
    // The value is said because a key was pressed, never because of a tick.
    layer.current?.setAttribute('aria-valuenow', String(index))
    layer.current?.setAttribute('aria-valuetext', sentence(index))
  }

  const { live } = model.feed
  return (
    <>
      <div
        ref={layer}
        className={styles.overlay}
        role="slider"
        tabIndex={0}
        aria-label={`${title}: moment to read`}
        aria-describedby={describedBy}
        aria-valuemin={0}
        aria-valuemax={model.times.length - 1}
        aria-valuenow={model.times.length - 1}
        aria-valuetext={`${live ? 'Now' : 'The end of the time shown'}. Arrow keys move to earlier moments.`}
        onPointerMove={onPointerMove}
        onPointerDown={onPointerDown}
        onPointerUp={onPointerUp}
        // The browser scrolls with this finger from here on.
        onPointerCancel={() => {
          endDrag()
          crosshair.release(model)
        }}
        onDoubleClick={() => {
          if (!undoZoom() && !live) followLive()
        }}
        // What a tap shows stays until the next one, here or elsewhere.
        onPointerLeave={({ pointerType }) => {
          if (pointerType !== 'touch') crosshair.release(model)
        }}
        onBlur={() => crosshair.release(model)}
        onKeyDown={onKeyDown}
      >
        <div ref={area} className={styles.selection} hidden />
        <div ref={line} className={styles.crosshair} hidden />
        <div ref={box} className={styles.moment} hidden aria-hidden="true" />
      </div>
      {children}
    </>
  )
}
