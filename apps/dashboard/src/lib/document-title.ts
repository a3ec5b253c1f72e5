import { useEffect } from 'react'

/** What stands before the name of every page, such as `(2) `, and the name of the page itself. */
const shown = { before: '', title: 'Poolscope' }

function write(): void {
  document.title = shown.before + shown.title
}

/** Names the page in the browser's tab and history: `part · part · Poolscope`. */
export function useDocumentTitle(...parts: readonly string[]): void {
  const title = [...parts.filter((part) => part !== ''), 'Poolscope'].join(' · ')
  useEffect(() => {
    shown.title = title
    write()
  }, [title])
}

/** Puts a number before the name of every page, as long as it is not zero and not unknown. */
export function useTitleCount(count: number | null): void {
  useEffect(() => {
    shown.before = count === null || count === 0 ? '' : `(${count}) `
    write()
  }, [count])
}
