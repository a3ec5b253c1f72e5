import { DeadlineError } from './failure.ts'

/**
 * Waits for `work`, at most `ms`.
 * @param giveUp called when it takes longer, to end what would otherwise go on
 * @throws DeadlineError when it takes longer; else whatever `work` throws
 */
export async function within<Result>(
  ms: number,
  work: Promise<Result>,
  giveUp: () => void = () => {},
): Promise<Result> {
  let timer: NodeJS.Timeout | undefined
  const deadline = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      reject(new DeadlineError(`No answer within ${ms} ms`))
      giveUp()
    }, ms)
  })
  try {
    return await Promise.race([work, deadline])
  } finally {
    clearTimeout(timer)
  }
}

/** Waits for `work` at most `ms`, and does not mind how it ends: for goodbyes. */
export async function atMost(ms: number, work: Promise<unknown>): Promise<void> {
  await within(ms, work).catch(() => {})
}
