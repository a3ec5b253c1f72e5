/** Where the plot lies within the frame, px: room for the labels of both axes. */
export const MARGIN = { top: 10, right: 8, bottom: 0, left: 0 } as const
export const Y_AXIS_PX = 56
export const X_AXIS_PX = 22

/** Where the plot lies within a chart of a size, px. */
export function plotOf(width: number, height: number) {
  return {
    x: MARGIN.left + Y_AXIS_PX,
    y: MARGIN.top,
    width: Math.max(0, width - MARGIN.left - Y_AXIS_PX - MARGIN.right),
    height: Math.max(0, height - MARGIN.top - MARGIN.bottom - X_AXIS_PX),
  }
}
