import { useEffectEvent, useLayoutEffect, useRef } from 'react'
import { useExternal } from './use-external.ts'

/**
 * A value that is another one at each tick, as one object that stays: handed down a page, it makes nothing render. A
 * part of the page follows what of it makes it look otherwise ({@link useMoving}), and writes the rest by itself
 * ({@link useWriting}).
 */
export type Moving<T> = {
  readonly now: T
  /** Calls back after each change. @returns stops it */
  readonly onChange: (listener: () => void) => () => void
}

/** A value that stays as it is. */
export function still<T>(value: T): Moving<T> {
  return { now: value, onChange: () => () => undefined }
}

/** What follows from a moving value; worked out once for each that it is. */
export function follow<T, S>(of: Moving<T>, read: (value: T) => S): Moving<S> {
  let last: { from: T; value: S } | null = null
  return {
    get now() {
      const from = of.now
      if (last === null || last.from !== from) last = { from, value: read(from) }
      return last.value
    },
    onChange: of.onChange,
  }
}

/**
 * A part of a moving value; renders again only when that part changes.
 * @param same whether two parts look alike; by default, whether they are the same
 */
export function useMoving<T, S>(
  of: Moving<T>,
  read: (value: T) => S,
  same: (before: S, now: S) => boolean = Object.is,
): S {
  const last = useRef<{ value: S } | null>(null)
  return useExternal(of.onChange, () => {
    const value = read(of.now)
    if (last.current === null || !same(last.current.value, value)) last.current = { value }
    return last.current.value
  })
}

/** Whether two lists hold the same. */
export function sameItems(before: readonly unknown[], now: readonly unknown[]): boolean {
  return before.length === now.length && before.every((item, index) => item === now[index])
}

/** Runs after each render and at each change, without rendering: for what is written into an element. */
export function useWriting<T>(of: Moving<T>, write: (value: T) => void): void {
  const latest = useEffectEvent(() => write(of.now))
  useLayoutEffect(() => latest())
  useLayoutEffect(() => of.onChange(() => latest()), [of])
}
