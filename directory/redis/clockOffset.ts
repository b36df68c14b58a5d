import type { DurationMs, Instant } from '../../model/clock.ts'

/** Measurements to compare. The one with the shortest round trip is the most accurate: its error is half of the round trip at most. */
const MEASUREMENTS = 10

interface Measurement {
  offsetMs: DurationMs
  roundTripMs: DurationMs
}

/** How far the clock of this process is behind the clocks of Redis: one clock, or one for each primary of a cluster. */
export class ClockOffset {
  readonly #measured = new Map<string, Measurement[]>()

  /** Records that `node` answered with the instant `theirs` between `sent` and `received`. */
  record(node: string, theirs: Instant, { sent, received }: { sent: Instant; received: Instant }): void {
    const measurement = { offsetMs: theirs - (sent + received) / 2, roundTripMs: received - sent }
    this.#measured.set(node, [...(this.#measured.get(node) ?? []).slice(1 - MEASUREMENTS), measurement])
  }

  /** Forgets the nodes that are not asked any more. */
  keep(nodes: ReadonlySet<string>): void {
    for (const node of [...this.#measured.keys()]) if (!nodes.has(node)) this.#measured.delete(node)
  }

  /** In ms; negative when the clock of this process is ahead. The largest difference when there are several nodes; undefined before the first measurement. */
  get largestMs(): DurationMs | undefined {
    const offsets = [...this.#measured.values()].map((measured) => measured.reduce((best, one) => (one.roundTripMs < best.roundTripMs ? one : best)).offsetMs)
    return offsets.sort((a, b) => Math.abs(b) - Math.abs(a))[0]
  }
}
