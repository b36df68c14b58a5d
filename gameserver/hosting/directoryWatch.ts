import { setTimeout as pause } from 'node:timers/promises'
import type { Directory, DirectoryEvent } from '../../directory/directory.ts'
import type { ServerId } from '../../model/ids.ts'
import type { Logger } from '../../service/log.ts'
import type { ZoneServices } from '../zone/services.ts'
import type { Beat } from './beat.ts'
import type { CopyKeeper } from './copyKeeper.ts'

const AGAIN_MS = 500

export interface DirectoryWatchOptions {
  directory: Directory
  server: ServerId
  log: Logger
  hear: (event: DirectoryEvent) => void
}

interface Hearers {
  keeper: CopyKeeper
  /** Runs the keeper. */
  copies: Beat
  /** Reads the mailbox. */
  mail: Beat
  rooms: ZoneServices['rooms']
}

/** What a game server does about an event: it looks again where something may have changed. */
export function hearing({ keeper, copies, mail, rooms }: Hearers): (event: DirectoryEvent) => void {
  return (event) => {
    if (keeper.hear(event)) copies.ring()
    if (event.type === 'gap' || event.type === 'moveOrdered') mail.ring()
    if (event.type === 'presence') for (const room of rooms.values()) room.claimSeen(event.presence)
  }
}

/** Hears of the directory what concerns this server, until `signal` aborts. A stream begins with a `gap`: something may have been missed before. */
export async function watchDirectory({ directory, server, log, hear }: DirectoryWatchOptions, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    try {
      const events = await directory.watch(signal, { onlyFor: server })
      hear({ type: 'gap' })
      for await (const event of events) hear(event)
    } catch (error) {
      if (signal.aborted) return
      log.warn({ err: error }, 'the stream of the directory broke; watching again')
    }
    await pause(AGAIN_MS, undefined, { signal }).catch(() => {})
  }
}
