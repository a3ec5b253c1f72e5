import type { IgnoredOption } from '@poolscope/protocol'
import { expect, it } from 'vitest'
import { type Claim, holdRule } from '../../test/claims.ts'
import { BLIND, groupWindow, judge, pool } from '../../test/windows.ts'
import type { GroupWindow } from '../windows.ts'
import { ignoredOption } from './ignored-option.ts'

const LIMIT: IgnoredOption = { name: 'connectionLimit', instead: 'max' }
const QUEUE: IgnoredOption = { name: 'queueLimit', instead: null }
const instances = (...lists: (IgnoredOption[] | null)[]) => ({
  ...groupWindow(),
  pools: lists.map((ignoredOptions) => pool({ ignoredOptions })),
})

holdRule(ignoredOption, [
  ['is silent where none is ignored', instances([], []), 'ok'],
  ['speaks when one instance has one', instances([], [LIMIT]), 'warn'],
  ['speaks of one also where another instance cannot tell', instances(null, [QUEUE]), 'warn'],
  ['cannot tell where the driver keeps no names', instances([], null), 'unknown'],
  ...BLIND.map(([when, window]): Claim<GroupWindow> => [`cannot tell ${when}`, window, 'unknown']),
])

it('names each option once, with the one that works', () => {
  const finding = judge(ignoredOption, instances([LIMIT, QUEUE], [LIMIT]))
  expect(finding.evidence.facts.map(({ name, value }) => [name, value])).toEqual([
    ['connectionLimit', 'max'],
    ['queueLimit', 'no such option'],
  ])
  expect(finding.sentence).toBe(
    'The driver takes no notice of connectionLimit, queueLimit: what they say is not in force.',
  )
  expect(finding.remedy).toBe(
    'Set max instead of connectionLimit; mind its unit. Take queueLimit out: the driver has nothing like it.',
  )
})

it('says nothing at all of pools that are no SQL pools', () => {
  expect(ignoredOption.applies(groupWindow({ system: 'redis' }))).toBe(false)
})
