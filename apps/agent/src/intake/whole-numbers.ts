import { _, type Ajv, type KeywordCxt } from 'ajv'
import { not } from 'ajv/dist/compile/codegen/index.js'
import { Type } from 'ajv/dist/compile/util.js'

/** The schema of a whole number within bounds, as counts and process ids have it. */
type WholeNumber = { type: 'integer'; minimum: number; maximum?: number; description?: string }

/** What such a schema may have for its whole meaning to be known here. */
const KNOWN = new Set(['type', 'minimum', 'maximum', 'description'])

/**
 * Lets a validator check a list of whole numbers in one loop, and look at each of them by itself only where that finds
 * something, to say what. By itself it does so always, which was most of checking a report: its histograms are such lists.
 */
export function checkWholeNumbersAtOnce(ajv: Ajv): Ajv {
  const items = ajv.getKeyword('items')
  if (typeof items !== 'object' || !('code' in items)) throw new TypeError('the validator knows no items')
  const { code } = items
  ajv.removeKeyword('items')
  return ajv.addKeyword({
    ...items,
    code: (cxt, ...rest) => (isWholeNumber(cxt.schema) ? checkList(cxt) : code(cxt, ...rest)),
  })
}

function checkList(cxt: KeywordCxt): void {
  const { gen, data } = cxt
  const { minimum, maximum = Number.MAX_VALUE }: WholeNumber = cxt.schema
  const areWithin = gen.scopeValue('func', { ref: areWholeWithin })
  const valid = gen.name('valid')
  gen.var(valid, _`${areWithin}(${data}, ${minimum}, ${maximum})`)
  gen.if(not(valid), () =>
    gen.forRange('i', 0, _`${data}.length`, (i) => {
      cxt.subschema({ keyword: 'items', dataProp: i, dataPropType: Type.Num }, valid)
      gen.if(not(valid), () => gen.break())
    }),
  )
  cxt.ok(valid)
}

function isWholeNumber(schema: unknown): boolean {
  return (
    typeof schema === 'object' &&
    schema !== null &&
    'type' in schema &&
    schema.type === 'integer' &&
    'minimum' in schema &&
    Object.keys(schema).every((key) => KNOWN.has(key))
  )
}

function areWholeWithin(list: readonly unknown[], least: number, most: number): boolean {
  for (const value of list) {
    if (typeof value !== 'number' || !(value >= least && value <= most) || !Number.isInteger(value))
      return false
  }
  return true
}
