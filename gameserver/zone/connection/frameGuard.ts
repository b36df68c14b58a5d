import type { Client } from '@colyseus/core'

/**
 * Stands before Colyseus' own reading of each frame: counts it, and keeps what its decoder throws on garbage away from
 * the process (there it would be an uncaught exception, and end the whole server). There is no public hook that early.
 */
export function guardFrames(room: object, admit: (client: Client) => boolean, garbage: (client: Client, error: unknown) => void): void {
  const read: unknown = Reflect.get(room, '_onMessage')
  if (typeof read !== 'function') throw new Error('this version of Colyseus reads frames elsewhere: gameserver/zone/connection/frameGuard.ts must follow it')
  Reflect.defineProperty(room, '_onMessage', {
    value(client: Client, frame: Uint8Array) {
      if (!admit(client)) return
      try {
        Reflect.apply(read, room, [client, frame])
      } catch (error) {
        garbage(client, error)
      }
    },
  })
}
