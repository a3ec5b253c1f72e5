import { PROTOCOL_VERSION, type Report, ReportSchema } from '@poolscope/protocol'
import { Ajv } from 'ajv'
import { ApiError, misfit } from '../routes/api-error.ts'
import { countFewCharacters } from './lengths.ts'
import { checkWholeNumbersAtOnce } from './whole-numbers.ts'

/** The schema is closed at every level, so a key such as __proto__ is refused with all unknown ones. */
const fits = checkWholeNumbersAtOnce(
  countFewCharacters(new Ajv({ coerceTypes: false, allErrors: false, removeAdditional: false })),
).compile<Report>(ReportSchema)

/**
 * Checks the whole of a report before anything of it is taken in.
 * @throws ApiError `invalid_report` with the place of what does not fit; `protocol_unsupported`
 */
export function checkReport(value: unknown): Report {
  if (!fits(value)) throw new ApiError('invalid_report', misfit(fits.errors, 'body'))
  if (value.protocol !== PROTOCOL_VERSION) {
    throw new ApiError(
      'protocol_unsupported',
      `This agent speaks protocol ${PROTOCOL_VERSION}, the report ${value.protocol}: use a probe of the agent's version.`,
    )
  }
  return value
}
