import type { DirectoryEvent, Hearing } from './directory.ts'

/** Is this event for a watcher who hears only so much? In Redis most of the rest does not come at all: it goes by other channels. */
export function hears(event: DirectoryEvent, { onlyFor }: Hearing = {}): boolean {
  if (onlyFor === undefined) return true
  switch (event.type) {
    case 'copy':
    case 'copyRemoved':
    case 'presence':
    case 'gap':
      return true
    case 'moveOrdered':
      return event.server === onlyFor
    default:
      return false
  }
}
