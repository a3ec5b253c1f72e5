import { describe, expect, it } from 'vitest'
import { runCommand } from './run-command.ts'

const size = (line: string) => runCommand(['size', ...line.split(' ').filter((word) => word !== '')])

/** The answer as JSON. */
async function answer(line: string) {
  const { code, stdout, stderr } = await size(`${line} --json`)
  expect(code, stderr).toBe(0)
  return JSON.parse(stdout)
}

describe('poolscope size', () => {
  it('computes from cores and disks', async () => {
    // (4 x 2) + 1 = 9; a quarter of it, rounded down, is 2
    const { code, stdout } = await size('--cores 4 --spindles 1')
    expect(code).toBe(0)
    expect(stdout).toMatch(/\(cores x 2\) \+ spindles +\(4 x 2\) \+ 1 +9 +2/)
    expect(stdout).toContain('Set max 9, min 2 in each instance; 9 in all. Decided by: cores.')
    expect(stdout).toContain('Set max to 9 ((4 x 2) + 1 = 9), because')
  })

  it('computes from waits', async () => {
    // 4 x (1 + 0.5 / 0.5) = 8, min 2
    const { recommendation, formulas } = await answer('--cores 4 --wait-ms 0.5 --service-ms 0.5')
    expect(recommendation).toMatchObject({ max: 8, min: 2, binding: 'wait' })
    expect(formulas.map(({ name, connections }: never) => [name, connections])).toEqual([
      ['cores', 8],
      ['wait', 8],
    ])
  })

  it('computes the share of a limit, and names it where it decides', async () => {
    const { recommendation, formulas } = await answer(
      '--cores 64 --max-connections 100 --reserved 20 --instances 8',
    )
    // (64 x 2) / 8 = 16, but (100 - 20) / 8 = 10
    expect(formulas.map(({ connections }: never) => connections)).toEqual([128, 10])
    expect(recommendation).toMatchObject({ max: 10, total: 80, binding: 'share' })
  })

  it('shows both ends of the reserve when it is not given, and takes the careful one', async () => {
    const { recommendation, formulas } = await answer('--max-connections 100 --instances 4')
    expect(formulas.map(({ connections }: never) => connections)).toEqual([22, 20]) // 90 / 4, 80 / 4
    expect(recommendation.max).toBe(20)
    expect(recommendation.assumed).toEqual(['20 slots kept back, 20 % of the limit'])
  })

  it('says what to do when there are more instances than slots', async () => {
    const { code, stdout } = await size('--max-connections 100 --reserved 10 --instances 200')
    expect(code).toBe(0)
    expect(stdout).toContain('put a pooler such as PgBouncer in between')
  })

  it.each([
    ['', 'Give --cores or --max-connections, or both.'],
    ['--cores 0', '--cores must be a whole number from 1 to 4096 cores, not 0.'],
    ['--cores 2.5', 'not 2.5.'],
    ['--cores many', '--cores must be a whole number from 1 to 4096 cores, not "many".'],
    ['--cores 0x10', 'not "0x10".'],
    ['--cores -4', 'not -4.'],
    ['--cores', '--cores needs a value.'],
    ['--core 4', 'Unknown option --core. Did you mean --cores?'],
    ['--cores 4 --json=yes', '--json takes no value.'],
    ['--spindles 1', '--spindles needs --cores.'],
    ['--cores 4 --wait-ms 5', '--wait-ms needs --service-ms.'],
    ['--cores 4 --wait-ms 5 --service-ms 0', '--service-ms must be a number from 0.001'],
    ['--wait-ms 5 --service-ms 5', '--wait-ms needs --cores.'],
    ['--cores 4096 --wait-ms 86400000 --service-ms 0.001', 'below 1000000 connections'],
    ['--cores 4 --reserved 3', '--reserved needs --max-connections.'],
    ['--max-connections 100 --reserved 100', '--reserved must be below --max-connections (100), not 100.'],
    ['--cores 4 --max-connections 1e999', 'not Infinity.'],
    ['4', 'It takes options only.'],
  ])('refuses "%s" with the reason', async (line, reason) => {
    const { code, stdout, stderr } = await size(line)
    expect(code).toBe(2)
    expect(stdout).toBe('')
    expect(stderr).toContain(reason)
    expect(stderr).toContain('See "poolscope help size".')
  })

  it('tells what it takes', async () => {
    const { code, stdout } = await size('--help')
    expect(code).toBe(0)
    for (const option of ['cores', 'spindles', 'wait-ms', 'service-ms', 'max-connections', 'reserved']) {
      expect(stdout).toContain(`--${option} N`)
    }
    expect(stdout).toContain('--json')
  })
})
