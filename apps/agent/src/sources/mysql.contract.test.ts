import { sourceContract, startMariadbContractServer } from '@poolscope/testkit'
import { parseServerUrl } from '../config/parse-server-url.ts'
import { createSource } from './create-source.ts'

sourceContract({
  name: 'MariaDB of this machine',
  startServer: startMariadbContractServer,
  createSource: (url) => {
    const parsed = parseServerUrl(url, null)
    if ('problem' in parsed) throw new TypeError(parsed.problem)
    return createSource(parsed.target, { now: Date.now, random: Math.random })
  },
})
