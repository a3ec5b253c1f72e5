import type { ReactNode } from 'react'

const SHAPES = {
  auto: (
    <>
      <circle cx="8" cy="8" r="5.5" />
      <path d="M8 2.5a5.5 5.5 0 0 1 0 11z" fill="currentColor" stroke="none" />
    </>
  ),
  light: (
    <>
      <circle cx="8" cy="8" r="2.75" />
      <path d="M8 1.5v1.25M8 13.25v1.25M1.5 8h1.25M13.25 8h1.25M3.4 3.4l.9.9M11.7 11.7l.9.9M3.4 12.6l.9-.9M11.7 4.3l.9-.9" />
    </>
  ),
  dark: <path d="M13.25 9.6A5.75 5.75 0 0 1 6.4 2.75a5.5 5.5 0 1 0 6.85 6.85z" />,
  pause: <path d="M5.5 3.5v9M10.5 3.5v9" strokeWidth="2" />,
  resume: <path d="M5 3.2v9.6l7.5-4.8z" fill="currentColor" />,
  copy: (
    <>
      <rect x="5.5" y="5.5" width="8" height="8" rx="1.5" />
      <path d="M10.5 5.5V4A1.5 1.5 0 0 0 9 2.5H4A1.5 1.5 0 0 0 2.5 4v5A1.5 1.5 0 0 0 4 10.5h1.5" />
    </>
  ),
  check: <path d="M3 8.5l3.25 3.25L13 5" />,
  search: (
    <>
      <circle cx="7" cy="7" r="4.25" />
      <path d="M10.25 10.25L13.5 13.5" />
    </>
  ),
  help: (
    <>
      <rect x="1.75" y="4" width="12.5" height="8" rx="1.5" />
      <path d="M4.5 6.75h.01M7 6.75h.01M9.5 6.75h.01M11.75 6.75h.01M5 9.5h6" />
    </>
  ),
  close: <path d="M4 4l8 8M12 4l-8 8" />,
  back: <path d="M9.75 3.5L5.25 8l4.5 4.5" />,
  forward: <path d="M6.25 3.5L10.75 8l-4.5 4.5" />,
  up: <path d="M8 12.5v-9M4.25 7.25L8 3.5l3.75 3.75" />,
  down: <path d="M8 3.5v9M4.25 8.75L8 12.5l3.75-3.75" />,
  clock: (
    <>
      <circle cx="8" cy="8" r="5.75" />
      <path d="M8 4.75V8l2.25 1.5" />
    </>
  ),
  undo: <path d="M6.25 4L3 7.25l3.25 3.25M3.25 7.25H10a3 3 0 0 1 0 6H8" />,
  link: (
    <path d="M6.75 9.25a2.75 2.75 0 0 0 4 .1l1.9-1.9a2.75 2.75 0 1 0-3.9-3.9l-.75.75M9.25 6.75a2.75 2.75 0 0 0-4-.1l-1.9 1.9a2.75 2.75 0 1 0 3.9 3.9l.75-.75" />
  ),
} satisfies Record<string, ReactNode>

export type IconName = keyof typeof SHAPES

/** A 16 px line drawing in the colour of the text around it; decoration, so the control needs a name. */
export function Icon({ name }: { name: IconName }) {
  return (
    <svg
      width="16"
      height="16"
      viewBox="0 0 16 16"
      fill="none"
      stroke="currentColor"
      strokeWidth="1.5"
      strokeLinecap="round"
      strokeLinejoin="round"
      aria-hidden="true"
      focusable="false"
    >
      {SHAPES[name]}
    </svg>
  )
}
