import { parseArgs } from 'node:util'
import { suggest } from '../config/suggest.ts'
import { UsageError } from './command.ts'

/** What stood on the command line: values of options, and everything else. */
export type ReadArgs<Option extends string> = {
  values: Partial<Record<Option, string>>
  positionals: string[]
}

/**
 * Reads options that each take a value.
 * @throws UsageError naming an option that is not known or has no value; never a value, which may be secret
 */
export function readArgs<Option extends string>(
  args: readonly string[],
  options: readonly Option[],
  positionals: boolean,
): ReadArgs<Option> {
  const known = Object.fromEntries(options.map((name) => [name, { type: 'string' as const }]))
  const { tokens } = parseArgs({
    args: [...args],
    options: known,
    strict: false,
    allowPositionals: true,
    tokens: true,
  })
  const result: ReadArgs<Option> = { values: {}, positionals: [] }
  for (const token of tokens) {
    if (token.kind === 'option') {
      const name = options.find((option) => option === token.name && token.rawName === `--${option}`)
      if (name === undefined) throw new UsageError(unknownOption(token.rawName, options))
      if (token.value === undefined || token.value === '')
        throw new UsageError(`${token.rawName} needs a value.`)
      // A second option in the place of the value is a value that was forgotten.
      if (!token.inlineValue && token.value.startsWith('--'))
        throw new UsageError(`${token.rawName} needs a value.`)
      result.values[name] = token.value
    } else if (token.kind === 'positional') {
      if (!positionals) throw new UsageError('It takes options only.')
      result.positionals.push(token.value)
    }
  }
  return result
}

function unknownOption(given: string, options: readonly string[]): string {
  const meant = suggest(given.replace(/^-+/, ''), options)
  return `Unknown option ${given}.${meant === null ? '' : ` Did you mean --${meant}?`}`
}
