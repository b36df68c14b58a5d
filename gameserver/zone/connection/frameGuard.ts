import type { Client } from '@colyseus/core'

/**
 * Wraps the private method with which Colyseus reads a frame, because no public hook runs that early. `admit` decides whether the frame is read.
 * `invalid` gets the exception of Colyseus' decoder for a malformed frame, which would otherwise be an uncaught exception and end the process.
 */
export function guardFrames(room: object, admit: (client: Client) => boolean, invalid: (client: Client, error: unknown) => void): void {
  const read: unknown = Reflect.get(room, '_onMessage')
  if (typeof read !== 'function') throw new Error('this version of Colyseus has no Room._onMessage: adapt gameserver/zone/connection/frameGuard.ts to it')
  Reflect.defineProperty(room, '_onMessage', {
    value(client: Client, frame: Uint8Array) {
      if (!admit(client)) return
      try {
        Reflect.apply(read, room, [client, frame])
      } catch (error) {
        invalid(client, error)
      }
    },
  })
}
