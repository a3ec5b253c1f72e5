import { ALERT_STATES, type AlertState } from '@poolscope/protocol'
import { type QuerySchema, textParam, wordsParam } from './query-state.ts'

/** The state of the page of alerts; `subject` is the id of a pool group or server, empty for all. */
export type AlertQuery = { state: readonly AlertState[]; subject: string }

/** How it stands in the address; everything until told otherwise. */
export const ALERT_QUERY: QuerySchema<AlertQuery> = { state: wordsParam(ALERT_STATES), subject: textParam() }
