import type { PlotArea } from 'recharts'
import type { ChartModel } from './chart-model.ts'

/** What a mounted frame gives the chart around it: how to draw, and where its plot lies. */
export type Drawing = { draw: () => void; plot: PlotArea }

const known = new WeakMap<ChartModel, Drawing>()

/** The drawing of each chart whose frame is mounted. */
export const drawings = {
  get: (model: ChartModel): Drawing | undefined => known.get(model),
  /** @returns takes it away again, unless a newer one took its place */
  set(model: ChartModel, drawing: Drawing): () => void {
    known.set(model, drawing)
    return () => {
      if (known.get(model) === drawing) known.delete(model)
    }
  },
}
