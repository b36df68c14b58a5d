/** Frames whose times are kept. */
const KEPT = 600

export interface FrameReport {
  frames: number
  /** Entities in the last frame. */
  drawn: number
  /** Frames a second. */
  perSecond: number
  /** Script of one frame in ms, without what the GPU does, at these percentiles. */
  scriptMs: Percentiles
  /** The part of it that is the demo's own code, before PixiJS sends its commands. */
  updateMs: Percentiles
}

interface Percentiles {
  p50: number
  p95: number
  p99: number
}

/** Times of the last frames. */
export class FrameTimes {
  #drawn = 0
  readonly #frames: { at: number; updateMs: number; scriptMs: number }[] = []

  add({ at, updateMs, scriptMs, drawn }: { at: number; updateMs: number; scriptMs: number; drawn: number }): void {
    this.#drawn = drawn
    this.#frames.push({ at, updateMs, scriptMs })
    if (this.#frames.length > KEPT) this.#frames.shift()
  }

  /** Forgets the frames so far. */
  clear(): void {
    this.#frames.length = 0
  }

  report(): FrameReport {
    const frames = this.#frames
    const [first, last] = [frames[0]?.at ?? 0, frames.at(-1)?.at ?? 0]
    const of = (values: number[]): Percentiles => {
      const sorted = values.toSorted((a, b) => a - b)
      const at = (share: number): number => Number((sorted[Math.floor((sorted.length - 1) * share)] ?? 0).toFixed(2))
      return { p50: at(0.5), p95: at(0.95), p99: at(0.99) }
    }
    return {
      frames: frames.length,
      drawn: this.#drawn,
      perSecond: Number((((frames.length - 1) * 1_000) / Math.max(1, last - first)).toFixed(1)),
      scriptMs: of(frames.map(({ scriptMs }) => scriptMs)),
      updateMs: of(frames.map(({ updateMs }) => updateMs)),
    }
  }
}
