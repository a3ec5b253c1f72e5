import { type ReactNode, useId } from 'react'
import { cx } from '../lib/cx.ts'
import styles from './NumberField.module.css'

/** Positions of a slider on a logarithmic scale. */
const POSITIONS = 200

/** The ends of a slider, and whether equal steps multiply rather than add. */
export type SliderRange = { from: number; to: number; log: boolean; whole: boolean }

/**
 * A number that can be typed or moved. What was typed stays in the field when it is wrong, with the reason under it; the
 * slider has the likely values only.
 */
export function NumberField({
  label,
  unit,
  hint,
  tag,
  text,
  value,
  error,
  placeholder,
  slider,
  onChange,
}: {
  label: string
  /** Behind the number; empty for a bare count. */
  unit: string
  hint: string | null
  /** Beside the label: where the number comes from. */
  tag: ReactNode
  text: string
  /** The number that the text is; null when it is none. */
  value: number | null
  error: string | null
  placeholder: string
  slider: SliderRange
  onChange: (text: string) => void
}) {
  const id = useId()
  const described = cx(hint !== null && `${id}-hint`, error !== null && `${id}-error`)
  const shown = value === null ? '' : `${value}${unit === '' ? '' : ` ${unit}`}`
  return (
    <div className={styles.field}>
      <div className={styles.head}>
        <label htmlFor={id}>{label}</label>
        {tag}
      </div>
      <div className={styles.line}>
        <input
          type="range"
          className={styles.slider}
          aria-label={`${label}, slider`}
          aria-valuetext={shown === '' ? 'not given' : shown}
          data-unset={value === null}
          {...rangeOf(slider)}
          value={positionOf(value, slider)}
          onChange={(event) => onChange(textAt(Number(event.target.value), slider))}
        />
        <span className={styles.box} data-wrong={error !== null}>
          <input
            id={id}
            className={styles.input}
            type="text"
            inputMode="decimal"
            autoComplete="off"
            spellCheck={false}
            placeholder={placeholder}
            value={text}
            aria-invalid={error !== null}
            aria-describedby={described === '' ? undefined : described}
            onChange={(event) => onChange(event.target.value)}
          />
          {unit !== '' && <span className={styles.unit}>{unit}</span>}
        </span>
      </div>
      {error !== null && (
        <p id={`${id}-error`} className={styles.error} role="alert">
          {error}
        </p>
      )}
      {hint !== null && (
        <p id={`${id}-hint`} className={styles.hint}>
          {hint}
        </p>
      )}
    </div>
  )
}

function rangeOf({ from, to, log, whole }: SliderRange): { min: number; max: number; step: number } {
  return log
    ? { min: 0, max: POSITIONS, step: 1 }
    : { min: from, max: to, step: whole ? 1 : (to - from) / POSITIONS }
}

function positionOf(value: number | null, { from, to, log }: SliderRange): number {
  if (value === null) return log ? 0 : from
  const within = Math.min(to, Math.max(from, value))
  return log ? (Math.log(within / from) / Math.log(to / from)) * POSITIONS : within
}

/** With two digits where steps multiply: a slider cannot mean more. */
function textAt(position: number, { from, to, log, whole }: SliderRange): string {
  const value = log ? Number((from * (to / from) ** (position / POSITIONS)).toPrecision(2)) : position
  return String(whole ? Math.max(Math.ceil(from), Math.round(value)) : Number(value.toPrecision(4)))
}
