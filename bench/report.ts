/** The figures of a bench, in groups. */
export type Report = { [name: string]: number | string | boolean | Report | null }

/** The smallest value that at least `share` of the values do not exceed. `sorted` is ascending. */
export function quantile(sorted: readonly number[] | Float64Array, share: number): number {
  return sorted[Math.min(sorted.length - 1, Math.ceil(share * sorted.length) - 1)] ?? Number.NaN
}

export function rounded(value: number, digits = 2): number {
  return Number(value.toFixed(digits))
}

/** Runs `work` for 0..count-1 with `width` calls in flight. Returns the latency of each call, sorted, and the total time. */
export async function inFlight(count: number, width: number, work: (index: number) => Promise<unknown>): Promise<{ seconds: number; latenciesMs: number[] }> {
  const latenciesMs: number[] = []
  let next = 0
  const worker = async (): Promise<void> => {
    while (next < count) {
      const index = next++
      const began = performance.now()
      await work(index)
      latenciesMs.push(performance.now() - began)
    }
  }
  const began = performance.now()
  await Promise.all(Array.from({ length: Math.min(width, count) }, worker))
  return { seconds: (performance.now() - began) / 1000, latenciesMs: latenciesMs.sort((a, b) => a - b) }
}
