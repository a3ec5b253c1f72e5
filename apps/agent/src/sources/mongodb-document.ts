import type { Document } from 'mongodb'

/** A number somewhere in a document; null where there is none. */
export function numberAt(document: Document | null, ...path: string[]): number | null {
  const value = valueAt(document, path)
  const number = typeof value === 'bigint' ? Number(value) : value
  return typeof number === 'number' && Number.isFinite(number) ? number : null
}

/** A text somewhere in a document; null where there is none. */
export function textAt(document: Document | null, ...path: string[]): string | null {
  const value = valueAt(document, path)
  return typeof value === 'string' && value !== '' ? value : null
}

/** The documents of an array somewhere in a document; none where it is not there. */
export function documentsAt(document: Document | null, ...path: string[]): Document[] {
  const value = valueAt(document, path)
  return Array.isArray(value) ? value.filter((one) => typeof one === 'object' && one !== null) : []
}

function valueAt(document: Document | null, path: readonly string[]): unknown {
  let value: unknown = document
  for (const name of path) {
    if (typeof value !== 'object' || value === null) return undefined
    value = (value as Document)[name]
  }
  return value
}
