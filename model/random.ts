/** Returns numbers in [0, 1). model/ and the pure functions never call `Math.random`: the caller passes a `Random`. */
export type Random = () => number

/** The generator mulberry32 (Tommy Ettinger, public domain). The same seed gives the same numbers. Not for cryptography. */
export function seededRandom(seed: number): Random {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let t = state
    t = Math.imul(t ^ (t >>> 15), t | 1)
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61)
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296
  }
}

/** FNV-1a hash: the same 32-bit number for a text on every machine. */
export function hash(text: string): number {
  let state = 0x811c9dc5
  for (let index = 0; index < text.length; index++) state = Math.imul(state ^ text.charCodeAt(index), 0x01000193)
  return state >>> 0
}
