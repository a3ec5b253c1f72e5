import { RULES } from '@poolscope/rules'
import { describe, expect, it } from 'vitest'
import { ConfigError } from './config-error.ts'
import { Problems } from './problems.ts'
import { readRules } from './read-rules.ts'

function read(value: unknown) {
  const problems = new Problems()
  const rules = readRules(value, problems)
  try {
    problems.throwIfAny()
    return { rules, problems: [] }
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error
    return { rules, problems: error.problems.map(({ path, expected }) => `${path}: ${expected}`) }
  }
}

describe(readRules, () => {
  it('leaves every rule as it is without anything given', () => {
    expect(read(undefined)).toEqual({ rules: {}, problems: [] })
  })

  it('turns rules off, and takes settings by name', () => {
    expect(
      read({ waiters: 'off', 'pool-min': false, utilization: { warnRatio: 0.9, warnForMs: 0 } }),
    ).toEqual({
      rules: {
        waiters: { enabled: false, settings: {} },
        'pool-min': { enabled: false, settings: {} },
        utilization: { enabled: true, settings: { warnRatio: 0.9, warnForMs: 0 } },
      },
      problems: [],
    })
  })

  it.each([
    ['a list', [], /^rules: expected a map/],
    [
      'a rule that does not exist',
      { utilisation: 'off' },
      /^rules\.utilisation: unknown key; did you mean utilization\?$/,
    ],
    [
      'a setting that does not exist',
      { utilization: { warnRato: 1 } },
      /^rules\.utilization\.warnRato: unknown key; did you mean warnRatio\?$/,
    ],
    ['a text', { utilization: { warnRatio: '0.9' } }, /expected a number that is not negative$/],
    ['a negative number', { utilization: { warnRatio: -1 } }, /expected a number that is not negative$/],
    ['a rule turned on', { utilization: true }, /expected off, or a map with the keys warnRatio/],
    [
      'a limit below the one that clears',
      { utilization: { warnRatio: 0.6 } },
      /^rules\.utilization\.warnClearRatio: expected at most 0\.6, which is warnRatio/,
    ],
    [
      'a limit that clears above the one that raises',
      { waiters: { criticalClear: 11 } },
      /^rules\.waiters\.criticalClear: expected at most 10/,
    ],
  ])('refuses %s', (_what, value, problem) => {
    expect(read(value).problems).toEqual([expect.stringMatching(problem)])
  })

  it('takes the defaults of every rule', () => {
    expect(read(Object.fromEntries(RULES.map(({ id, settings }) => [id, settings]))).problems).toEqual([])
  })
})
