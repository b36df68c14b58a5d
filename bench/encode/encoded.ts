/** One way to encode the world for its clients. Returns bytes and entities in sight, over all clients. */
export interface Encoded {
  encode(tick: number): { bytes: number; visible: number }
}
