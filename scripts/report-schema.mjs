// Writes docs/report.schema.json, the schema of a probe's report, for senders in other languages.
// Usage: npm run build && node scripts/report-schema.mjs
import { writeFileSync } from 'node:fs'
import { pathToFileURL } from 'node:url'
import { at } from './lib/workspace.mjs'

const { ReportSchema } = await import(pathToFileURL(at('packages/protocol/dist/index.js')).href)
const schema = { $schema: 'http://json-schema.org/draft-07/schema#', ...ReportSchema }
writeFileSync(at('docs/report.schema.json'), `${JSON.stringify(schema, null, 2)}\n`)
