import { checkNumber } from '@poolscope/sizing'

/** A share as it was typed. */
export type Percent = { value: number | null; error: string | null }

/** Reads a share in per cent, 0 to `max`. */
export function readPercent(label: string, text: string, max: number): Percent {
  try {
    const value = /^\d+(\.\d+)?$/.test(text.trim()) ? Number(text) : Number.NaN
    return { value: checkNumber(label, value, { min: 0, max, unit: '%' }), error: null }
  } catch {
    return { value: null, error: `${label} must be from 0 to ${max} %.` }
  }
}
