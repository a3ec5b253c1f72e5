import type { IgnoredOption } from '@poolscope/protocol'
import { fresh, isSqlPool, unmeasured } from '../pools.ts'
import { fact, found, groupRule, ok, unknown } from '../rule.ts'

/** Somebody set a limit, and it is not in force. */
export const ignoredOption = groupRule({
  id: 'ignored-option',
  title: 'Options without effect',
  severity: 'info',
  use: 'advice',
  about:
    'The pool was given options that its driver takes no notice of, such as the name that another driver has for them. Only well-known names count, of pg and mysql2.',
  settings: {},
  symptomOf: [],
  applies: isSqlPool,
  evaluate(window) {
    const blind = unmeasured(window)
    if (blind !== null) return blind
    const lists = fresh(window).map(({ ignoredOptions }) => ignoredOptions)
    const ignored = [...byName(lists.flatMap((list) => list ?? [])).values()]
    if (ignored.length > 0) {
      const names = ignored.map(({ name }) => name).join(', ')
      return found(
        'warn',
        `The driver takes no notice of ${names}: what ${ignored.length === 1 ? 'it says is' : 'they say is'} not in force.`,
        ignored.map(({ name, instead }) => fact(name, instead ?? 'no such option')),
        ignored.map(remedy).join(' '),
      )
    }
    if (lists.includes(null)) return unknown('Whether options have no effect cannot be seen in this driver.')
    return ok('No option is known to have no effect.')
  },
})

function byName(options: readonly IgnoredOption[]): Map<string, IgnoredOption> {
  return new Map(options.map((option) => [option.name, option]))
}

function remedy({ name, instead }: IgnoredOption): string {
  return instead === null
    ? `Take ${name} out: the driver has nothing like it.`
    : `Set ${instead} instead of ${name}; mind its unit.`
}
