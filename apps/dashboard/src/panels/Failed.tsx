import type { ApiError } from '../api/api-error.ts'
import { Button } from '../ui/Button.tsx'
import { Notice } from '../ui/Notice.tsx'

/** A request that failed: what, by which code, and another try. */
export function Failed({ what, error, retry }: { what: string; error: ApiError; retry: () => void }) {
  return (
    <Notice
      status="critical"
      level={1}
      title={`Could not load ${what}`}
      actions={<Button onClick={retry}>Try again</Button>}
    >
      <p>
        {error.message} <code>{error.code}</code>
      </p>
    </Notice>
  )
}
