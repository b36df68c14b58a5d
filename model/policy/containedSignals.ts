import type { GameSignals, PlacementSignal } from './gameSignal.ts'

/**
 * The signals with their results limited to 0..1. One that throws, or returns something else than a finite number, counts 0, and `failed` gets its name and
 * what happened: a mistake in the game's code must not refuse players.
 */
export function containedSignals(signals: GameSignals, failed: (name: string, problem: unknown) => void): GameSignals {
  const contain = ([name, signal]: [string, PlacementSignal]): [string, PlacementSignal] => [
    name,
    (question) => {
      try {
        const value: unknown = signal(question)
        if (typeof value === 'number' && Number.isFinite(value)) return Math.min(1, Math.max(0, value))
        failed(name, new Error(`it returned ${describe(value)} instead of a number from 0 to 1`))
      } catch (error) {
        failed(name, error)
      }
      return 0
    },
  ]
  return Object.fromEntries(Object.entries(signals).map(contain))
}

function describe(value: unknown): string {
  return value instanceof Promise ? 'a promise' : typeof value === 'number' || value === undefined || value === null ? String(value) : `a ${typeof value}`
}
