import type { Room } from '@colyseus/core'
import { admit } from './connection/admission.ts'
import type { ZoneServices } from './services.ts'
import type { ZoneRoom } from './zoneRoom.ts'

// biome-ignore lint/suspicious/noExplicitAny: hooks take the game's own state and input types, so no other type argument accepts the rooms of every game
export type ZoneRoomClass = new () => ZoneRoom<any, any, any>

/** Derives a room class with `onAuth` bound to these services. Colyseus calls `onAuth` as a plain function without `this`, so it has to close over them. */
export function bindRoom(Base: ZoneRoomClass, services: ZoneServices): new () => Room {
  // Typed as a plain Room: otherwise the compiler reports ZoneRoom's abstract hooks as missing, although every class passed in implements them.
  const Plain: new () => Room = Base
  return class extends Plain {
    static onAuth(_token: unknown, options: unknown): Promise<unknown> {
      return admit(services, options)
    }
  }
}
