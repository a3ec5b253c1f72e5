import { Link } from 'wouter'
import { Notice } from '../ui/Notice.tsx'

/** A page about something that the agent does not know (any more). */
export function Gone({
  what,
  name,
  back,
}: {
  what: 'pool' | 'server'
  name: string
  back: { href: string; name: string }
}) {
  return (
    <Notice status="unknown" level={1} title={`No ${what} “${name}”`}>
      <p>
        {what === 'pool'
          ? 'It was shut down, has been silent for long enough to be forgotten, or never reported to this agent. When it reports again, this page fills by itself.'
          : 'The agent does not watch it. It may have been started with other addresses since this link was made.'}
      </p>
      <p>
        <Link href={back.href}>Back to {back.name.toLowerCase()}</Link>
      </p>
    </Notice>
  )
}
