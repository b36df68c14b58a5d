import type { Room } from '@colyseus/core'
import { admit } from './connection/gate.ts'
import type { ZoneServices } from './services.ts'
import type { ZoneRoom } from './zoneRoom.ts'

// biome-ignore lint/suspicious/noExplicitAny: hooks take the game's own state and input, so no other argument fits all games
export type ZoneRoomClass = new () => ZoneRoom<any, any>

/** Colyseus calls `onAuth` as a bare function, on no class: it has to bring with it what it needs. */
export function bindRoom(Base: ZoneRoomClass, services: ZoneServices): new () => Room {
  // Seen as a plain Room: the compiler takes ZoneRoom's hooks for missing, though every class passed in has them.
  const Plain: new () => Room = Base
  return class extends Plain {
    static onAuth(_token: unknown, options: unknown): Promise<unknown> {
      return admit(services, options)
    }
  }
}
