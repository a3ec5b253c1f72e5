import { type ComponentType, lazy } from 'react'

/** Between two tries, ms: an agent that restarts is back in seconds. */
const RETRY_MS = 1500
/** Tries before the page says that it is broken: a part that is not there for ten minutes is of another version. */
const TRIES = 400

/**
 * A part of the page in a file of its own. While the agent is out of reach it cannot be loaded; then it is asked for
 * again until it comes, as everything else on the page is.
 */
export function lazyPart<Props extends object>(
  load: () => Promise<ComponentType<Props>>,
): ComponentType<Props> {
  return lazy(async () => ({ default: await untilLoaded(load) }))
}

/** @throws whatever `load` throws at last */
export async function untilLoaded<T>(load: () => Promise<T>, retryMs = RETRY_MS, tries = TRIES): Promise<T> {
  for (let left = tries; ; left--) {
    try {
      return await load()
    } catch (error) {
      if (left <= 1) throw error
      await new Promise((resolve) => setTimeout(resolve, retryMs))
    }
  }
}
