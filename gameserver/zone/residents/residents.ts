import type { Directory } from '../../../directory/directory.ts'
import type { Instant } from '../../../model/clock.ts'
import { StrataError } from '../../../model/errors.ts'
import type { CharacterId, Epoch } from '../../../model/ids.ts'
import type { Presence, Seat, SeatHolder } from '../../../model/seat.ts'
import { control, type LiveMessage } from '../../../model/wire/room.ts'
import type { Claim } from '../../../store/store.ts'
import type { Connection } from '../connection/connection.ts'
import type { ZoneCore } from '../core.ts'
import { sendHeldPicture, sendPicture } from '../sight/sendPicture.ts'
import { Sight } from '../sight/sight.ts'
import { attempt } from './attempt.ts'
import { InputLine } from './inputLine.ts'
import { InTurn } from './inTurn.ts'
import { type Resident, seatOf } from './resident.ts'
import { fromStored, toStored } from './storedState.ts'

/** How long a body waits for its dropped client to come back through the matchmaker. */
export const GRACE_MS = 10_000
const TRIES = 4
/** The last state of one who has left is in no other place: an outage of the database is waited out, half an hour and more. So is one of the directory. */
const LEAVE_TRIES = 1_000

export interface Save {
  character: CharacterId
  epoch: Epoch
  state: unknown
  stateVersion: number
}

/** The characters of one room: how they come, how they are saved, and how they go. */
export class Residents<State, Input> {
  readonly #core: ZoneCore<State, Input>
  readonly #all = new Map<CharacterId, Resident<State, Input>>()
  /** What is done to one character in the database happens one after the other. */
  readonly turns = new InTurn<CharacterId>()
  /** Their seat is taken and the database has not answered yet: it must not be given to others, nor forgotten with the directory (rules S3, D1). */
  readonly arriving = new Map<CharacterId, Seat>()
  /** Called when a character goes, and when another client takes it over. */
  onGone: (character: CharacterId) => void = () => {}

  constructor(core: ZoneCore<State, Input>) {
    this.#core = core
  }

  get size(): number {
    return this.#all.size
  }
  [Symbol.iterator](): IterableIterator<Resident<State, Input>> {
    return this.#all.values()
  }
  /** Of all who are here, and of those who will be in a moment. */
  seats(): Seat[] {
    const arriving = [...this.arriving.values()].filter(({ character }) => !this.#all.has(character))
    return [...[...this.#all.values()].map(seatOf), ...arriving]
  }
  get(character: CharacterId): Resident<State, Input> | undefined {
    return this.#all.get(character)
  }

  /** A login: takes the seat, claims the character whoever held it, and lets it in. Throws SEAT_EXPIRED. */
  async enter(connection: Connection, holder: SeatHolder): Promise<void> {
    const { services, map, copy } = this.#core
    const { character } = holder
    await this.turns.run(character, async () => {
      // It waited for its turn, and its client has hung up since: who it was may be live elsewhere by now, and is not to be claimed from there.
      if (connection.over) throw new StrataError('SEAT_EXPIRED')
      if (!(await services.directory.takeSeat(map, copy, character, services.clock.now()))) throw new StrataError('SEAT_EXPIRED')
      this.arriving.set(character, { ...holder, state: 'taken', since: services.clock.now() })
      let claim: Claim
      try {
        claim = await services.store.claim(character, { copy, server: services.server })
      } catch (error) {
        if (!this.#all.has(character)) await services.directory.freeSeat(map, copy, character)
        throw error
      } finally {
        this.arriving.delete(character)
      }
      const present = this.#all.get(character)
      // Nobody else held it between: what is in memory here is newer than what was saved last.
      if (present !== undefined && claim.epoch === present.epoch + 1) return this.#takeOver(present, claim.epoch, connection)
      try {
        this.embody(holder, claim, connection, new InputLine(0))
      } catch (error) {
        await this.freeSeat(character)
        throw error
      }
    })
  }

  /** Puts a claimed character into the world; throws what the game's hooks throw, and then nothing has changed. */
  embody(holder: SeatHolder, claim: Claim, connection: Connection | undefined, inputs: InputLine<Input>): void {
    const { hooks, services, range, grid } = this.#core
    const { game } = fromStored(claim)
    const state =
      game === undefined ? hooks.fresh(holder) : claim.stateVersion === hooks.stateVersion ? (game as State) : hooks.migrate(game, claim.stateVersion) // the version says that it is one
    const body = { ...hooks.spawn(state, holder), id: holder.entity, name: holder.name, holder, state }
    const present = this.#all.get(holder.character)
    if (present !== undefined) this.remove(present, new StrataError('LIVE_ELSEWHERE'))
    const now = services.clock.now()
    const resident: Resident<State, Input> = {
      character: holder.character,
      body,
      epoch: claim.epoch,
      phase: 'live',
      inputs,
      acknowledged: inputs.applied,
      sight: new Sight(range),
      connection,
      graceUntil: now + GRACE_MS,
      since: now,
      heard: now,
    }
    this.#all.set(holder.character, resident)
    grid.add(body)
    this.#core.guard('entered', () => hooks.entered(body))
    if (connection === undefined) this.#core.guard('idle', () => hooks.idle(body))
    this.#announce(resident)
  }

  /** The body that is here goes on under a newer epoch of ours: with another client, or after a move was claimed back. */
  resume(resident: Resident<State, Input>, epoch: Epoch): void {
    resident.epoch = epoch
    this.thaw(resident)
    if (this.#core.grid.get(resident.body.id) === undefined) this.#core.grid.add(resident.body)
    void this.#publish(resident)
  }

  /** The release was refused: what had left its sight meanwhile goes with the next picture. */
  thaw(resident: Resident<State, Input>): void {
    resident.phase = 'live'
    resident.sight.reset()
  }

  #takeOver(resident: Resident<State, Input>, epoch: Epoch, connection: Connection): void {
    const replaced = resident.connection
    this.onGone(resident.character)
    resident.connection = connection
    resident.inputs = new InputLine(0)
    resident.acknowledged = 0
    resident.heard = this.#core.services.clock.now()
    resident.warned = undefined
    replaced?.close(new StrataError('LIVE_ELSEWHERE'))
    this.resume(resident, epoch)
    this.#tellLive(resident)
  }

  #announce(resident: Resident<State, Input>): void {
    this.#tellLive(resident)
    void this.#publish(resident)
  }

  /** `live`, and a full snapshot at once behind it: a moved player's client lays it over its last picture of A (rule M5). */
  #tellLive(resident: Resident<State, Input>): void {
    const { copy, map, services, tickRate, hooks } = this.#core
    const { body, epoch, inputs } = resident
    let self: unknown
    this.#core.guard('selfState', () => {
      self = hooks.selfState(body)
    })
    const live: LiveMessage = { map, copy, server: services.server, entity: body.id, epoch, lastInput: inputs.applied, tickRate, self }
    resident.connection?.send(control.live, live)
    resident.sight.reset()
    this.show(resident)
  }

  show(resident: Resident<State, Input>): void {
    sendPicture(this.#core, resident, resident.body)
  }

  /** For a body that is being handed over the world around it goes on. */
  showHeld(resident: Resident<State, Input>): void {
    sendHeldPicture(this.#core, resident, resident.body)
  }

  presenceOf({ character, epoch }: Resident<State, Input>): Presence {
    return { character, map: this.#core.map, copy: this.#core.copy, server: this.#core.services.server, epoch }
  }

  /** A failure is made good by the keeper of copies, which looks again each few seconds. Of whoever has gone meanwhile nothing is said any more. */
  async #publish(resident: Resident<State, Input>): Promise<void> {
    const { log, services } = this.#core
    try {
      await attempt(log, 'telling where a character is', TRIES, async () => {
        if (resident.phase === 'live') await services.directory.setPresence(this.presenceOf(resident))
      })
    } catch (error) {
      this.#core.log.error({ err: error, character: resident.character }, 'the directory does not know where a character is')
    }
  }

  saveOf({ character, epoch, body, inputs }: Resident<State, Input>): Save {
    return { character, epoch, state: toStored(this.#core.hooks.save(body), inputs.applied), stateVersion: this.#core.hooks.stateVersion }
  }

  /** Final save, and out. Does nothing for one that came back meanwhile, or that a move is taking away. */
  async leave(resident: Resident<State, Input>): Promise<void> {
    const { services, log } = this.#core
    const { character, epoch } = resident
    await this.turns.run(character, async () => {
      if (resident.phase !== 'live' || resident.connection !== undefined) return
      const save = this.saveOf(resident)
      this.remove(resident)
      try {
        const written = await attempt(log, 'saving a leaving character', LEAVE_TRIES, () =>
          services.store.leave(character, epoch, save.state, save.stateVersion),
        )
        services.metrics.saves.inc({ result: written ? 'left' : 'stale' })
      } catch (error) {
        log.error({ err: error, character }, 'a character left without a trace: it goes on from its last save')
      }
      await this.#takeBack(character, epoch)
    })
  }

  /** The room ends: saved and out. Whoever a move has released is the destination's, and one that is frozen is told of by the database first. */
  dismiss(resident: Resident<State, Input>): void {
    resident.connection = undefined
    if (resident.phase === 'live') void this.leave(resident)
    if (resident.phase !== 'released') return
    this.remove(resident)
    void this.vacate(resident.character, resident.epoch)
  }

  /** An older holder writes nothing (rule S2): out without saving. Unless the newer one is a login into this copy, which takes it over in its turn. */
  async fence(resident: Resident<State, Input>, epoch = resident.epoch): Promise<void> {
    const { log, services } = this.#core
    const { character } = resident
    await this.turns.run(character, async () => {
      if (resident.phase !== 'live' || resident.epoch !== epoch) return
      log.info({ character, epoch }, 'a character went live elsewhere')
      services.metrics.refusals.inc({ code: 'LIVE_ELSEWHERE' })
      this.remove(resident, new StrataError('LIVE_ELSEWHERE'))
      await this.#takeBack(character, epoch)
    })
  }

  /** Out of the world and of the books, at once. */
  remove(resident: Resident<State, Input>, because?: StrataError): void {
    if (resident.phase === 'gone') return
    resident.phase = 'gone'
    if (this.#all.get(resident.character) === resident) this.#all.delete(resident.character)
    if (this.#core.grid.get(resident.body.id) === resident.body) this.#core.grid.remove(resident.body.id)
    this.onGone(resident.character)
    this.#core.guard('left', () => this.#core.hooks.left(resident.body))
    if (because !== undefined) resident.connection?.close(because)
  }

  /** In the turn of the character. Whoever is here, by another way, keeps it; one that could not be freed is found by the keeper of copies. */
  async freeSeat(character: CharacterId): Promise<void> {
    await this.#surely('freeing a seat', character, this.#core.copy, () => this.#freeUnlessHere(character))
  }

  async #freeUnlessHere(character: CharacterId): Promise<void> {
    const { services, map, copy } = this.#core
    if (!this.#all.has(character)) await services.directory.freeSeat(map, copy, character)
  }

  /** Of a character that has gone, and may be on its way back by now. */
  async vacate(character: CharacterId, epoch: Epoch): Promise<void> {
    await this.turns.run(character, () => this.#takeBack(character, epoch))
  }

  /**
   * In the turn of the character: it has gone, and so have its seat and the word that it is live here. That word nobody else takes back:
   * a directory that is away is waited out, as the database is. Whoever is here anew keeps the seat, and has a newer epoch.
   */
  async #takeBack(character: CharacterId, epoch: Epoch): Promise<void> {
    const { services, log, copy } = this.#core
    try {
      await attempt(log, 'telling that a character has gone', LEAVE_TRIES, async () => {
        await services.directory.clearPresence(character, epoch)
        await this.#freeUnlessHere(character)
      })
    } catch (error) {
      log.error({ err: error, character, copy }, 'the directory still says that a character is here')
    }
  }

  /** One that is not given back lapses. */
  async giveBackSeat(map: string, copy: string, character: CharacterId, heldUntil: Instant): Promise<void> {
    await this.#surely('giving back a seat', character, copy, (directory) => directory.giveBackSeat(map, copy, character, heldUntil))
  }

  async #surely(what: string, character: CharacterId, copy: string, act: (directory: Directory) => Promise<void>): Promise<void> {
    const { log, services } = this.#core
    try {
      await attempt(log, what, TRIES, () => act(services.directory))
    } catch (error) {
      log.error({ err: error, character, copy }, `${what} failed`)
    }
  }

  /** The client is gone. With its own word it leaves now, else its body waits for it. */
  async disconnected(resident: Resident<State, Input>, leaving: boolean): Promise<void> {
    resident.connection = undefined
    resident.graceUntil = this.#core.services.clock.now() + (leaving ? 0 : GRACE_MS)
    this.#core.guard('idle', () => this.#core.hooks.idle(resident.body))
    if (leaving) await this.leave(resident)
  }
}
