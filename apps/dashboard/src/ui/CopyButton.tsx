import { useEffect, useState } from 'react'
import { Button, IconButton } from './Button.tsx'

/** How long the button says that it copied, ms. */
const SAID_MS = 1500

type Said = 'nothing' | 'copied' | 'failed'

/**
 * Puts a text on the clipboard and says so. Where the browser withholds the clipboard (a page not
 * served from this machine or over https), it falls back to a selection of its own.
 */
export async function copyText(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text)
    return true
  } catch {
    const field = document.createElement('textarea')
    field.value = text
    field.setAttribute('readonly', '')
    field.style.position = 'fixed'
    field.style.opacity = '0'
    const before = document.activeElement
    document.body.append(field)
    field.select()
    const copied = document.execCommand('copy')
    field.remove()
    if (before instanceof HTMLElement) before.focus()
    return copied
  }
}

/** A button that copies; `what` names the text for those who do not see it: "Copy the snippet". */
export function CopyButton({
  text,
  what,
  compact = false,
}: {
  text: string | (() => string)
  what: string
  compact?: boolean
}) {
  const [said, setSaid] = useState<Said>('nothing')
  useEffect(() => {
    if (said === 'nothing') return
    const timer = setTimeout(() => setSaid('nothing'), SAID_MS)
    return () => clearTimeout(timer)
  }, [said])
  const copy = () => {
    copyText(typeof text === 'string' ? text : text()).then((copied) => setSaid(copied ? 'copied' : 'failed'))
  }
  const word = said === 'copied' ? 'Copied' : said === 'failed' ? 'Not copied' : 'Copy'
  const icon = said === 'copied' ? 'check' : 'copy'
  if (compact) {
    return <IconButton name={said === 'nothing' ? `Copy ${what}` : word} icon={icon} onClick={copy} />
  }
  return (
    <Button look="quiet" icon={icon} onClick={copy} aria-label={said === 'nothing' ? `Copy ${what}` : word}>
      {word}
    </Button>
  )
}
