import { cleanup, render, screen } from '@testing-library/react'
import { afterEach, describe, expect, it } from 'vitest'
import { parseQuery } from '../lib/query-state.ts'
import { readForm } from '../lib/size-form.ts'
import { answerOf, NO_POOL } from '../lib/size-model.ts'
import { SIZE_QUERY } from '../lib/size-query.ts'
import type { Replayed } from './SizeReplay.tsx'
import { SizeVerdict } from './SizeVerdict.tsx'

afterEach(cleanup)

function shown(replayed: Replayed | null, asksOther = false) {
  const answer = answerOf(readForm(parseQuery(SIZE_QUERY, '?cores=4&disks=1'), null), {
    ...NO_POOL,
    replayAdvises: replayed?.advises ?? null,
  })
  render(
    <SizeVerdict
      answer={answer}
      facts={null}
      wrong={[]}
      replayed={replayed}
      asksOther={asksOther}
      coresAssumed={false}
    />,
  )
  return screen.queryByText(/replay of its own traffic advises no size/)
}

describe(SizeVerdict, () => {
  it('says that it is the model’s answer where the replay advises none', () => {
    expect(shown({ advises: null, sizes: [] })).not.toBeNull()
  })

  it.each([
    ['without a pool', null, false],
    ['where the replay advises one', { advises: 7, sizes: [] }, false],
    ['where other traffic is asked for', { advises: null, sizes: [] }, true],
  ])('says nothing of it %s', (_, replayed, asksOther) => {
    expect(shown(replayed, asksOther)).toBeNull()
  })
})
