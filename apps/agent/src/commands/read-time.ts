import { UsageError } from './command.ts'

/**
 * A moment from the command line, epoch ms.
 * @param text an ISO date, such as 2026-03-01T14:05Z (without a zone, local time), or epoch milliseconds
 * @throws UsageError naming the option
 */
export function readTime(text: string, option: string): number {
  const ms = /^\d{12,14}$/.test(text) ? Number(text) : Date.parse(text)
  if (Number.isFinite(ms) && ms >= 0) return ms
  throw new UsageError(`${option} expects a time such as 2026-03-01T14:05Z.`)
}
