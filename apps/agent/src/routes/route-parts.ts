import { ErrorBodySchema } from '@poolscope/protocol'
import Type from 'typebox'
import { ApiError } from './api-error.ts'

/** Path of one pool, group or server. */
export const byId = Type.Object({ id: Type.String({ minLength: 1, maxLength: 300 }) })

/** Answers of a route that is about one thing. */
export function answers<Schema extends object>(schema: Schema, description: string) {
  return { 200: { ...schema, description }, 404: { ...ErrorBodySchema, description: 'Nothing of that id.' } }
}

/** The value, where there is one. @throws ApiError `not_found` */
export function found<T>(value: T | undefined, what: string): T {
  if (value === undefined) throw new ApiError('not_found', `There is no ${what} of that id.`)
  return value
}
