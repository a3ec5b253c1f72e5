import { Link } from 'wouter'
import { useAskAhead } from '../api/queries.ts'
import { sizeHref } from '../lib/href.ts'
import { readAhead } from '../lib/replay-ahead.ts'

/** The way to a pool's calculator: what that takes a while to get is begun as soon as somebody reaches for the link. */
export function SizeLink({ groupId }: { groupId: string }) {
  const askAhead = useAskAhead()
  const reach = () => {
    readAhead(groupId)
    askAhead(groupId)
    // Tried again when the page is opened.
    import('../pages/SizePage.tsx').catch(() => {})
  }
  return (
    <Link href={sizeHref(groupId)} onPointerEnter={reach} onPointerDown={reach} onFocus={reach}>
      Size this pool
    </Link>
  )
}
