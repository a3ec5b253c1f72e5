import { Link } from 'wouter'
import { probeSnippet } from '../lib/snippets.ts'
import { CodeBlock } from '../ui/CodeBlock.tsx'
import { Notice } from '../ui/Notice.tsx'

/** The fleet page before any pool reported: what to do next. */
export function NoPools({ servers }: { servers: number }) {
  return (
    <Notice title="No pool has reported yet">
      <p>Wrap a pool where it is made. It appears here about a second after the service starts.</p>
      <CodeBlock text={probeSnippet(location.origin)} what="snippet" />
      <p>
        {servers === 0 ? (
          <>Without a probe, pools can be inferred from a server’s session list: watch one on the </>
        ) : (
          <>A watched server shows applications without a probe as soon as they connect: see the </>
        )}
        <Link href="/servers">servers page</Link>.
      </p>
    </Notice>
  )
}
