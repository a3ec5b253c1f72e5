import {
  sourceContract,
  startMariadbContractServer,
  startMysqlStandInContractServer,
  useMysqlContractServer,
} from '@poolscope/testkit'
import { parseServerUrl } from '../config/parse-server-url.ts'
import { createSource } from './create-source.ts'

const createFrom = (url: string) => {
  const parsed = parseServerUrl(url, null)
  if ('problem' in parsed) throw new TypeError(parsed.problem)
  return createSource(parsed.target, { now: Date.now, random: Math.random })
}

sourceContract({
  name: 'MariaDB of this machine',
  startServer: startMariadbContractServer,
  createSource: createFrom,
})

const real = process.env.POOLSCOPE_TEST_MYSQL_URL

sourceContract({
  name: real === undefined ? 'MySQL stand-in' : 'MySQL',
  startServer: real === undefined ? startMysqlStandInContractServer : () => useMysqlContractServer(real),
  createSource: createFrom,
})
