import { type DurationMs, type Instant, VirtualClock } from '../../../model/clock.ts'
import type { CharacterId } from '../../../model/ids.ts'
import { createLogger } from '../../../service/log.ts'
import type { Recordings } from '../../../store/records/recordings.ts'
import type { Present } from '../../figures/population.ts'
import { Recorder } from '../recorder.ts'

/** Writes a recording in which guild-mates with one friend each are in the forest the whole time. */
export async function recordPast(store: Recordings, { from, until, people }: { from: Instant; until: Instant; people: number }): Promise<void> {
  const clock = new VirtualClock(from)
  const keepMs: DurationMs = Number.MAX_SAFE_INTEGER / 1000
  const present = new Map(Array.from({ length: people }, (_, index) => [`past-${index}`, personOf(index)]))
  await using recorder = new Recorder({ store, clock, log: createLogger('test', 'silent'), on: true, keepMs })
  for (const begin = clock.now(); clock.now() <= until; clock.advance(1_000)) {
    recorder.apply({ at: clock.now(), left: [], came: clock.now() === begin ? present : new Map<CharacterId, Present>(), changed: new Map() }, present)
    await recorder.flush()
  }
}

function personOf(index: number): Present {
  const character = `past-${index}`
  return {
    seat: { character, entity: index + 1, name: character, language: 'de', guild: 'owls', state: 'taken', since: 0 },
    ...{ map: 'forest', kind: 'zone', copy: 'forest-1', salt: '', friends: [`past-${index % 2 === 0 ? index + 1 : index - 1}`] },
  }
}
