import { setTimeout as pause } from 'node:timers/promises'
import { CensusReplica } from '../../directory/censusReplica.ts'
import type { CharacterId } from '../../model/ids.ts'
import { seededRandom } from '../../model/random.ts'
import { inFlight } from '../report.ts'
import type { DoorWorld } from './doorWorld.ts'
import { COPIES, CROWD } from './policies.ts'

/** Seats held and taken at the same time while the crowd comes online. */
const WIDTH = 64
/** Pause between two changes, in ms: a hundred changes a second. */
const PAUSE_MS = 10
/** How long the last changes may take, in ms. */
const PATIENCE_MS = 10_000
/** Deadline of a held seat, in ms; it is taken at once. */
const HOLD_MS = 60_000

export interface LiveChanges {
  /** From the call of the store to the event in the replica of another process, sorted. */
  latenciesMs: number[]
  unseen: number
}

/** Changes characters that are online, and waits until a census replica, as planner and scorer use it, shows each change. */
export async function changeWhileOnline(stack: AsyncDisposableStack, world: DoorWorld, online: readonly CharacterId[], changes: number): Promise<LiveChanges> {
  const { directory, store } = world
  await bringOnline(world, online)
  const replica = stack.use(await CensusReplica.follow(directory, { now: Date.now }))
  const waiting = new Map<CharacterId, { level: number; since: number }>()
  const latenciesMs: number[] = []
  replica.onChange((event) => {
    if (event.type !== 'seats') return
    for (const { character, attributes } of event.set) {
      const change = waiting.get(character)
      if (change === undefined || attributes?.['level'] !== change.level) continue
      latenciesMs.push(performance.now() - change.since)
      waiting.delete(character)
    }
  })
  const random = seededRandom(1)
  for (let level = 1; level <= changes; level++) {
    const character = online[Math.floor(random() * online.length)] ?? ''
    const [kind, account, name] = ['character', character.replace('imported', 'account'), character.replace('imported-', 'Imported ')] as const
    if (!waiting.has(character)) {
      waiting.set(character, { level, since: performance.now() })
      const [result] = await store.studio.apply([{ kind, character, account, name, attributes: { level } }])
      if (result?.ok !== true) throw new Error(`the change of ${character} was refused`)
    }
    await pause(PAUSE_MS)
  }
  for (const until = performance.now() + PATIENCE_MS; waiting.size > 0 && performance.now() < until; ) await pause(PAUSE_MS)
  return { latenciesMs: latenciesMs.sort((a, b) => a - b), unseen: waiting.size }
}

/** Takes a seat for each character and claims it, as servers do: the outbox has only changes of characters that are in the world. */
async function bringOnline({ directory, store }: DoorWorld, characters: readonly CharacterId[]): Promise<void> {
  await inFlight(characters.length, WIDTH, async (n) => {
    const character = characters[n] ?? ''
    const copy = `${CROWD}-${1 + (n % COPIES)}`
    const now = Date.now()
    const holder = { character, entity: n + 1, name: `Imported ${n}`, language: 'en', attributes: { level: 0 } }
    await directory.holdSeats({ map: CROWD, holders: [holder], options: [{ copy, limit: 1_000 }], now, deadline: now + HOLD_MS })
    await directory.takeSeat(CROWD, copy, character, now)
    await store.claim(character, { copy, server: 'bench' })
  })
}
