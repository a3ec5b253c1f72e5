import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import {
  ANTI_PATTERNS,
  CHECKLIST,
  GROUP_RULES,
  type ListItem,
  REVIEW_QUESTIONS,
  type Rule,
  SERVER_RULES,
} from '../src/index.ts'

type AnyRule = Pick<Rule<never>, 'id' | 'title' | 'severity' | 'use' | 'about' | 'settings' | 'symptomOf'>

const GUIDE = fileURLToPath(new URL('../../../docs/rules.md', import.meta.url))

describe('docs/rules.md', () => {
  it('has every rule with its settings, as `npx vitest run packages/rules/test/guide.test.ts -u` writes it', async () => {
    await expect(guide()).toMatchFileSnapshot(GUIDE)
  })
})

function guide(): string {
  return `# Rules

Written from the rules themselves. How verdicts become alerts stands in [alerts](alerts.md); how to turn a rule off or set its limits
in [configuration](configuration.md#rules).

An **alert** tells people by itself; **advice** is shown to who asks. Names end in their unit: \`Ms\` milliseconds, \`Ratio\` a share of
1, \`PerSec\` each second. A level begins above its limit and ends at its \`Clear\` limit, so that it does not flicker; \`warnForMs\` and
\`criticalForMs\` say how long it must last before somebody is told. What cannot be judged is unknown, which is never a pass.

## Of pools

${GROUP_RULES.map(section).join('\n')}
## Of servers

${SERVER_RULES.map(section).join('\n')}
## What the lists ask

Each item passes when its rules find nothing, fails when one finds something, and is unknown when one cannot judge. A star marks
items that ask only whether somebody watches: they pass when the rule can judge.

${listOf('Checklist', CHECKLIST)}
${listOf('Anti-patterns', ANTI_PATTERNS)}
${listOf('Review', REVIEW_QUESTIONS)}`
}

function section({ id, title, severity, use, about, settings, symptomOf }: AnyRule): string {
  const names = Object.entries(settings).map(([name, value]) => `\`${name}\` ${value}`)
  const lines = [
    `### ${id}`,
    '',
    `**${title}**, ${use}, at most ${severity}. ${about}`,
    ...(names.length === 0 ? [] : ['', `Settings: ${names.join(', ')}.`]),
    ...(symptomOf.length === 0
      ? []
      : ['', `Part of, where they fire: ${symptomOf.map((cause) => `[${cause}](#${cause})`).join(', ')}.`]),
  ]
  return `${lines.join('\n')}\n`
}

function listOf(title: string, items: readonly ListItem[]): string {
  const rows = items.map((item) => `| ${item.text} | ${answerOf(item)} |`)
  return `### ${title}\n\n| item | answered by |\n| --- | --- |\n${rows.join('\n')}\n`
}

function answerOf(item: ListItem): string {
  if ('reason' in item) return `nothing: ${item.reason}`
  if ('watchedBy' in item) return `${item.watchedBy.map((rule) => `[${rule}](#${rule})`).join(', ')} *`
  return item.rules.map((rule) => `[${rule}](#${rule})`).join(', ')
}
