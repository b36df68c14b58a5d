import { setTimeout as pause } from 'node:timers/promises'
import type { Directory, DirectoryEvent } from '../../directory/directory.ts'
import { StrataError } from '../../model/errors.ts'
import type { CharacterId, ServerId } from '../../model/ids.ts'
import type { Logger } from '../../service/log.ts'
import type { LetGoRequest, ZoneServices } from '../zone/services.ts'
import type { CopyReconciler } from './copyReconciler.ts'
import type { PeriodicTask } from './periodicTask.ts'
import type { LiveProfiles } from './profiles/liveProfiles.ts'

/** Delay in ms before the event stream is opened again after it ended or failed. */
const REWATCH_AFTER_MS = 500

export interface DirectoryWatchOptions {
  directory: Directory
  server: ServerId
  log: Logger
  onEvent: (event: DirectoryEvent) => void
}

interface EventTargets {
  reconciler: CopyReconciler
  /** The periodic task that runs the reconciler. */
  copies: PeriodicTask
  /** The periodic task that reads the mailbox. */
  mailbox: PeriodicTask
  services: Pick<ZoneServices, 'rooms' | 'directory' | 'log'>
  profiles: LiveProfiles
  /** Also called with characters of this server whose profile changed. */
  profilesChanged?: (characters: readonly CharacterId[]) => void
}

/** Returns the event handler of a game server: it wakes the task whose input may have changed. */
export function eventHandler({ reconciler, copies, mailbox, services, profiles, profilesChanged }: EventTargets): (event: DirectoryEvent) => void {
  const { rooms } = services
  return (event) => {
    if (reconciler.noteEvent(event)) copies.wake()
    if (event.type === 'gap' || event.type === 'moveOrdered') mailbox.wake()
    if (event.type === 'tellPlayer') for (const room of rooms.values()) room.tellPlayer(event.character, event.notice)
    if (event.type === 'presence') for (const room of rooms.values()) room.claimSeen(event.presence)
    if (event.type === 'gap') profiles.checkAll()
    if (event.type === 'profilesChanged') {
      profiles.changed(event.characters, event.holders)
      profilesChanged?.(event.characters)
    }
    if (event.type === 'letGo') letGo(services, event)
    // The store knows the end of the ban, too.
    if (event.type === 'dismiss' && event.code === 'ACCOUNT_BANNED') profiles.changed([event.character])
    else if (event.type === 'dismiss') {
      const reason = new StrataError(event.code, { reason: event.reason })
      for (const room of rooms.values()) room.dismiss(event.character, reason)
    }
  }
}

/** Passes on that a login elsewhere waits for a character. An earlier process of this server may have had the copy; what it did not save is lost already. */
function letGo({ rooms, directory, log }: EventTargets['services'], event: LetGoRequest): void {
  const room = rooms.get(event.copy)
  if (room !== undefined) return room.letGo(event)
  directory
    .clearPresence(event.character, event.epoch)
    .catch((error: unknown) => log.warn({ err: error, character: event.character }, 'could not clear a stale presence; the login goes on after a short wait'))
}

/** Watches the directory for events that concern this server, until `signal` aborts. Each new stream starts with a `gap`, because events before it may be lost. */
export async function watchDirectory({ directory, server, log, onEvent }: DirectoryWatchOptions, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    try {
      const events = await directory.watch(signal, { onlyFor: server })
      onEvent({ type: 'gap' })
      for await (const event of events) onEvent(event)
    } catch (error) {
      if (signal.aborted) return
      log.warn({ err: error }, 'the event stream of the directory failed; watching again')
    }
    await pause(REWATCH_AFTER_MS, undefined, { signal }).catch(() => {})
  }
}
