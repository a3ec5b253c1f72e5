import { parseArgs } from 'node:util'
import { suggest } from '../config/suggest.ts'
import { UsageError } from './command.ts'

/** What stood on the command line: values of options, switches, and everything else. */
export type ReadArgs<Option extends string, Switch extends string> = {
  values: Partial<Record<Option, string>>
  switches: Set<Switch>
  positionals: string[]
}

/**
 * Reads options that each take a value, and switches that take none.
 * @throws UsageError naming an option that is not known, has no value, or is a switch and has one; never a value, which
 *   may be secret
 */
export function readArgs<Option extends string, Switch extends string = never>(
  args: readonly string[],
  options: readonly Option[],
  positionals: boolean,
  switches: readonly Switch[] = [],
): ReadArgs<Option, Switch> {
  const known: Record<string, { type: 'string' | 'boolean' }> = {}
  for (const name of options) known[name] = { type: 'string' }
  for (const name of switches) known[name] = { type: 'boolean' }
  const { tokens } = parseArgs({
    args: [...args],
    options: known,
    strict: false,
    allowPositionals: true,
    tokens: true,
  })
  const result: ReadArgs<Option, Switch> = { values: {}, switches: new Set(), positionals: [] }
  for (const token of tokens) {
    if (token.kind === 'option') {
      const asSwitch = switches.find((name) => token.rawName === `--${name}`)
      if (asSwitch !== undefined) {
        if (token.value !== undefined) throw new UsageError(`${token.rawName} takes no value.`)
        result.switches.add(asSwitch)
        continue
      }
      const name = options.find((option) => option === token.name && token.rawName === `--${option}`)
      if (name === undefined) throw new UsageError(unknownOption(token.rawName, [...options, ...switches]))
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
