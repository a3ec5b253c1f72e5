import type { Embed } from '@poolscope/protocol'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import type { ApiError } from '../api/api-error.ts'
import { fetchJson } from '../api/fetch-json.ts'
import { formatDateTime } from '../lib/format.ts'
import { THEMES, type Theme } from '../lib/theme.ts'
import { CodeBlock } from '../ui/CodeBlock.tsx'
import { Dialog } from '../ui/Dialog.tsx'
import { Select } from '../ui/Select.tsx'
import styles from './EmbedDialog.module.css'

const DAY_SEC = 24 * 3600
const LIVES = [
  { value: '1', label: '1 day' },
  { value: '7', label: '7 days' },
  { value: '31', label: '31 days' },
] as const
const THEME_OPTIONS = THEMES.map((value) => ({ value, label: value === 'auto' ? 'as the system' : value }))

/** What to paste into a portal so that it shows a card of this pool, and whether it may. */
export function EmbedDialog({
  groupId,
  title,
  onClose,
}: {
  groupId: string
  title: string
  onClose: () => void
}) {
  const [days, setDays] = useState<(typeof LIVES)[number]['value']>('7')
  const [theme, setTheme] = useState<Theme>('auto')
  const ttlSec = Number(days) * DAY_SEC
  const { data, error } = useQuery<Embed, ApiError>({
    queryKey: ['embed', groupId, ttlSec],
    queryFn: async ({ signal }) =>
      (await fetchJson('/api/v1/embeds', { body: { groupId, ttlSec }, signal })) as Embed,
  })
  return (
    <Dialog title="Embed this pool" open onClose={onClose}>
      <div className={styles.content}>
        <p>
          A card of 360 × 120 pixels for a portal or a wiki. It shows this pool live, and nothing else of
          Poolscope.
        </p>
        <div className={styles.choices}>
          {data?.expiresAtMs !== null && (
            <Select label="Link works for" value={days} options={LIVES} onChange={setDays} />
          )}
          <Select label="Theme" value={theme} options={THEME_OPTIONS} onChange={setTheme} />
        </div>
        {error !== null && <p role="alert">No link could be made: {error.message}</p>}
        {data !== undefined && (
          <>
            <CodeBlock text={snippet(data, theme, title)} what="the HTML" />
            {data.expiresAtMs !== null && (
              <p className={styles.quiet}>
                Whoever has this link can see the pool until {formatDateTime(data.expiresAtMs)}. A new token
                of the agent ends all links.
              </p>
            )}
            <Parents parents={data.parents} />
          </>
        )}
      </div>
    </Dialog>
  )
}

function Parents({ parents }: { parents: readonly string[] }) {
  if (parents.length > 0) return <p className={styles.quiet}>Pages of {parents.join(', ')} may show it.</p>
  return (
    <div role="note">
      <p>
        <strong>No site may show it yet.</strong> Name yours in the agent’s configuration file, and start the
        agent again:
      </p>
      <CodeBlock text="embedParents: [https://portal.example.com]" what="the setting" />
    </div>
  )
}

function snippet({ path }: Embed, theme: Theme, title: string): string {
  const url = new URL(path, location.origin)
  if (theme !== 'auto') url.searchParams.set('theme', theme)
  const name = `Pool ${title}`.replaceAll('&', '&amp;').replaceAll('"', '&quot;').replaceAll('<', '&lt;')
  return `<iframe src="${url.href}" title="${name}" width="360" height="120" style="border: 0" loading="lazy"></iframe>`
}
