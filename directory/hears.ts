import type { DirectoryEvent, Hearing } from './directory.ts'

/** Is this event for a watcher who hears only so much? In Redis most of the rest does not come at all: it goes by other channels. */
export function hears(event: DirectoryEvent, { onlyFor }: Hearing = {}): boolean {
  switch (event.type) {
    case 'copy':
    case 'copyRemoved':
    case 'gap':
      return true
    case 'presence':
      return event.server === onlyFor
    case 'moveOrdered':
      return onlyFor === undefined || event.server === onlyFor
    default:
      return onlyFor === undefined
  }
}
