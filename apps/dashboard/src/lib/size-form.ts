import { checkInput } from '@poolscope/sizing'
import {
  SIZE_FIELD_KEYS,
  SIZE_FIELDS,
  type SizeField,
  type SizeFieldKey,
  type SizeQuery,
} from './size-query.ts'

/** Where a number comes from: typed or moved, measured by a probe or a server, or taken for granted. */
export type FieldOrigin = 'given' | 'measured' | 'assumed' | 'none'

/** A field with what stands in it. */
type FieldState = {
  text: string
  /** Null when empty or wrong. */
  value: number | null
  origin: FieldOrigin
  /** Why the text is no such number; null when it is, or empty. */
  error: string | null
}

/** Numbers that a pool and its server tell; null where they do not. */
export type Measured = Partial<Record<SizeFieldKey, number | null>>

/** All fields by name. */
export type SizeForm = Readonly<Record<SizeFieldKey, FieldState>>

/**
 * What stands in every field: what was typed, else what was measured, else, once a pool is loaded, what is assumed.
 * @param measured null when no pool is loaded
 */
export function readForm(query: SizeQuery, measured: Measured | null): SizeForm {
  const states = SIZE_FIELD_KEYS.map((key) => {
    const field = SIZE_FIELDS.get(key)
    if (field === undefined) throw new TypeError(`no field ${key}`)
    return [key, readField(field, query[key], measured)] as const
  })
  return withCrossChecks(Object.fromEntries(states) as Record<SizeFieldKey, FieldState>)
}

/** True when nobody has said anything yet. */
export function isEmpty(form: SizeForm): boolean {
  return SIZE_FIELD_KEYS.every((key) => form[key].origin === 'none')
}

function readField(field: SizeField, text: string, measured: Measured | null): FieldState {
  if (text.trim() !== '') return { text, origin: 'given', ...parse(field, text) }
  const known = measured?.[field.key] ?? null
  if (known !== null) return { text: show(known), value: known, origin: 'measured', error: null }
  if (measured !== null && field.assumed !== null) {
    return { text: show(field.assumed), value: field.assumed, origin: 'assumed', error: null }
  }
  return { text: '', value: null, origin: 'none', error: null }
}

/** A decimal comma is a point; anything else that is no number is told so. */
function parse({ input, label }: SizeField, text: string): { value: number | null; error: string | null } {
  const plain = text.trim().replace(',', '.')
  const number = /^-?\d*\.?\d+(e[+-]?\d+)?$/i.test(plain) ? Number(plain) : Number.NaN
  try {
    return { value: checkInput(input, number), error: null }
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    const said = reason.replace(/^\w+ must be/, `${label} must be`).replace(/NaN$/, `“${text.trim()}”`)
    return { value: null, error: `${said}.` }
  }
}

/** What is wrong with two numbers together stands at the one that was typed last in reading order. */
function withCrossChecks(form: Record<SizeFieldKey, FieldState>): SizeForm {
  const refuse = (key: SizeFieldKey, error: string) => {
    form[key] = { ...form[key], value: null, error }
  }
  const { limit, reserved, size, min, wait, service } = form
  if (limit.value !== null && reserved.value !== null && reserved.value >= limit.value) {
    refuse('reserved', `Kept back must be below max_connections (${limit.value}).`)
  }
  if (size.value !== null && min.value !== null && min.value > size.value) {
    refuse('min', `Min must not be above max (${size.value}).`)
  }
  if (wait.value !== null && service.text === '') refuse('service', 'Say how long a core works, too.')
  if (service.value !== null && wait.text === '') refuse('wait', 'Say how long it waits, too.')
  return form
}

/** With as many digits as are worth reading. */
function show(value: number): string {
  return String(Number(value.toPrecision(3)))
}
