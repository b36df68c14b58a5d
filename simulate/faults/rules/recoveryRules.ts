import type { DurationMs, Instant } from '../../../model/clock.ts'
import type { CharacterId, CopyId } from '../../../model/ids.ts'
import type { Player } from '../processes/player.ts'
import type { SimWorld } from '../world.ts'
import { zonesOf } from './liveRules.ts'

const WHOLE_WITHIN_MS: DurationMs = 5_000
const BACK_WITHIN_MS: DurationMs = 10_000
/** Saved every five seconds and a second of jitter; a step of the room, and the statement itself. */
const SAVED_WITHIN_MS: DurationMs = 6_500
/** What a fault leaves behind is over: calls are given up, a lock is let go, a map's line begins anew. */
const AFTERMATH_MS: DurationMs = 12_000

/**
 * The rules with a time in them. They promise recovery from one thing at a time: where two troubles overlap only the
 * rules without a time are asked of them (`liveRules.ts`, and `calmRules.ts` in the end).
 */
export class RecoveryRules {
  readonly #world: SimWorld
  /** Until when, and since when not, something else was wrong. */
  #troubleUntil: Instant = 0
  #troubles = 0
  /** When all that went wrong so far is over, and was looked at. */
  endsAt: Instant = 0

  constructor(world: SimWorld) {
    this.#world = world
  }

  /** Something goes wrong for so long; `#troubles` tells a later look that it was not alone. */
  trouble(forMs: DurationMs): void {
    this.#troubles++
    this.endsAt = Math.max(this.endsAt, this.#world.kernel.now() + forMs)
    this.#troubleUntil = Math.max(this.#troubleUntil, this.#world.kernel.now() + forMs + AFTERMATH_MS)
  }

  #alone(afterMs: DurationMs, look: () => void): void {
    const { kernel } = this.#world
    if (this.#troubleUntil > kernel.now()) return
    const troubles = this.#troubles
    this.endsAt = Math.max(this.endsAt, kernel.now() + afterMs)
    kernel.after(kernel.world, afterMs, () => {
      if (this.#troubles === troubles + 1) look()
    })
  }

  /** D1: within five seconds the directory knows again all copies, and all who are in them; nobody was kicked. */
  emptied(): void {
    const { kernel, players } = this.#world
    const playing = players.filter(({ stay }) => stay !== undefined && !stay.broken).map((player) => ({ player, stay: player.stay }))
    this.#alone(WHOLE_WITHIN_MS, () => {
      kernel.count('D1 looked at')
      for (const server of this.#world.servers.values()) {
        for (const room of server.services.rooms.values())
          this.#listed(
            room.copy,
            room.seats().map(({ character }) => character),
          )
      }
      for (const { player, stay } of playing) {
        if (player.stay === stay && stay?.broken === true) kernel.break('D1', `the connection of ${player.character} broke after the directory was emptied`)
      }
    })
    this.trouble(0)
  }

  #listed(copy: CopyId, here: CharacterId[]): void {
    const { kernel, memory, policies } = this.#world
    const since = WHOLE_WITHIN_MS / 1000
    for (const map of policies.keys()) {
      const { copies, seats } = memory.ledger(map).snapshot()
      if (!copies.some(({ id }) => id === copy)) continue
      const seated = new Set(seats.flatMap((one) => (one.copy === copy ? [one.seat.character] : [])))
      const missing = here.find((character) => !seated.has(character))
      if (missing !== undefined) kernel.break('D1', `${missing} has no seat in ${copy} ${since} s after the directory was emptied`)
      return
    }
    kernel.break('D1', `${copy} is not listed ${since} s after the directory was emptied`)
  }

  /** D2: within ten seconds everybody is back, and has lost no more than what happened since the last save. */
  serverLost(name: string): void {
    const world = this.#world
    const { kernel } = world
    const affected: Player[] = []
    const [inputs, everyMs] = [new Map<CharacterId, number>(), 350]
    for (const zone of zonesOf(world)) {
      if (zone.services.server !== name) continue
      for (const body of zone.bodies()) {
        const { character } = body.holder
        const player = world.players.find((one) => one.character === character)
        if (player?.copy !== zone.copy) continue
        affected.push(player)
        inputs.set(character, body.state.applied.length)
      }
    }
    const lostAt = kernel.now()
    const restarts = new Map(affected.map((player) => [player, player.process]))
    this.#alone(0, () => {
      for (const { character } of affected) {
        const row = world.store.claims.rows.get(character)
        const saved = row?.state == null ? 0 : (JSON.parse(row.state) as { game: { applied: number[] } }).game.applied.length
        const lost = ((inputs.get(character) ?? 0) - saved) * everyMs
        if (lost > SAVED_WITHIN_MS + 2 * everyMs) kernel.break('D2', `${character} loses ${(lost / 1000).toFixed(1)} s of play with ${name}`)
      }
    })
    this.#alone(BACK_WITHIN_MS, () => {
      kernel.count('D2 looked at')
      for (const player of affected) {
        const ownWish = player.process !== restarts.get(player) || player.wishedAt >= lostAt || player.inLine
        if (!ownWish && player.liveAt < lostAt) kernel.break('D2', `${player.character} is not back ${BACK_WITHIN_MS / 1000} s after ${name} was lost`)
      }
    })
    this.trouble(0)
  }
}
