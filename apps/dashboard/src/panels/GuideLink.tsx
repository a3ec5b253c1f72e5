import type { ReactNode } from 'react'

/**
 * Where the guide tells more of a rule.
 * @param guide page and anchor below `docs/`, such as `rules.md#leak`
 */
export function GuideLink({ guide, children }: { guide: string; children: ReactNode }) {
  return (
    <a href={`/guide/${guide.replace('.md', '.html')}`} target="_blank" rel="noreferrer">
      {children}
    </a>
  )
}
