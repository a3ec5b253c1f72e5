import { describe, expect, it } from 'vitest'
import { EXAMPLES } from './examples.ts'
import { guideOf, RULES } from './registry.ts'

const ids = RULES.map(({ id }) => id)
const UNITS = /^(warn|critical)(Clear)?$|(Ms|Ratio|PerSec|Times|Holders|Sessions|Calls|Instances|Max|Usual)$/

describe('RULES', () => {
  it('names each rule once', () => {
    expect(new Set(ids).size).toBe(ids.length)
    for (const id of ids) expect(id).toMatch(/^[a-z]+(-[a-z]+)*$/)
    expect(guideOf({ id: 'leak' })).toBe('rules.md#leak')
  })

  it.each(RULES.map((rule) => [rule.id, rule] as const))(
    '%s is explained by rules that exist, and not by itself',
    (id, rule) => {
      expect(rule.symptomOf.filter((other) => !ids.includes(other) || other === id)).toEqual([])
    },
  )

  it('has no circle of causes: every chain of symptoms ends', () => {
    const symptomOf = new Map(RULES.map((rule) => [rule.id, rule.symptomOf]))
    const circles = (id: string, path: readonly string[]): string[] =>
      path.includes(id)
        ? [[...path, id].join(' < ')]
        : (symptomOf.get(id) ?? []).flatMap((cause) => circles(cause, [...path, id]))
    expect(ids.flatMap((id) => circles(id, []))).toEqual([])
  })

  it.each(RULES.map((rule) => [rule.id, rule] as const))(
    '%s has settings with units, clears below what raises, and says how long it must last',
    (_id, rule) => {
      for (const name of Object.keys(rule.settings)) expect(name).toMatch(UNITS)
      for (const [name, value] of Object.entries(rule.settings)) {
        const raise = rule.settings[name.replace('Clear', '')]
        if (name.includes('Clear')) expect(value).toBeLessThan(raise as number)
      }
      const lasts = ['warnForMs', 'criticalForMs'].some((name) => name in rule.settings)
      expect(lasts).toBe(rule.use === 'alert')
    },
  )

  it('shows code only for rules that exist', () => {
    expect(Object.keys(EXAMPLES).filter((id) => !ids.includes(id))).toEqual([])
  })
})
