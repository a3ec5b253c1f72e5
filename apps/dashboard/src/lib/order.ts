/** Sort keys of the texts seen so far; a fleet of a thousand is sorted again and again. */
const countable = new Map<string, string>()
const MOST_KEYS = 20_000

/** A text so written that plain comparison puts `pool-9` before `Pool-10`: an `Intl.Collator` is ten times dearer. */
function countableOf(text: string): string {
  let key = countable.get(text)
  if (key === undefined) {
    key = text.toLowerCase().replace(/\d+/g, (digits) => digits.padStart(12, '0'))
    if (countable.size >= MOST_KEYS) countable.clear()
    countable.set(text, key)
  }
  return key
}

function compareTexts(a: string, b: string): number {
  const keyA = countableOf(a)
  const keyB = countableOf(b)
  return keyA < keyB ? -1 : keyA > keyB ? 1 : 0
}

/** What a table sorts by; null is "not known" and stands last either way. */
export type SortKey = number | string | null

/**
 * A comparison of rows for `sort`: by `keyOf`, unknown last whatever the direction, then by `tieOf`.
 * Text compares as people count: `pool-9` before `pool-10`.
 */
export function compareBy<T>(
  keyOf: (row: T) => SortKey,
  descending: boolean,
  tieOf: (row: T) => number | string,
): (a: T, b: T) => number {
  const sign = descending ? -1 : 1
  return (a, b) => {
    const keyA = keyOf(a)
    const keyB = keyOf(b)
    if (keyA !== keyB) {
      if (keyA === null) return 1
      if (keyB === null) return -1
      const by = compareKeys(keyA, keyB)
      if (by !== 0) return by * sign
    }
    return compareKeys(tieOf(a), tieOf(b))
  }
}

function compareKeys(a: number | string, b: number | string): number {
  return typeof a === 'number' && typeof b === 'number' ? a - b : compareTexts(String(a), String(b))
}

/** The place of each text among all of them, as people count; equal texts share none, the earlier is first. */
export function ranksOf(texts: readonly string[]): Uint32Array {
  const ranks = new Uint32Array(texts.length)
  const places = texts.map((_, index) => index)
  places.sort((a, b) => compareTexts(texts[a] as string, texts[b] as string))
  places.forEach((index, rank) => {
    ranks[index] = rank
  })
  return ranks
}

/**
 * The order on screen carried over to the rows of now: rows that are still there keep their places,
 * rows that are gone leave, new rows come last.
 */
export function keepOrder(shown: readonly string[], fresh: readonly string[]): string[] {
  const there = new Set(fresh)
  const known = new Set(shown)
  return [...shown.filter((id) => there.has(id)), ...fresh.filter((id) => !known.has(id))]
}

/**
 * How many rows a new sort would move past others: all rows less the longest run that stays in order.
 * Rows that stand in one of the two lists alone are not counted.
 */
export function countMoved(shown: readonly string[], fresh: readonly string[]): number {
  const placeOf = new Map(fresh.map((id, place) => [id, place]))
  const places = shown.flatMap((id) => placeOf.get(id) ?? [])
  // Patience sorting: tails[k] is the lowest end of a rising run of length k + 1.
  const tails: number[] = []
  for (const place of places) {
    let low = 0
    let high = tails.length
    while (low < high) {
      const middle = (low + high) >> 1
      if ((tails[middle] as number) < place) low = middle + 1
      else high = middle
    }
    tails[low] = place
  }
  return places.length - tails.length
}

/** How many rows stand in one of two lists alone. */
export function countChanged(shown: readonly string[], fresh: readonly string[]): number {
  const before = new Set(shown)
  const after = new Set(fresh)
  return shown.filter((id) => !after.has(id)).length + fresh.filter((id) => !before.has(id)).length
}
