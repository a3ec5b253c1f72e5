import { _, type Ajv, type KeywordCxt } from 'ajv'

/**
 * Lets a validator count the characters of a text only where its length leaves in doubt whether it fits: a character
 * takes one or two places of a string. By itself it counts those of every text, which was the larger half of checking
 * a report.
 */
export function countFewCharacters(ajv: Ajv): Ajv {
  for (const keyword of ['maxLength', 'minLength']) ajv.removeKeyword(keyword)
  return ajv
    .addKeyword({ ...text, keyword: 'maxLength', code: failsAbove, error: { message: bound('more') } })
    .addKeyword({ ...text, keyword: 'minLength', code: failsBelow, error: { message: bound('fewer') } })
}

const text = { type: 'string', schemaType: 'number' } as const

const bound = (comparison: string) => (cxt: { schema: number }) =>
  `must NOT have ${comparison} than ${cxt.schema} characters`

function failsAbove(cxt: KeywordCxt): void {
  const { data, schema: most } = cxt
  cxt.fail(
    _`${data}.length > ${most} && (${data}.length > ${2 * most} || ${counter(cxt)}(${data}) > ${most})`,
  )
}

function failsBelow(cxt: KeywordCxt): void {
  const { data, schema: least } = cxt
  cxt.fail(
    _`${data}.length < ${least} || (${data}.length < ${2 * least} && ${counter(cxt)}(${data}) < ${least})`,
  )
}

function counter({ gen }: KeywordCxt) {
  return gen.scopeValue('func', { ref: charactersOf })
}

function charactersOf(value: string): number {
  let count = 0
  for (const _character of value) count += 1
  return count
}
