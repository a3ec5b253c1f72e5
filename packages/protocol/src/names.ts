import Type, { type Static } from 'typebox'
import { STATUSES, SYSTEMS } from './words.ts'

export const SystemSchema = Type.Enum(SYSTEMS)
export type System = Static<typeof SystemSchema>

export const StatusSchema = Type.Enum(STATUSES)
export type Status = Static<typeof StatusSchema>

/** A whole or fractional number that may not be known; `null` is "could not know", `0` is "measured zero". */
export const NullableNumber = Type.Union([Type.Number(), Type.Null()])
/** A text that may not be known. */
export const NullableString = Type.Union([Type.String(), Type.Null()])
