/** What a bench prints: figures, and groups of figures. */
export type Report = { [name: string]: number | string | boolean | Report | null }

/** Sorted ascending; the smallest value that at least `share` of all do not exceed. */
export function quantile(sorted: readonly number[], share: number): number {
  return sorted[Math.min(sorted.length - 1, Math.ceil(share * sorted.length) - 1)] ?? Number.NaN
}

export function rounded(value: number, digits = 2): number {
  return Number(value.toFixed(digits))
}

/** Runs `work` for 0..count-1 with so many in flight, always; returns how long each took, sorted, and all together. */
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
