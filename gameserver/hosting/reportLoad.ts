import type { LoadLevel } from '../../model/load.ts'
import type { ZoneServices } from '../zone/services.ts'

/** The highest load of the rooms of this process. Updates the metrics of each room. */
export function reportLoad({ rooms, metrics, shares }: Pick<ZoneServices, 'rooms' | 'metrics' | 'shares'>): LoadLevel {
  let highest: LoadLevel = 0
  // Closed copies must not stay in the metrics.
  metrics.load.reset()
  metrics.share.reset()
  for (const { copy, load } of rooms.values()) {
    metrics.load.set({ copy }, load)
    metrics.share.set({ copy }, shares?.of(copy) ?? 0)
    if (load > highest) highest = load
  }
  return highest
}
