import { STATEMENT_ORDERS } from '@poolscope/protocol'
import { type QuerySchema, type Sort, sortParam, wordParam } from './query-state.ts'

/** The columns that statements sort by. */
export type StatementOrder = (typeof STATEMENT_ORDERS)[number]

/** How far back statements are added up, in minutes. */
export const STATEMENT_MINUTES = ['1', '5', '15'] as const

/** The state of a list of statements. */
export type StatementQuery = { sql: Sort<StatementOrder>; over: (typeof STATEMENT_MINUTES)[number] }

/** How it stands in the address; the most time first until told otherwise. */
export const STATEMENT_QUERY: QuerySchema<StatementQuery> = {
  sql: sortParam(STATEMENT_ORDERS, { column: 'total', descending: true }),
  over: wordParam(STATEMENT_MINUTES, '5'),
}
