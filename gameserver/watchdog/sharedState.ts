/** What the main thread writes and the watching thread reads. 32-bit words, then the names of places as text. */
export const WORD = { beats: 0, copy: 1, hook: 2 } as const
const WORDS = 4
/** Names that fit; beyond them a place is not named. A server hosts some dozens of copies, and a game has about as many hooks and message types. */
export const PLACES = 512
/** Bytes of one name. Ids of copies have at most 128 characters, in practice 30. */
const NAME_BYTES = 128
export const BUFFER_BYTES = 4 * WORDS + PLACES * NAME_BYTES

export function wordsOf(buffer: SharedArrayBuffer): Int32Array {
  return new Int32Array(buffer, 0, WORDS)
}

/** Place 0 is none. */
export function writeName(buffer: SharedArrayBuffer, place: number, name: string): void {
  const bytes = new Uint8Array(buffer, 4 * WORDS + place * NAME_BYTES, NAME_BYTES)
  bytes.fill(0)
  bytes.set(new TextEncoder().encode(name).subarray(0, NAME_BYTES))
}

export function readName(buffer: SharedArrayBuffer, place: number): string | undefined {
  if (place === 0) return undefined
  // The decoder reads no shared memory.
  const bytes = Uint8Array.from(new Uint8Array(buffer, 4 * WORDS + place * NAME_BYTES, NAME_BYTES))
  const end = bytes.indexOf(0)
  return new TextDecoder().decode(bytes.subarray(0, end === -1 ? NAME_BYTES : end))
}
