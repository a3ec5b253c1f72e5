import { Dialog } from '../ui/Dialog.tsx'
import styles from './HelpDialog.module.css'

const KEYS: readonly { title: string; keys: readonly (readonly [string, string])[] }[] = [
  {
    title: 'Everywhere',
    keys: [
      ['g f', 'Fleet'],
      ['g m', 'Map'],
      ['g s', 'Servers'],
      ['g a', 'Alerts'],
      ['g v', 'Advice'],
      ['g c', 'Size: the calculator'],
      ['Space p', 'Pause and resume'],
      ['c', 'Copy a link to what is on screen'],
      ['?', 'This help'],
    ],
  },
  {
    title: 'Time',
    keys: [
      ['t', 'Choose the time shown'],
      ['[ ]', 'Earlier and later, by half of it'],
      ['- +', 'Zoom out and in'],
      ['l', 'Follow live'],
      ['Esc', 'Undo a zoom; so does a double click on a chart'],
    ],
  },
  {
    title: 'Fleet',
    keys: [
      ['/', 'Search; Esc empties it'],
      ['j k', 'Next and previous row'],
      ['Enter', 'Open the row'],
      ['r', 'Sort again'],
    ],
  },
  {
    title: 'Pool, server and alert',
    keys: [
      ['← →', 'Move the crosshair of the chart in focus'],
      ['drag', 'Zoom into a part of a chart'],
      ['Esc', 'Back to the list'],
    ],
  },
]

const FIELDS = [
  ['orders checkout', 'both words, anywhere in service, pool or system'],
  ['service:checkout', 'by service'],
  ['pool:orders', 'by pool name'],
  ['status:critical', 'by status'],
  ['system:postgresql', 'by system'],
  ['-status:ok', 'leave out'],
] as const

/** What the keys do, and what the search understands. */
export function HelpDialog({ open, onClose }: { open: boolean; onClose: () => void }) {
  return (
    <Dialog title="Keyboard and search" open={open} onClose={onClose}>
      <div className={styles.groups}>
        {KEYS.map(({ title, keys }) => (
          <section key={title}>
            <h3 className={styles.title}>{title}</h3>
            <dl className={styles.list}>
              {keys.map(([key, meaning]) => (
                <div key={key} className={styles.row}>
                  <dt>
                    {key.split(' ').map((one) => (
                      <kbd key={one} className={styles.key}>
                        {one}
                      </kbd>
                    ))}
                  </dt>
                  <dd>{meaning}</dd>
                </div>
              ))}
            </dl>
          </section>
        ))}
        <section>
          <h3 className={styles.title}>Search</h3>
          <dl className={styles.list}>
            {FIELDS.map(([example, meaning]) => (
              <div key={example} className={styles.row}>
                <dt>
                  <code>{example}</code>
                </dt>
                <dd>{meaning}</dd>
              </div>
            ))}
          </dl>
        </section>
      </div>
    </Dialog>
  )
}
