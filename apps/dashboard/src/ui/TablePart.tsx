import type { HTMLAttributes, Ref } from 'react'

type Props = Omit<HTMLAttributes<HTMLDivElement>, 'role'> & {
  part: 'table' | 'rowgroup' | 'row' | 'cell' | 'columnheader'
  ref?: Ref<HTMLDivElement> | undefined
}

/**
 * A part of a table that is drawn by positioned blocks, as a windowed table is. Native table elements
 * lose their meaning in some browsers once they are laid out another way; these say it in words.
 */
export function TablePart({ part, ...rest }: Props) {
  return <div role={part} {...rest} />
}
