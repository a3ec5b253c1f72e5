import { Link } from 'wouter'
import { useDocumentTitle } from '../lib/document-title.ts'
import { Notice } from '../ui/Notice.tsx'

/** An address that is none of ours. */
export function NotFoundPage() {
  useDocumentTitle('Not found')
  return (
    <Notice level={1} title="There is no such page">
      <p>
        <code>{location.pathname}</code> leads nowhere. The <Link href="/fleet">fleet</Link> lists every pool,
        and <Link href="/servers">servers</Link> every watched server.
      </p>
    </Notice>
  )
}
