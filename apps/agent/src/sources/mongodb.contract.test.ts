import { sourceContract, startMongoStandInContractServer, useMongoContractServer } from '@poolscope/testkit'
import { parseServerUrl } from '../config/parse-server-url.ts'
import { createSource } from './create-source.ts'

const real = process.env.POOLSCOPE_TEST_MONGODB_URL

sourceContract({
  name: real === undefined ? 'MongoDB stand-in' : 'MongoDB',
  startServer: real === undefined ? startMongoStandInContractServer : () => useMongoContractServer(real),
  createSource: (url) => {
    const parsed = parseServerUrl(url, null)
    if ('problem' in parsed) throw new TypeError(parsed.problem)
    return createSource(parsed.target, { now: Date.now, random: Math.random })
  },
})
