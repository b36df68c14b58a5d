/** Counts of durations by whole milliseconds. Durations above the last bucket are in it. */
export class Millis {
  static readonly buckets = 10_001
  readonly counts: Uint32Array

  constructor(counts: Uint32Array = new Uint32Array(Millis.buckets)) {
    this.counts = counts
  }

  add(ms: number): void {
    const bucket = Math.max(0, Math.min(Millis.buckets - 1, Math.round(ms)))
    this.counts[bucket] = (this.counts[bucket] ?? 0) + 1
  }

  addAll(other: Millis): void {
    for (let ms = 0; ms < Millis.buckets; ms++) this.counts[ms] = (this.counts[ms] ?? 0) + (other.counts[ms] ?? 0)
  }

  get size(): number {
    return this.counts.reduce((sum, count) => sum + count, 0)
  }

  /** The smallest number of milliseconds that this share of the durations does not exceed; null without durations. */
  quantile(share: number): number | null {
    const wanted = Math.ceil(share * this.size)
    if (wanted === 0) return null
    let sum = 0
    for (let ms = 0; ms < Millis.buckets; ms++) {
      sum += this.counts[ms] ?? 0
      if (sum >= wanted) return ms
    }
    return Millis.buckets - 1
  }

  report(): { p50: number | null; p95: number | null; p99: number | null; max: number | null } {
    return { p50: this.quantile(0.5), p95: this.quantile(0.95), p99: this.quantile(0.99), max: this.quantile(1) }
  }
}
