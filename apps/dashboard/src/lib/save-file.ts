/** How long the browser may take to read what it saves, ms. */
const READ_MS = 10_000

/** Lets the browser save a file under a name, as if it had been linked. */
export function saveFile(name: string, content: Blob): void {
  const url = URL.createObjectURL(content)
  const link = document.createElement('a')
  link.href = url
  link.download = name
  link.click()
  setTimeout(() => URL.revokeObjectURL(url), READ_MS)
}

/** A file name that says what it is and of when: `connections-20261121T110000Z.csv`. */
export function fileName(title: string, fromMs: number, extension: string): string {
  const word = title
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]+/gu, '-')
    .replace(/^-|-$/g, '')
  const time = new Date(fromMs).toISOString().replace(/\.\d+|[-:]/g, '')
  return `${word}-${time}.${extension}`
}
