import { DeadlineError } from './failure.ts'

/**
 * Waits for `work`, at most `ms`. What had come by then counts, even where this process stood still and sees it only
 * now: whoever was slow, it was not the server.
 * @param giveUp called when it takes longer, to end what would otherwise go on
 * @throws DeadlineError when it takes longer; else whatever `work` throws
 */
export async function within<Result>(
  ms: number,
  work: Promise<Result>,
  giveUp: () => void = () => {},
): Promise<Result> {
  let timer: NodeJS.Timeout | undefined
  let last: NodeJS.Immediate | undefined
  const deadline = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      // After a stall timers come before the sockets: these are read once more first.
      last = setImmediate(() => {
        reject(new DeadlineError(`No answer within ${ms} ms`))
        giveUp()
      })
    }, ms)
  })
  try {
    return await Promise.race([work, deadline])
  } finally {
    clearTimeout(timer)
    clearImmediate(last)
  }
}

/** Waits for `work` at most `ms`, and does not mind how it ends: for goodbyes. */
export async function atMost(ms: number, work: Promise<unknown>): Promise<void> {
  await within(ms, work).catch(() => {})
}
