import { type KeyboardEvent, type PointerEvent, type Ref, useImperativeHandle, useRef } from 'react'
import { formatTime, timeZoneName } from '../lib/format.ts'
import type { ChartModel } from './chart-model.ts'
import type { ChartUnit } from './chart-types.ts'
import { crosshair } from './crosshair.ts'
import { drawings } from './drawings.ts'
import styles from './LiveChart.module.css'
import { FORMATS } from './value-format.ts'

export type ChartOverlayHandle = {
  /** Moves the crosshair to a sample; −1 hides it. */
  show: (index: number) => void
}

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
  ref,
}: {
  model: ChartModel
  unit: ChartUnit
  title: string
  describedBy: string
  ref: Ref<ChartOverlayHandle>
}) {
  const layer = useRef<HTMLDivElement>(null)
  const line = useRef<HTMLDivElement>(null)
  const box = useRef<HTMLDivElement>(null)

  const sentence = (index: number) => {
    const atMs = model.times[index] as number
    const values = model.series.map(
      (series, at) => `${series.label} ${FORMATS[unit](model.valueAt(at, index))}`,
    )
    return `${formatTime(atMs)} ${timeZoneName(atMs)}: ${values.join(', ')}`
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
      const text = model.presentAt(index)
        ? `${formatTime(atMs)} ${timeZoneName(atMs)}`
        : `${formatTime(atMs)} · no data`
      if (box.current.textContent !== text) box.current.textContent = text
      const flip = ratio > 0.5
      box.current.style.transform = `translate(${x}px, ${plot.y}px) translateX(${flip ? 'calc(-100% - 8px)' : '8px'})`
    },
  }))

  const onPointerMove = (event: PointerEvent) => {
    const plot = drawings.get(model)?.plot
    if (plot === undefined || layer.current === null || !model.known) return
    const x = event.clientX - layer.current.getBoundingClientRect().left - plot.x
    if (x < -4 || x > plot.width + 4) crosshair.release(model)
    else crosshair.hold(model, { ratio: Math.min(1, Math.max(0, x / plot.width)) })
  }

  const onKeyDown = (event: KeyboardEvent) => {
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

  return (
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
      aria-valuetext="Now. Arrow keys move to earlier moments."
      onPointerMove={onPointerMove}
      onPointerDown={onPointerMove}
      onPointerLeave={() => crosshair.release(model)}
      onBlur={() => crosshair.release(model)}
      onKeyDown={onKeyDown}
    >
      <div ref={line} className={styles.crosshair} hidden />
      <div ref={box} className={styles.moment} hidden aria-hidden="true" />
    </div>
  )
}
