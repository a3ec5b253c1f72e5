import { formatCount, formatMs, formatRate } from '../lib/format.ts'
import type { FleetView } from '../live/hooks.ts'
import { paintMeter } from '../ui/Meter.tsx'
import styles from './FleetTable.module.css'
import { failedPerSec } from './fleet-order.ts'

/** What a cell says of the group at a place. `quiet`: nothing to look at, such as nobody waiting. */
type Said = { text: string; quiet: boolean }

const said = (text: string, value: number | null): Said => ({ text, quiet: value === 0 })

/** The cells of a row that hold a number, in the order of the columns; `label` stands before it where there is no heading. */
export const NUMBER_CELLS = {
  instances: {
    label: null,
    read: (fleet: FleetView, at: number) => ({
      text: formatCount(fleet.value(at, 'instances')),
      quiet: false,
    }),
  },
  waiting: {
    label: 'waiting',
    read: (fleet: FleetView, at: number) => {
      const waiting = fleet.value(at, 'waiting')
      return said(formatCount(waiting), waiting)
    },
  },
  wait: {
    label: 'wait p99',
    read: (fleet: FleetView, at: number) => {
      const waitMs = fleet.value(at, 'waitP99Ms')
      return said(formatMs(waitMs), waitMs)
    },
  },
  hold: {
    label: 'hold p99',
    read: (fleet: FleetView, at: number) => ({ text: formatMs(fleet.value(at, 'holdP99Ms')), quiet: false }),
  },
  checkouts: {
    label: null,
    read: (fleet: FleetView, at: number) => ({
      text: formatRate(fleet.value(at, 'checkoutsPerSec')),
      quiet: false,
    }),
  },
  failed: {
    label: 'failed',
    read: (fleet: FleetView, at: number) => {
      const failed = failedPerSec(fleet, at)
      return said(formatRate(failed), failed)
    },
  },
} as const satisfies Record<string, { label: string | null; read: (fleet: FleetView, at: number) => Said }>

export type NumberCell = keyof typeof NUMBER_CELLS

const NAMES = Object.keys(NUMBER_CELLS) as NumberCell[]

/**
 * Writes a group's numbers into the cells of its row, which a component made, by itself: a thousand rows at one tick a
 * second leave no time for rendering what only says another number. A cell is touched where it says something else.
 */
export class FleetRowCells {
  readonly #row: HTMLElement
  readonly #cells: { name: NumberCell; cell: HTMLElement; text: Text; shown: Said }[]
  readonly #meter: HTMLElement
  readonly #used: Text
  readonly #max: Text

  constructor(row: HTMLElement) {
    this.#row = row
    this.#cells = NAMES.map((name) => {
      const cell = part(row, name)
      return { name, cell, text: lastText(cell), shown: { text: '', quiet: false } }
    })
    this.#meter = part(row, 'meter')
    this.#used = lastText(part(row, 'used'))
    this.#max = lastText(part(row, 'max'))
  }

  /** @param at place of the group in the fleet */
  write(fleet: FleetView, at: number): void {
    for (const it of this.#cells) {
      const now = NUMBER_CELLS[it.name].read(fleet, at)
      if (now.text !== it.shown.text) it.text.data = now.text
      if (now.quiet !== it.shown.quiet) it.cell.classList.toggle(styles.quiet ?? '', now.quiet)
      it.shown = now
    }
    const stale = fleet.value(at, 'stale') === 1
    const inUse = fleet.value(at, 'inUse')
    const max = fleet.value(at, 'max')
    const full = inUse !== null && max !== null && max > 0 && inUse >= max
    this.#row.classList.toggle(styles.old ?? '', stale)
    paintMeter(this.#meter, {
      part: inUse,
      more: fleet.value(at, 'idle'),
      limit: max,
      tone: stale ? 'stale' : full ? 'critical' : 'used',
    })
    setText(this.#used, formatCount(inUse))
    setText(this.#max, formatCount(max))
  }
}

function setText(node: Text, text: string): void {
  if (node.data !== text) node.data = text
}

function part(row: HTMLElement, name: string): HTMLElement {
  const found = row.querySelector<HTMLElement>(`[data-part="${name}"]`)
  if (found === null) throw new Error(`The row has no part ${name}.`)
  return found
}

function lastText(element: HTMLElement): Text {
  const { lastChild } = element
  if (!(lastChild instanceof Text)) throw new Error('The part ends with no text.')
  return lastChild
}
