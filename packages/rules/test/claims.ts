import type { Level } from '@poolscope/protocol'
import { describe, expect, it } from 'vitest'
import type { GroupRule, GroupWindow, ServerRule, ServerWindow } from '../src/index.ts'
import { judge } from './windows.ts'

/** What a rule finds in a window: the claim in words, the window, the level, and the level before it. */
export type Claim<Window> = [claim: string, window: Window, level: Level, before?: Level]

/** Holds a rule to claims, and each finding to what every finding must have. */
export function holdRule(rule: GroupRule, claims: readonly Claim<GroupWindow>[]): void
export function holdRule(rule: ServerRule, claims: readonly Claim<ServerWindow>[]): void
export function holdRule(
  rule: GroupRule | ServerRule,
  claims: readonly Claim<GroupWindow>[] | readonly Claim<ServerWindow>[],
): void {
  describe(rule.id, () => {
    it.each(claims as readonly Claim<GroupWindow>[])('%s', (_claim, window, level, before = 'ok') => {
      const finding = judge(rule as GroupRule, window, before)
      expect(`${finding.level}: ${finding.sentence}`).toMatch(new RegExp(`^${level}: `))
      const wrong = level === 'warn' || level === 'critical'
      expect(finding.remedy === null).toBe(!wrong)
      if (wrong) expect(finding.evidence.facts.length).toBeGreaterThan(0)
      expect(`${finding.sentence} ${finding.remedy}`).not.toMatch(/NaN|undefined|Infinity/)
    })
  })
}
