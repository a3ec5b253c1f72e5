import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { findBrowser } from './browser.mjs'
import { findServers } from './servers.mjs'
import { at, runBin } from './workspace.mjs'

const CHECKS = [
  ['types', 'node_modules/typescript/bin/tsc', ['-b']],
  ['types of tests', 'node_modules/typescript/bin/tsc', ['-p', 'tsconfig.tests.json']],
  ['format and lint', 'node_modules/@biomejs/biome/bin/biome', ['check', '.']],
  ['unused code', 'node_modules/knip/bin/knip.js', ['--no-progress']],
]

/** Each answers how many tests passed, and the names of those that failed. */
export const PARTS = { check, unit, e2e }

/** A check that fails counts as one failed test; one that passes is no test. */
async function check() {
  const failures = []
  for (const [name, script, args] of CHECKS) {
    console.log(`\nChecking ${name} …`)
    const { code } = await runBin(script, args)
    if (code !== 0) failures.push(`check: ${name}`)
  }
  return { passed: 0, failures }
}

async function unit(filters) {
  await findServers()
  console.log('\nRunning unit tests and tests against real servers …')
  return withReport(async (report) => {
    const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${report}`]
    return runBin('node_modules/vitest/vitest.mjs', ['run', ...reporters, ...filters])
  }, readVitest)
}

async function e2e(filters) {
  const config = 'e2e/playwright.config.ts'
  if (!existsSync(at(config))) return { passed: 0, failures: [`e2e: ${config} is missing`] }
  const browser = await findBrowser()
  console.log(`\nRunning browser tests in ${browser} …`)
  return withReport(async (report) => {
    const env = {
      POOLSCOPE_CHROMIUM: browser,
      PLAYWRIGHT_JSON_OUTPUT_FILE: report,
      PLAYWRIGHT_JSON_OUTPUT_NAME: report,
    }
    const args = ['test', '-c', 'playwright.config.ts', '--reporter=list,json', ...filters]
    return runBin('e2e/node_modules/@playwright/test/cli.js', args, { cwd: at('e2e'), env })
  }, readPlaywright)
}

/** Runs a test runner that writes a JSON report, and reads it. */
async function withReport(runTests, read) {
  const folder = mkdtempSync(join(tmpdir(), 'poolscope-test-'))
  try {
    const report = join(folder, 'report.json')
    const { code } = await runTests(report)
    const result = existsSync(report)
      ? read(JSON.parse(readFileSync(report, 'utf8')))
      : { passed: 0, failures: [] }
    // A runner also fails without a failed test: an error outside of tests, or no test at all.
    if (code !== 0 && result.failures.length === 0) {
      result.failures.push('the test runner, outside of its tests (see above)')
    }
    return result
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

function readVitest(report) {
  const failures = report.testResults.flatMap((file) => {
    const failed = file.assertionResults.filter(({ status }) => status === 'failed')
    // A file that does not load has no tests to fail.
    if (failed.length === 0 && file.status === 'failed') return [file.name]
    return failed.map(({ fullName }) => `${file.name}: ${fullName}`)
  })
  return { passed: report.numPassedTests, failures }
}

function readPlaywright(report) {
  const specs = report.suites.flatMap(specsOf)
  const passed = specs.filter(({ ok, tests }) => ok && tests.some(({ status }) => status !== 'skipped'))
  const failures = specs.filter(({ ok }) => !ok).map(({ file, title }) => `${file}: ${title}`)
  return {
    passed: passed.length,
    failures: [...failures, ...report.errors.map(({ message }) => message ?? 'e2e')],
  }
}

function specsOf(suite) {
  return [...(suite.specs ?? []), ...(suite.suites ?? []).flatMap(specsOf)]
}
