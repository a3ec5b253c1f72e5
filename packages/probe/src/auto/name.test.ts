import { describe, expect, it } from 'vitest'
import { foundName } from './name.ts'

describe(foundName, () => {
  it('says where a pool leads and which file made it', () => {
    const name = foundName({ kind: 'postgresql', database: 'shop', user: 'orders' }, stackAt('src/db.ts'))
    expect(name).toBe('orders@shop (src/db.ts)')
  })

  it('keeps two folders of a file elsewhere, and leaves out what is not known', () => {
    const target = { kind: 'mysql', database: 'shop', user: null }
    expect(foundName(target, stackAt('/srv/www/shop/src/db.ts'))).toBe('shop (shop/src/db.ts)')
    expect(foundName({ kind: 'mysql' }, null)).toBe('mysql')
    expect(foundName(target, { stack: 'Error\n    at node:internal/timers:1:1' })).toBe('shop')
  })
})

function stackAt(path: string): object {
  const root = path.startsWith('/') ? '' : `${process.cwd()}/`
  return {
    stack: `Error\n    at new Db (/app/node_modules/pg/lib/index.js:1:2)\n    at make (${root}${path}:4:14)`,
  }
}
