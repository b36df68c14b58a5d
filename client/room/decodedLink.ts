import { plainLayout, readLayout } from '../../model/wire/entities/layout.ts'
import { SnapshotDecoder } from '../../model/wire/entities/snapshotDecoder.ts'
import { control, SNAPSHOT } from '../../model/wire/room.ts'
import type { RoomLink, RoomListeners } from './roomLink.ts'

/** Close code of a WebSocket that broke. A client whose server sends what it cannot read connects again. */
const BROKEN = 1006

/**
 * A link whose snapshots arrive decoded (`Snapshot`), after the layout that the server has sent before them, and whose inputs say which snapshot the player
 * had seen. Bytes that cannot be read close the link.
 */
export function decodedLink(link: RoomLink): RoomLink {
  let decoder = new SnapshotDecoder(plainLayout)
  let seen: number | undefined
  let broken = false
  const read = (listeners: RoomListeners, type: string, data: unknown): void => {
    if (type === control.layout) {
      const layout = readLayout(data)
      decoder = new SnapshotDecoder(layout)
      return listeners.message(type, layout)
    }
    if (type !== SNAPSHOT) return listeners.message(type, data)
    const snapshot = decoder.decode(data as Uint8Array) // Colyseus hands over bytes
    seen = snapshot.tick
    listeners.message(type, snapshot)
  }
  return {
    get state() {
      return link.state
    },
    ...(link.ping === undefined ? {} : { ping: (answered) => link.ping?.(answered) }),
    leave: () => link.leave(),
    send(type, data) {
      link.send(type, type === control.input && seen !== undefined ? { ...(data as object), seen } : data) // an InputMessage
    },
    listen(listeners) {
      link.listen({
        message: (type, data) => {
          if (broken) return
          try {
            read(listeners, type, data)
          } catch (error) {
            if (!(error instanceof RangeError)) throw error
            broken = true
            void link.leave()
            listeners.closed(BROKEN)
          }
        },
        stateChanged: () => listeners.stateChanged?.(),
        closed: (code) => {
          if (!broken) listeners.closed(code)
        },
      })
    },
  }
}
