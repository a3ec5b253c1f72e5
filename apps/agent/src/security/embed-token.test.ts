import { describe, expect, it } from 'vitest'
import { mintEmbedToken, readEmbedToken } from './embed-token.ts'

const SECRET = 'a secret of the agent'
const grant = { groupId: 'shop.orders-1', expiresAtMs: 2000 }

describe(readEmbedToken, () => {
  it('reads what was minted, until it expires', () => {
    const token = mintEmbedToken(SECRET, grant)
    expect(readEmbedToken(SECRET, token, 1999)).toEqual(grant)
    expect(readEmbedToken(SECRET, token, 2000)).toBeNull()
  })

  it('refuses what another secret signed', () => {
    expect(readEmbedToken('another', mintEmbedToken(SECRET, grant), 0)).toBeNull()
  })

  it.each(['', 'embed.', 'embed.a', 'embed.a.b', 'embed.a.b.c', 'x'.repeat(1000)])('refuses %s', (token) => {
    expect(readEmbedToken(SECRET, token, 0)).toBeNull()
  })

  it('refuses a grant that was changed', () => {
    const [prefix, , signature] = mintEmbedToken(SECRET, grant).split('.')
    const other = Buffer.from(JSON.stringify(['shop.secrets-2', 9e15])).toString('base64url')
    expect(readEmbedToken(SECRET, `${prefix}.${other}.${signature}`, 0)).toBeNull()
  })

  it('does not hold the secret', () => {
    expect(Buffer.from(mintEmbedToken(SECRET, grant), 'base64url').toString()).not.toContain('secret')
  })
})
