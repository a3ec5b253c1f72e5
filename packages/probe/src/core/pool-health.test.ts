import { HEALTH_LIMITS } from '@poolscope/protocol'
import { expect, it } from 'vitest'
import { LIMITS } from './pool-health.ts'

it('judges by the limits of the protocol, as the agent does', () => {
  expect(LIMITS).toEqual(HEALTH_LIMITS)
})
