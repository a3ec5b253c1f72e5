import { mariadbContract, mysqlContract, sourceContract } from '@poolscope/testkit'
import { parseServerUrl } from '../config/parse-server-url.ts'
import { createSource } from './create-source.ts'

const createFrom = (url: string) => {
  const parsed = parseServerUrl(url, null)
  if ('problem' in parsed) throw new TypeError(parsed.problem)
  return createSource(parsed.target, { now: Date.now, random: Math.random })
}

for (const { label, start } of [mariadbContract, mysqlContract(process.env.POOLSCOPE_TEST_MYSQL_URL)]) {
  sourceContract({ name: label, startServer: start, createSource: createFrom })
}
