import { SERVE_COMMAND } from '../lib/snippets.ts'
import { CodeBlock } from '../ui/CodeBlock.tsx'
import { Notice } from '../ui/Notice.tsx'

/** The servers page while the agent watches none. */
export function NoServers() {
  return (
    <Notice title="No server is watched">
      <p>
        Start the agent with the address of a database. It takes one connection, reads the session list once a
        second and changes nothing. A role that may read all sessions is a member of <code>pg_monitor</code>.
      </p>
      <CodeBlock text={SERVE_COMMAND} what="command" />
    </Notice>
  )
}
