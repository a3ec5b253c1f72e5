/**
 * The path of a sparkline: y grows downwards from 0 (`top`) to `height`; gaps break it, and a point
 * alone between gaps is a dot.
 * @param values oldest first, NaN where not known
 * @param top the value at the upper edge; above zero
 * @returns '' when nothing is known
 */
export function sparkPath(values: Float32Array, top: number, width: number, height: number): string {
  const step = width / (values.length - 1)
  let path = ''
  let open = false
  for (let i = 0; i < values.length; i++) {
    const value = values[i] as number
    if (Number.isNaN(value)) {
      open = false
      continue
    }
    const x = Math.round(i * step * 10) / 10
    const y = Math.round((height - (Math.min(value, top) / top) * height) * 10) / 10
    path += open ? `L${x} ${y}` : `M${x} ${y}h0`
    open = true
  }
  return path
}
