import { postgresVersions, sourceContract, startPostgresContractServer } from '@poolscope/testkit'
import { parseServerUrl } from '../config/parse-server-url.ts'
import { createSource } from './create-source.ts'

for (const version of postgresVersions()) {
  sourceContract({
    name: version.label,
    startServer: () => startPostgresContractServer(version),
    createSource: (url) => {
      const parsed = parseServerUrl(url, null)
      if ('problem' in parsed) throw new TypeError(parsed.problem)
      return createSource(parsed.target, { now: Date.now, random: Math.random })
    },
  })
}
