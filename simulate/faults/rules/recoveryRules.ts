import type { DurationMs, Instant } from '../../../model/clock.ts'
import type { CharacterId, CopyId } from '../../../model/ids.ts'
import type { Player } from '../processes/player.ts'
import type { SimState } from '../processes/simZone.ts'
import type { Row } from '../standins/memoryClaims.ts'
import type { SimWorld, WorldObserver } from '../world.ts'
import { zonesOf } from './liveRules.ts'

/** D1: time to rebuild the directory, in ms. */
const REBUILT_WITHIN_MS: DurationMs = 5_000
/** D2: time until the players of a lost server are back, in ms. */
const BACK_WITHIN_MS: DurationMs = 10_000
/** Longest time since the last save, in ms: 5 s interval, up to 1 s jitter, a step of the room and the statement itself. */
const SAVED_WITHIN_MS: DurationMs = 6_500
/** Longest time, in ms, until a find is saved (`saveSoon`): the tenth of a second, a batch that is in flight, and the statement itself. */
const FOUND_SAVED_WITHIN_MS: DurationMs = 1_000
/** S6: time until a session ends after its account was banned, in ms. */
const ENDED_WITHIN_MS: DurationMs = 1_000
/** Time, in ms, for the effects of a fault to end: calls time out, a lock is released, a line is rebuilt. */
const AFTERMATH_MS: DurationMs = 12_000

/**
 * Checks the rules that have a time limit. They promise recovery from one fault at a time. Where two faults overlap, only the rules without a time limit are
 * checked (`liveRules.ts`, and `finalRules.ts` at the end).
 */
export class RecoveryRules implements WorldObserver {
  readonly #world: SimWorld
  /** Instant at which the effects of all faults so far end. */
  #effectsEndAt: Instant = 0
  #faultCount = 0
  /** Instant at which all faults so far are over and checked. */
  endsAt: Instant = 0

  constructor(world: SimWorld) {
    this.#world = world
  }

  /** A fault lasts for `forMs`. The counter tells a later check whether another fault began meanwhile. */
  faultLasts(forMs: DurationMs): void {
    this.#faultCount++
    this.endsAt = Math.max(this.endsAt, this.#world.kernel.now() + forMs)
    this.#effectsEndAt = Math.max(this.#effectsEndAt, this.#world.kernel.now() + forMs + AFTERMATH_MS)
  }

  #whenOnlyFault(afterMs: DurationMs, check: () => void): void {
    const { kernel } = this.#world
    if (this.#effectsEndAt > kernel.now()) return
    const countBefore = this.#faultCount
    this.endsAt = Math.max(this.endsAt, kernel.now() + afterMs)
    kernel.after(kernel.world, afterMs, () => {
      if (this.#faultCount === countBefore + 1) check()
    })
  }

  /** D1: within five seconds the directory lists all copies and their players again, and no connection was broken. */
  directoryEmptied(): void {
    const { kernel, players } = this.#world
    const breaks = connectionsOf(players)
    this.#whenOnlyFault(REBUILT_WITHIN_MS, () => {
      kernel.count('D1 looked at')
      for (const server of this.#world.servers.values()) {
        for (const room of server.services.rooms.values())
          this.#listed(
            room.copy,
            room.seats().map(({ character }) => character),
          )
      }
      for (const other of breaks()) kernel.ruleBroken('D1', `the connection of ${other} broke after the directory was emptied`)
    })
    this.faultLasts(0)
  }

  /** S6: the session of a banned account ends within a second, and no other connection breaks. */
  banned(character: CharacterId, forMs: DurationMs): void {
    const { kernel, players } = this.#world
    const breaks = connectionsOf(players.filter((player) => player.character !== character))
    this.#whenOnlyFault(ENDED_WITHIN_MS, () => {
      if (forMs < ENDED_WITHIN_MS) return
      kernel.count('S6 looked at')
      for (const zone of zonesOf(this.#world)) {
        if (zone.presences().some((presence) => presence.character === character))
          kernel.ruleBroken('S6', `${character} is live in ${zone.copy} ${ENDED_WITHIN_MS / 1000} s after its account was banned`)
      }
      for (const other of breaks()) kernel.ruleBroken('S6', `the connection of ${other} broke when ${character} was banned`)
    })
    this.faultLasts(forMs)
  }

  /** D2: a login elsewhere loses no input while all processes work, because the server where the character is live saves it first. */
  login({ character, live, epoch, state }: Row, to: CopyId): void {
    const { kernel } = this.#world
    if (this.#effectsEndAt > kernel.now()) return
    kernel.count('logins looked at')
    const zone = [...zonesOf(this.#world)].find(({ copy }) => copy === live?.copy && copy !== to)
    if (zone?.presences().some((presence) => presence.character === character && presence.epoch === epoch) !== true) return
    const played = [...zone.bodies()].find(({ holder }) => holder.character === character)?.state.applied.length ?? 0
    const lost = played - savedInputs(state)
    if (lost > 0) kernel.ruleBroken('D2', `${character} loses ${lost} inputs of ${zone.copy} by a login to ${to}, although no process failed`)
  }

  #listed(copy: CopyId, here: CharacterId[]): void {
    const { kernel, memory, policies } = this.#world
    const since = REBUILT_WITHIN_MS / 1000
    for (const map of policies.keys()) {
      const { copies, seats } = memory.ledger(map).snapshot()
      if (!copies.some(({ id }) => id === copy)) continue
      const seated = new Set(seats.flatMap((one) => (one.copy === copy ? [one.seat.character] : [])))
      const missing = here.find((character) => !seated.has(character))
      if (missing !== undefined) kernel.ruleBroken('D1', `${missing} has no seat in ${copy} ${since} s after the directory was emptied`)
      return
    }
    kernel.ruleBroken('D1', `${copy} is not listed ${since} s after the directory was emptied`)
  }

  /** D2: within ten seconds every player is back and has lost no more than the time since the last save. */
  serverLost(name: string): void {
    const world = this.#world
    const { kernel } = world
    const affected: Player[] = []
    const [inputs, finds, inputEveryMs] = [new Map<CharacterId, number>(), new Map<CharacterId, number[]>(), 350]
    const lostAt = kernel.now()
    for (const zone of zonesOf(world)) {
      if (zone.services.server !== name) continue
      for (const body of zone.bodies()) {
        const { character } = body.holder
        const player = world.players.find((one) => one.character === character)
        if (player?.copy !== zone.copy) continue
        affected.push(player)
        inputs.set(character, body.state.applied.length)
        const early = zone.finds(body).filter(({ at }) => lostAt - at > FOUND_SAVED_WITHIN_MS)
        finds.set(
          character,
          early.map(({ n }) => n),
        )
      }
    }
    const restarts = new Map(affected.map((player) => [player, player.process]))
    this.#whenOnlyFault(0, () => {
      for (const { character } of affected) {
        const row = world.store.claims.rows.get(character)
        const lost = ((inputs.get(character) ?? 0) - savedInputs(row?.state)) * inputEveryMs
        if (lost > SAVED_WITHIN_MS + 2 * inputEveryMs) kernel.ruleBroken('D2', `${character} loses ${(lost / 1000).toFixed(1)} s of play with ${name}`)
        const saved = new Set(inputsOf(row?.state))
        for (const find of finds.get(character) ?? []) {
          kernel.count('finds looked at')
          if (!saved.has(find)) kernel.ruleBroken('D2', `${character} loses find ${find} with ${name}`)
        }
      }
    })
    this.#whenOnlyFault(BACK_WITHIN_MS, () => {
      kernel.count('D2 looked at')
      for (const player of affected) {
        const ownChoice = player.process !== restarts.get(player) || player.wantedSince >= lostAt || player.inLine
        if (!ownChoice && player.liveAt < lostAt) kernel.ruleBroken('D2', `${player.character} is not back ${BACK_WITHIN_MS / 1000} s after ${name} was lost`)
      }
    })
    this.faultLasts(0)
  }
}

/** Returns a function that tells which of these players lost the connection that they have now. */
function connectionsOf(players: readonly Player[]): () => CharacterId[] {
  const stays = new Map(players.flatMap((player) => (player.stay?.broken === false ? [[player, player.stay]] : [])))
  return () => [...stays].flatMap(([player, stay]) => (player.stay === stay && stay.broken ? [player.character] : []))
}

function savedInputs(state: Row['state'] | undefined): number {
  return inputsOf(state).length
}

function inputsOf(state: Row['state'] | undefined): number[] {
  return state == null ? [] : (JSON.parse(state) as { game: SimState }).game.applied // written by SimZone
}
