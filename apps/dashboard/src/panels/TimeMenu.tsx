import { type FormEvent, useEffect, useRef, useState } from 'react'
import { timeZoneName } from '../lib/format.ts'
import {
  fixedRange,
  LEAST_SPAN_MS,
  liveRange,
  MOST_SPAN_MS,
  PRESETS,
  spanOf,
  type TimeRange,
  windowOf,
  zoomIn,
  zoomOut,
} from '../lib/time-range.ts'
import { useZone, ZONES, zoneOffsetMs } from '../lib/time-zone.ts'
import { addressOf, chooseRange, forgetZoneInAddress, zoomTo } from '../lib/use-time-range.ts'
import { Button } from '../ui/Button.tsx'
import { CopyButton } from '../ui/CopyButton.tsx'
import { Dialog } from '../ui/Dialog.tsx'
import styles from './TimeMenu.module.css'

const ZONE_WORDS = { local: 'Local', utc: 'UTC' }

/** A moment as the fields for date and time have it: wall clock without a zone. */
const toField = (atMs: number) => new Date(atMs + zoneOffsetMs(atMs)).toISOString().slice(0, 19)

/** The moment that a field names in the zone in force; NaN when it names none. */
function fromField(text: string): number {
  const wall = Date.parse(`${text}Z`)
  // The offset is that of the moment, which is only known with it: once more settles all but a skipped hour.
  return wall - zoneOffsetMs(wall - zoneOffsetMs(wall))
}

/** All the ways to choose a time. It is loaded when it is first opened. */
export function TimeMenu({
  range,
  nowMs,
  onClose,
}: {
  range: TimeRange
  /** By the agent's clock. */
  nowMs: number
  onClose: () => void
}) {
  const [zone, chooseZone] = useZone()
  const take = (chosen: TimeRange) => {
    chooseRange(chosen)
    onClose()
  }
  const presets = useRef<HTMLDivElement>(null)
  useEffect(() => {
    const buttons = [...(presets.current?.querySelectorAll('button') ?? [])]
    const chosen = buttons.find((button) => button.getAttribute('aria-pressed') === 'true')
    ;(chosen ?? buttons[0])?.focus()
  }, [])
  const { fromMs, toMs } = windowOf(range, nowMs)
  const pinned = () => {
    const address = addressOf(fixedRange(fromMs, toMs), zone === 'utc' ? { tz: 'utc' } : {})
    return location.origin + address
  }
  return (
    <Dialog title="Time shown" open onClose={onClose} place="bar">
      <section className={styles.part}>
        <h3 className={styles.title}>Live</h3>
        <div ref={presets} className={styles.presets}>
          {PRESETS.map(({ spanMs, name }) => (
            <button
              key={spanMs}
              type="button"
              className={styles.preset}
              aria-pressed={range.kind === 'live' && range.spanMs === spanMs}
              onClick={() => take(liveRange(spanMs))}
            >
              {name}
            </button>
          ))}
        </div>
      </section>
      <Between key={zone} fromMs={fromMs} toMs={toMs} nowMs={nowMs} onTake={take} />
      <section className={styles.part}>
        <h3 className={styles.title}>Zoom</h3>
        <div className={styles.row}>
          <Button
            disabled={spanOf(range) <= LEAST_SPAN_MS}
            onClick={() => {
              zoomTo(zoomIn(range, nowMs, null))
              onClose()
            }}
          >
            In
          </Button>
          <Button disabled={spanOf(range) >= MOST_SPAN_MS} onClick={() => take(zoomOut(range, nowMs))}>
            Out
          </Button>
          <span className={styles.hint}>or drag across a chart</span>
        </div>
      </section>
      <section className={styles.part}>
        <h3 className={styles.title}>Write times in</h3>
        <div className={styles.row}>
          {ZONES.map((one) => (
            <label key={one} className={styles.zone}>
              <input
                type="radio"
                name="zone"
                checked={zone === one}
                onChange={() => {
                  chooseZone(one)
                  forgetZoneInAddress()
                }}
              />
              {ZONE_WORDS[one]}
              {one === 'local' && zone === 'local' && ` (${timeZoneName(nowMs)})`}
            </label>
          ))}
        </div>
      </section>
      <section className={styles.part}>
        <h3 className={styles.title}>Share</h3>
        <div className={styles.row}>
          <CopyButton text={pinned} what="a link to this very time" />
          <span className={styles.hint}>a link that shows this very time, also later</span>
        </div>
      </section>
    </Dialog>
  )
}

/** From one moment to another. */
function Between({
  fromMs,
  toMs,
  nowMs,
  onTake,
}: {
  fromMs: number
  toMs: number
  nowMs: number
  onTake: (range: TimeRange) => void
}) {
  const [from, setFrom] = useState(() => toField(fromMs))
  const [to, setTo] = useState(() => toField(toMs))
  const [problem, setProblem] = useState<string | null>(null)
  const submit = (event: FormEvent) => {
    event.preventDefault()
    const [start, end] = [fromField(from), fromField(to)]
    if (Number.isNaN(start) || Number.isNaN(end)) setProblem('Both moments need a date and a time.')
    else if (end <= start) setProblem('The end is not after the beginning.')
    else if (start >= nowMs) setProblem('That time has not come yet.')
    else if (end - start > MOST_SPAN_MS) setProblem('A year is the most that can be shown.')
    else onTake(fixedRange(start, end))
  }
  return (
    <form className={styles.part} onSubmit={submit} noValidate>
      <h3 className={styles.title}>From one moment to another ({timeZoneName(toMs)})</h3>
      <div className={styles.fields}>
        <label className={styles.field}>
          From
          <input
            type="datetime-local"
            step="1"
            value={from}
            onChange={(event) => setFrom(event.target.value)}
          />
        </label>
        <label className={styles.field}>
          To
          <input type="datetime-local" step="1" value={to} onChange={(event) => setTo(event.target.value)} />
        </label>
        <Button type="submit" look="primary">
          Show
        </Button>
      </div>
      <p className={styles.problem} role="alert">
        {problem}
      </p>
    </form>
  )
}
