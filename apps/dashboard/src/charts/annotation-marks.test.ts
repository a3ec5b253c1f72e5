import type { Annotation } from '@poolscope/protocol'
import { describe, expect, it } from 'vitest'
import { concerns, marksOf, subjectOf } from './annotation-marks.ts'

const annotation = (atMs: number, more: Partial<Annotation> = {}): Annotation => ({
  id: String(atMs),
  atMs,
  kind: 'deploy',
  text: '',
  service: null,
  poolId: null,
  serverId: null,
  tags: [],
  ...more,
})

describe('marksOf', () => {
  it('gathers what would cover each other, and counts what is not of one kind', () => {
    const marks = marksOf(
      [annotation(0), annotation(1000), annotation(5000), annotation(5500, { kind: 'alert' })],
      // 100 px are 10 s: marks closer than 1.6 s are one.
      0.01,
    )
    expect(marks.map(({ atMs, letter, annotations }) => [atMs, letter, annotations.length])).toEqual([
      [0, 'D', 2],
      [5000, '2', 2],
    ])
  })
})

describe('concerns', () => {
  const groups = [
    { id: 'shop.main', service: 'shop', serverId: 'db' },
    { id: 'other.main', service: 'other', serverId: 'db2' },
  ]
  const ofGroup = subjectOf({ kind: 'group', id: 'shop.main' }, groups)
  const ofPool = subjectOf({ kind: 'pool', id: 'shop.main.one' }, groups)
  const ofServer = subjectOf({ kind: 'server', id: 'db' }, groups)
  it.each([
    ['everybody', {}, [true, true, true]],
    ['its service', { service: 'shop' }, [true, true, true]],
    ['another service', { service: 'other' }, [false, false, false]],
    ['its server', { serverId: 'db' }, [true, true, true]],
    ['another server', { serverId: 'db2' }, [false, false, false]],
    ['the group', { poolId: 'shop.main' }, [true, true, false]],
    ['the pool', { poolId: 'shop.main.one' }, [true, true, false]],
    ['another pool of the group', { poolId: 'shop.main.two' }, [true, false, false]],
  ])('knows what is of %s', (_name, more, expected) => {
    const about = annotation(0, more)
    expect([ofGroup, ofPool, ofServer].map((subject) => concerns(about, subject))).toEqual(expected)
  })
})
