import type { DirectoryEvent, Subscription } from './directory.ts'

/** Whether a watcher receives this event. In Redis most other events do not reach the process at all, because they use other channels. */
export function isSubscribed(event: DirectoryEvent, { onlyFor }: Subscription = {}): boolean {
  switch (event.type) {
    case 'copy':
    case 'copyRemoved':
    case 'gap':
      return true
    case 'presence':
    case 'profilesChanged':
    case 'tellPlayer':
    case 'dismiss':
    case 'letGo':
      return event.server === onlyFor
    case 'moveOrdered':
      return onlyFor === undefined || event.server === onlyFor
    default:
      return onlyFor === undefined
  }
}
