import { formatAge, formatDateTime } from '../lib/format.ts'
import type { ChartModel } from './chart-model.ts'
import type { ChartUnit } from './chart-types.ts'
import { valueText } from './value-format.ts'

/** Pixels of the image for each of the page, so that it stays sharp in a document. */
const SCALE = 2
const PADDING = 16
const TITLE_PX = 24
const LINE_PX = 18
const HATCH_PX = 6

export type ChartImage = {
  model: ChartModel
  unit: ChartUnit
  /** What the image is of: the chart's name, and the pool or server. */
  title: string
  subject: string
  /** The chart's drawing, and the element whose colours it stands on. */
  svg: SVGSVGElement
  surface: Element
  /** Marks across the plot: px from the left of the drawing, and what is written on top. */
  marks: readonly { x: number; text: string }[]
}

/**
 * A picture of a chart as it is on screen, in the theme in force: title, time with its zone, legend with values, plot.
 * The drawing is done over again on a canvas, because the page's content policy lets no drawing be loaded as an image.
 * @throws Error where the browser gives no canvas
 */
export async function pngOf(image: ChartImage): Promise<Blob> {
  const { svg, model } = image
  const style = getComputedStyle(image.surface)
  const box = svg.getBoundingClientRect()
  const legend = legendLines(image, box.width, style)
  const top = PADDING + TITLE_PX + LINE_PX * (1 + legend.length) + 6
  const canvas = document.createElement('canvas')
  canvas.width = Math.round((box.width + 2 * PADDING) * SCALE)
  canvas.height = Math.round((top + box.height + PADDING) * SCALE)
  const context = canvas.getContext('2d')
  if (context === null) throw new Error('The browser gives no canvas.')
  context.scale(SCALE, SCALE)
  context.fillStyle = opaque(image.surface)
  context.fillRect(0, 0, canvas.width, canvas.height)
  context.textBaseline = 'alphabetic'
  context.fillStyle = style.color
  context.font = `600 15px ${style.fontFamily}`
  context.fillText(`${image.title} · ${image.subject}`, PADDING, PADDING + 14)
  context.font = `12px ${style.fontFamily}`
  const step = model.feed.stepped ? ` · mean and max per ${formatAge(model.feed.stepMs)}` : ''
  const time = `${formatDateTime(model.startMs)} to ${formatDateTime(model.endMs)}${step}`
  context.fillText(time, PADDING, PADDING + TITLE_PX + 12)
  legend.forEach((items, line) => {
    const y = PADDING + TITLE_PX + LINE_PX * (line + 1) + 12
    for (const { x, color, text, dash } of items) {
      context.strokeStyle = color
      context.lineWidth = 3
      context.setLineDash(dash)
      context.beginPath()
      context.moveTo(x, y - 4)
      context.lineTo(x + 14, y - 4)
      context.stroke()
      context.setLineDash([])
      context.fillText(text, x + 20, y)
    }
  })
  context.translate(PADDING, top)
  drawElement(context, svg)
  context.fillStyle = context.strokeStyle = style.color
  for (const { x, text } of image.marks) {
    context.setLineDash([2, 2])
    context.lineWidth = 1
    context.beginPath()
    context.moveTo(x, 14)
    context.lineTo(x, box.height - 22)
    context.stroke()
    context.fillText(text, x - 4, 11)
  }
  return new Promise((resolve, reject) => {
    canvas.toBlob((blob) => (blob === null ? reject(new Error('The image is too large.')) : resolve(blob)))
  })
}

/** The nearest colour behind an element that hides what is behind it. */
function opaque(element: Element): string {
  for (let at: Element | null = element; at !== null; at = at.parentElement) {
    const color = getComputedStyle(at).backgroundColor
    if (color !== '' && color !== 'transparent' && !/^rgba\(.*, 0\)$/.test(color)) return color
  }
  return 'white'
}

type LegendItem = { x: number; color: string; text: string; dash: number[] }

/** The legend in lines that fit. */
function legendLines(
  { model, unit, surface }: ChartImage,
  width: number,
  style: CSSStyleDeclaration,
): LegendItem[][] {
  const measure = document.createElement('canvas').getContext('2d')
  if (measure !== null) measure.font = `12px ${style.fontFamily}`
  const lines: LegendItem[][] = [[]]
  let x = PADDING
  model.series.forEach((series, at) => {
    const text = `${series.label} ${valueText(model, unit, at, model.feed.size - 1)}`
    const wide = 20 + (measure?.measureText(text).width ?? 100) + 16
    if (x + wide > width + PADDING && x > PADDING) {
      lines.push([])
      x = PADDING
    }
    lines.at(-1)?.push({ x, color: resolved(surface, series.color), text, dash: numbers(series.dash ?? '') })
    x += wide
  })
  return lines
}

/** A colour token as a colour. */
function resolved(within: Element, color: string): string {
  const probe = document.createElement('span')
  probe.style.color = color
  within.append(probe)
  const known = getComputedStyle(probe).color
  probe.remove()
  return known
}

const numbers = (text: string) => (text.match(/[\d.]+/g) ?? []).map(Number)

/** Draws what an element and those within it show, each where it stands. */
function drawElement(context: CanvasRenderingContext2D, element: Element): void {
  for (const child of element.children) {
    if (/^(defs|clipPath|pattern|title|desc)$/i.test(child.tagName)) continue
    const style = getComputedStyle(child)
    if (style.display === 'none' || style.visibility === 'hidden') continue
    if (child instanceof SVGTextElement) drawText(context, child, style)
    else if (child instanceof SVGGeometryElement) drawShape(context, child, style)
    else drawElement(context, child)
  }
}

function place(context: CanvasRenderingContext2D, element: SVGGraphicsElement): void {
  const matrix = element.getCTM()
  if (matrix !== null) context.transform(matrix.a, matrix.b, matrix.c, matrix.d, matrix.e, matrix.f)
}

function drawShape(
  context: CanvasRenderingContext2D,
  shape: SVGGeometryElement,
  style: CSSStyleDeclaration,
): void {
  const path = pathOf(shape)
  if (path === null) return
  context.save()
  place(context, shape)
  const opacity = Number(style.opacity)
  if (style.fill.startsWith('url(')) hatch(context, path, shape, opacity)
  else if (style.fill !== 'none' && !(shape instanceof SVGLineElement)) {
    context.globalAlpha = opacity * Number(style.fillOpacity)
    context.fillStyle = style.fill
    context.fill(path)
  }
  if (style.stroke !== 'none') {
    context.globalAlpha = opacity * Number(style.strokeOpacity)
    context.strokeStyle = style.stroke
    context.lineWidth = Number.parseFloat(style.strokeWidth)
    context.setLineDash(style.strokeDasharray === 'none' ? [] : numbers(style.strokeDasharray))
    context.stroke(path)
  }
  context.restore()
}

function pathOf(shape: SVGGeometryElement): Path2D | null {
  const number = (name: string) => Number(shape.getAttribute(name))
  if (shape instanceof SVGLineElement) {
    return new Path2D(`M${number('x1')} ${number('y1')}L${number('x2')} ${number('y2')}`)
  }
  const d = shape.getAttribute('d')
  return d === null ? null : new Path2D(d)
}

/** Slanted lines within a shape: what the page fills gaps with. */
function hatch(
  context: CanvasRenderingContext2D,
  path: Path2D,
  shape: SVGGeometryElement,
  opacity: number,
): void {
  const box = shape.getBBox()
  context.save()
  context.clip(path)
  context.globalAlpha = opacity * 0.5
  context.strokeStyle = getComputedStyle(shape).color
  context.lineWidth = 1
  context.beginPath()
  for (let x = box.x - box.height; x < box.x + box.width; x += HATCH_PX * Math.SQRT2) {
    context.moveTo(x, box.y + box.height)
    context.lineTo(x + box.height, box.y)
  }
  context.stroke()
  context.restore()
}

function drawText(context: CanvasRenderingContext2D, text: SVGTextElement, style: CSSStyleDeclaration): void {
  if (text.getNumberOfChars() === 0) return
  const at = text.getStartPositionOfChar(0)
  context.save()
  place(context, text)
  context.font = `${style.fontWeight} ${style.fontSize} ${style.fontFamily}`
  if (style.stroke !== 'none') {
    context.strokeStyle = style.stroke
    context.lineWidth = Number.parseFloat(style.strokeWidth)
    context.lineJoin = 'round'
    context.strokeText(text.textContent, at.x, at.y)
  }
  context.fillStyle = style.fill
  context.fillText(text.textContent, at.x, at.y)
  context.restore()
}
