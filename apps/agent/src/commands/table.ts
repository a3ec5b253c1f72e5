/**
 * A table for the terminal, its columns two spaces apart, without spaces at the ends of lines.
 * @param end columns of numbers, which stand at the end of their column
 */
export function table(
  head: readonly string[],
  rows: readonly (readonly string[])[],
  end: readonly number[] = [],
): string[] {
  const widths = head.map((name, column) =>
    Math.max(name.length, ...rows.map((row) => (row[column] ?? '').length)),
  )
  const line = (cells: readonly string[]) =>
    widths
      .map((width, column) => {
        const cell = cells[column] ?? ''
        return end.includes(column) ? cell.padStart(width) : cell.padEnd(width)
      })
      .join('  ')
      .trimEnd()
  return [line(head), ...rows.map(line)]
}
