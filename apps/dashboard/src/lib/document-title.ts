import { useEffect } from 'react'

/** Names the page in the browser's tab and history: `part · part · Poolscope`. */
export function useDocumentTitle(...parts: readonly string[]): void {
  const title = [...parts.filter((part) => part !== ''), 'Poolscope'].join(' · ')
  useEffect(() => {
    document.title = title
  }, [title])
}
