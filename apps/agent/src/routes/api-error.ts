import { API_ERRORS, type ApiErrorCode, type ErrorBody } from '@poolscope/protocol'
import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify'

/** An expected failure of a request: a code of {@link API_ERRORS} and a sentence for people. */
export class ApiError extends Error {
  readonly code: ApiErrorCode

  constructor(code: ApiErrorCode, message: string) {
    super(message)
    this.name = 'ApiError'
    this.code = code
  }
}

const BY_FASTIFY_CODE: Record<string, [ApiErrorCode, string]> = {
  FST_ERR_CTP_BODY_TOO_LARGE: ['payload_too_large', 'The body is larger than the agent takes.'],
  FST_ERR_CTP_INVALID_MEDIA_TYPE: ['unsupported_media_type', 'Send the body as application/json.'],
  FST_ERR_CTP_EMPTY_JSON_BODY: ['invalid_request', 'The body is empty.'],
  FST_ERR_CTP_INVALID_JSON_BODY: ['invalid_request', 'The body is not JSON.'],
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: ['invalid_request', 'The body is not as long as it says.'],
}

/** What a validator found first, in words. @param whole what the whole of it is called */
export function misfit(
  errors: readonly { instancePath: string; message?: string | undefined }[] | null | undefined,
  whole: string,
): string {
  const first = errors?.[0]
  return `${first?.instancePath || whole}: ${first?.message ?? 'does not fit the schema'}.`
}

const INTERNAL = body('internal', 'The agent failed to answer; its log says why.')

/** Turns whatever was thrown into the wire form; what is not known says nothing of its inside. */
export function errorAnswer(error: Error & Partial<FastifyError>): [number, ErrorBody] {
  if (error instanceof ApiError) return body(error.code, error.message)
  if (error.validation) {
    return body('invalid_request', misfit(error.validation, error.validationContext ?? 'request'))
  }
  const known = BY_FASTIFY_CODE[error.code ?? '']
  if (known !== undefined) return body(...known)
  if (error.statusCode === 400) return body('invalid_request', 'The request is not well-formed.')
  return INTERNAL
}

/** Fastify's error handler for all routes. */
export function handleError(error: FastifyError, request: FastifyRequest, reply: FastifyReply): void {
  const [status, answer] = errorAnswer(error)
  if (answer.code === 'internal') request.log.error({ code: error.code, name: error.name }, 'request failed')
  void reply.status(status).send(answer)
}

function body(code: ApiErrorCode, message: string): [number, ErrorBody] {
  return [API_ERRORS[code], { code, message }]
}
