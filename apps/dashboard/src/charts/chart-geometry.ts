/** Where the plot lies within the frame, px: room for the labels of both axes. */
export const MARGIN = { top: 10, right: 8, bottom: 0, left: 0 } as const
export const Y_AXIS_PX = 56
export const X_AXIS_PX = 22
