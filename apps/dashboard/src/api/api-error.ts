/**
 * A request that the agent refused, or that did not reach it. Code branches on `code`: one of the agent's
 * error codes, `unreachable` when there was no answer, `unexpected_answer` when it was not the agent's.
 */
export class ApiError extends Error {
  override readonly name = 'ApiError'
  readonly code: string
  /** The HTTP status; null when there was no answer. */
  readonly status: number | null

  constructor(code: string, message: string, status: number | null, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause })
    this.code = code
    this.status = status
  }
}
