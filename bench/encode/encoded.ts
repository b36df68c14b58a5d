/** One way to encode the world for its clients. Returns pictures (snapshots or patches), bytes and entities in sight, over all clients. */
export interface Encoded {
  encode(tick: number): { pictures: number; bytes: number; visible: number }
}
