import type { Annotation } from '@poolscope/protocol'
import { type KeyboardEvent, type Ref, useImperativeHandle, useLayoutEffect, useRef, useState } from 'react'
import { timeZoneName } from '../lib/format.ts'
import { ANNOTATION_KINDS, type AnnotationMark, marksOf } from './annotation-marks.ts'
import { plotOf } from './chart-geometry.ts'
import type { ChartModel } from './chart-model.ts'
import { writeMoment } from './moment-text.ts'
import styles from './PastLayer.module.css'
import { RangeFeed } from './range-feed.ts'

export type PastLayerHandle = {
  /** Puts all in its place again, after the plot moved on. */
  move: () => void
}

/** A part of the plot narrower than this has no room for words, px. */
const WORDS_PX = 110

/**
 * What lies on the plot of a chart and moves with its time: marks of what happened, and words where nothing is kept.
 */
export function PastLayer({
  model,
  annotations,
  width,
  height,
  ref,
}: {
  model: ChartModel
  annotations: readonly Annotation[]
  width: number
  height: number
  ref: Ref<PastLayerHandle>
}) {
  const track = useRef<HTMLUListElement>(null)
  const before = useRef<HTMLParagraphElement>(null)
  const [open, setOpen] = useState<number | null>(null)
  const plot = plotOf(width, height)
  const pxPerMs = plot.width / model.windowMs
  const marks = Number.isFinite(pxPerMs) ? marksOf(annotations, pxPerMs) : []
  const anchorMs = marks[0]?.atMs ?? 0
  const xOf = (atMs: number) => (atMs - model.startMs) * pxPerMs

  const move = () => {
    if (track.current !== null) track.current.style.transform = `translateX(${xOf(anchorMs)}px)`
    if (before.current === null) return
    // What the live stream holds by itself is short; that it begins within the plot says nothing of what is kept.
    const first = model.feed instanceof RangeFeed && model.feed.asked ? firstKnown(model) : null
    const room = first === null ? 0 : Math.min(plot.width, xOf(first))
    const shown = room >= WORDS_PX
    // Writing what is there already would still cost a look at all styles.
    if (before.current.hidden === shown) before.current.hidden = !shown
    if (!shown || first === null) return
    before.current.style.width = `${Math.floor(room)}px`
    const words = before.current.firstElementChild
    const text = `Nothing kept before ${writeMoment(model, first)}`
    if (words !== null && words.textContent !== text) words.textContent = text
  }
  useImperativeHandle(ref, () => ({ move }))
  useLayoutEffect(move)

  const step = (event: KeyboardEvent, index: number) => {
    const to = { ArrowLeft: index - 1, ArrowRight: index + 1, Home: 0, End: marks.length - 1 }[event.key]
    if (to === undefined) return
    event.preventDefault()
    track.current?.querySelectorAll('button')[Math.min(marks.length - 1, Math.max(0, to))]?.focus()
  }
  const shown = open === null ? undefined : marks[open]
  return (
    <div
      className={styles.layer}
      style={{ left: plot.x, top: plot.y, width: plot.width, height: plot.height }}
    >
      <p ref={before} className={styles.before} hidden>
        <span />
      </p>
      {marks.length > 0 && (
        <ul ref={track} className={styles.track} aria-label="What happened">
          {marks.map((mark, index) => (
            <li
              key={mark.annotations[0]?.id}
              className={styles.mark}
              style={{ left: (mark.atMs - anchorMs) * pxPerMs }}
            >
              <button
                type="button"
                className={styles.flag}
                tabIndex={index === (open ?? 0) ? 0 : -1}
                aria-label={sentence(model, mark)}
                onPointerEnter={() => setOpen(index)}
                onPointerLeave={() => setOpen(null)}
                onFocus={() => setOpen(index)}
                onBlur={() => setOpen(null)}
                onKeyDown={(event) => step(event, index)}
              >
                {mark.letter}
              </button>
            </li>
          ))}
        </ul>
      )}
      {shown !== undefined && (
        <div
          className={styles.text}
          style={
            xOf(shown.atMs) > plot.width / 2
              ? { right: plot.width - xOf(shown.atMs) + 10 }
              : { left: xOf(shown.atMs) + 10 }
          }
          aria-hidden="true"
        >
          {shown.annotations.map(({ id, atMs, kind, text, service }) => (
            <p key={id}>
              <strong>{ANNOTATION_KINDS[kind].word}</strong>
              {service !== null && ` · ${service}`}
              <span className={styles.when}>
                {' '}
                {writeMoment(model, atMs)} {timeZoneName(atMs)}
              </span>
              <br />
              {text}
            </p>
          ))}
        </div>
      )}
    </div>
  )
}

/** The first moment of which there is a sample; null when there is none. */
function firstKnown(model: ChartModel): number | null {
  for (let i = 0; i < model.times.length; i++) {
    const atMs = model.times[i] as number
    if (atMs >= model.startMs && model.presentAt(i)) return atMs
  }
  return null
}

function sentence(model: ChartModel, { annotations }: AnnotationMark): string {
  return annotations
    .map(
      ({ kind, atMs, text, service }) =>
        `${ANNOTATION_KINDS[kind].word}${service === null ? '' : ` of ${service}`}, ${writeMoment(model, atMs)}: ${text}`,
    )
    .join('; ')
}
