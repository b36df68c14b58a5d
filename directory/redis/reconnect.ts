const FIRST_MS = 50
const MAX_MS = 2_000

/** Doubling with jitter, at most 2 s: back soon, and not all clients in the same instant. */
export function reconnectDelayMs(attempt: number): number {
  // Jitter of an adapter, not a decision of the domain: it need not be reproducible.
  return Math.min(MAX_MS, FIRST_MS * 2 ** Math.min(attempt, 10)) * (0.5 + Math.random() / 2)
}
