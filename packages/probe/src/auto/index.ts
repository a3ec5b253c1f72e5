import { quietly } from '../core/replace.ts'
import { DRIVERS } from './drivers.ts'
import { onLoad } from './on-load.ts'

/*
 * To be loaded before an application, which needs no change: `node --import @poolscope/probe/auto app.js`. Every pool
 * of a known driver that is made from then on is watched, under a name that says where it leads and which file made it.
 * With `POOLSCOPE_URL=off` nothing is touched at all.
 */
if (process.env.POOLSCOPE_URL !== 'off') {
  quietly(() =>
    onLoad((filename, module) => {
      if (!filename.includes('node_modules')) return
      for (const { file, found } of DRIVERS) if (file.test(filename)) found(module)
    }),
  )
}
