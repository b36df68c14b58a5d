import type { DurationMs, Instant } from '../../../model/clock.ts'
import { StrataError } from '../../../model/errors.ts'
import type { CharacterId, Epoch } from '../../../model/ids.ts'
import type { Seat, SeatHolder } from '../../../model/seat.ts'
import type { Ticket } from '../../../model/ticket/ticket.ts'
import { withInitials } from '../../../model/wire/entities/defineEntities.ts'
import { control, type LiveMessage } from '../../../model/wire/room.ts'
import { traced } from '../../../service/observe/trace.ts'
import type { Claim } from '../../../store/store.ts'
import type { Connection } from '../connection/connection.ts'
import type { ZoneCore } from '../core.ts'
import { PlayerChecks } from '../fairness/playerChecks.ts'
import type { LetGoRequest } from '../services.ts'
import { type Recipient, sendSnapshot } from '../sight/sendSnapshot.ts'
import { Sight } from '../sight/sight.ts'
import { awaitLetGo } from './awaitLetGo.ts'
import { DirectoryEntries } from './directoryEntries.ts'
import { InputAnswer } from './inputAnswer.ts'
import { InputQueue } from './inputQueue.ts'
import { KeyedMutex } from './keyedMutex.ts'
import { type Body, type Resident, seatOf } from './resident.ts'
import { ATTEMPTS, LEAVE_ATTEMPTS, retryWithLog } from './retryWithLog.ts'
import { fromStored, toStored } from './state/storedState.ts'

/** Time in ms that a body stays after its client disconnected, so that the client can come back through the matchmaker; the setting DISCONNECT_GRACE_MS changes it. */
export const GRACE_MS = 10_000
/** A session that ends is closed after this time in ms, even if the database has not confirmed the save yet. */
const CLOSE_WITHIN_MS = 5_000

/** Time in ms after the arrival and after a failed move in which a client sends inputs again that it does not know to be applied. */
const REPLAY_MS = 15_000

export type Disconnection = 'left' | 'dropped' | 'dismissed'

export interface Save {
  character: CharacterId
  epoch: Epoch
  state: unknown
  stateVersion: number
}

interface Arrival<Input> {
  connection: Connection | undefined
  inputs: InputQueue<Input>
  earnedMs?: DurationMs
  /** The trace in which the character came. */
  trace?: string | undefined
}

/** The characters of one room: login, final save and departure. */
export class Residents<State, Input> {
  readonly #core: ZoneCore<State, Input>
  readonly #all = new Map<CharacterId, Resident<State, Input>>()
  /** What the directory says of these characters. */
  readonly entries: DirectoryEntries
  /** Serialises the database and directory writes for one character. */
  readonly mutex = new KeyedMutex<CharacterId>()
  /** Seats of characters whose claim the database has not answered yet. They count as taken, also when the directory is restored from here (rules S3, D1). */
  readonly arriving = new Map<CharacterId, Seat>()
  /** Bodies whose players have left and wait until they are gone. */
  readonly #departures = new Map<Resident<State, Input>, PromiseWithResolvers<void>>()
  /** Called when a character leaves or loses its client, and when another client takes it over. */
  onGone: (character: CharacterId) => void = () => {}

  constructor(core: ZoneCore<State, Input>) {
    this.#core = core
    this.entries = new DirectoryEntries(core, (character) => this.#all.has(character))
  }

  get size(): number {
    return this.#all.size
  }
  [Symbol.iterator](): IterableIterator<Resident<State, Input>> {
    return this.#all.values()
  }
  /** Seats of all characters that are here or arriving. */
  seats(): Seat[] {
    const arriving = [...this.arriving.values()].filter(({ character }) => !this.#all.has(character))
    return [...[...this.#all.values()].map(seatOf), ...arriving]
  }
  get(character: CharacterId): Resident<State, Input> | undefined {
    return this.#all.get(character)
  }

  /**
   * Logs a character in: takes its seat, has it saved by the server where it is live, claims it, and spawns it. Throws SEAT_EXPIRED, CHARACTER_BUSY, CLAIM_REFUSED.
   */
  async enter(connection: Connection, { holder, permit, trace }: Pick<Ticket, 'holder' | 'permit' | 'trace'>): Promise<void> {
    const { services, map, copy } = this.#core
    const { character } = holder
    await this.mutex.run(character, async () => {
      // The client may have disconnected while this login waited for the mutex. Its character may be live elsewhere now and must not be claimed.
      if (connection.disconnected) throw new StrataError('SEAT_EXPIRED')
      const seated = await traced('take seat', {}, () => services.directory.takeSeat(map, copy, character, services.clock.now()))
      if (!seated) throw new StrataError('SEAT_EXPIRED')
      this.arriving.set(character, { ...holder, state: 'taken', since: services.clock.now() })
      let claim: Claim
      try {
        await traced('wait until let go', {}, () => awaitLetGo(this.#core, character))
        // The client may have disconnected during the wait.
        if (connection.disconnected) throw new StrataError('SEAT_EXPIRED')
        claim = await traced('claim', {}, () => services.store.claim(character, { copy, server: services.server }, permit))
      } catch (error) {
        if (error instanceof StrataError && error.code === 'CLAIM_REFUSED') this.#core.log.warn({ err: error, character }, 'the database refused a claim')
        // First, so that the reconciler does not write the seat again that is freed here.
        this.arriving.delete(character)
        if (!this.#all.has(character)) await services.directory.freeSeat(map, copy, character)
        throw error
      }
      this.arriving.delete(character)
      const present = this.#all.get(character)
      // The new epoch follows directly on ours, so nobody else held the character in between and the state in memory is newer than the saved one.
      if (present !== undefined && claim.epoch === present.epoch + 1) return this.#takeOver(present, claim.epoch, connection)
      try {
        this.spawn(holder, claim, { connection, inputs: new InputQueue(0), trace })
      } catch (error) {
        await this.entries.freeSeat(character)
        throw error
      }
    })
  }

  /**
   * Puts a claimed character into the world. Throws what the game's hooks throw; the room is unchanged then. `earnedMs`: how long the client of a moved character
   * could make inputs that no server has applied.
   */
  spawn(holder: SeatHolder, claim: Claim, { connection, inputs, earnedMs = 0, trace }: Arrival<Input>): void {
    const { hooks, services, range, entities, watched } = this.#core
    const { game, lostTrust } = fromStored(claim)
    const state =
      game === undefined
        ? watched('fresh', () => hooks.fresh(holder))
        : claim.stateVersion === hooks.stateVersion
          ? (game as State) // saved with this version, so it is a State
          : watched('migrate', () => hooks.migrate(game, claim.stateVersion))
    const body = withInitials(entities, { ...watched('spawn', () => hooks.spawn(state, holder)), id: holder.entity, name: holder.name, holder, state })
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
      checks: new PlayerChecks({ now, earnedMs, lostTrust }),
      replaysUntil: now + REPLAY_MS,
      connection,
      graceUntil: now + (this.#core.services.graceMs ?? GRACE_MS),
      staysUntil: now + this.#core.leaveWithinMs,
      since: now,
      savedAt: now,
      lastActive: now,
      lastInput: undefined,
      lastSent: new Map(),
      answer: new InputAnswer(),
      trace,
    }
    this.#all.set(holder.character, resident)
    this.#place(body)
    this.#core.guard('entered', () => hooks.entered(body))
    if (connection === undefined) this.#core.guard('disconnected', () => hooks.disconnected(body))
    // The ticket says what the profile was when the seat was held, which may be a minute ago.
    services.profiles.check([resident.character], 'changed')
    this.#sendLive(resident)
    void this.entries.publish(resident)
  }

  #place(body: Body<State>): void {
    const { grid } = this.#core
    grid.add(body)
    grid.table.setParty(body.id, body.holder.party)
  }

  /** Continues with the body that is here at a newer epoch: with another client, or after a failed move was claimed back. */
  resume(resident: Resident<State, Input>, epoch: Epoch): void {
    resident.epoch = epoch
    this.unfreeze(resident)
    if (this.#core.grid.get(resident.body.id) === undefined) this.#place(resident.body)
    this.#core.services.profiles.check([resident.character], 'changed')
    void this.entries.publish(resident)
  }

  /** Makes a frozen or released character live again. Its next snapshot is a full one, because held snapshots removed no entities. */
  unfreeze(resident: Resident<State, Input>): void {
    resident.phase = 'live'
    // A release that failed may have written the state all the same.
    resident.savedText = undefined
    resident.replaysUntil = this.#core.services.clock.now() + REPLAY_MS
    resident.sight.reset()
    const { dismissal } = resident
    if (dismissal !== undefined) queueMicrotask(() => void this.end(resident, dismissal))
  }

  /**
   * Ends a session: the character is saved and leaves, then its client is closed with the reason. A character that is being moved ends when the move does: here
   * when it is claimed back, else at its destination. A login into this room that is in progress keeps the body.
   */
  async end(resident: Resident<State, Input>, reason: StrataError): Promise<void> {
    const { connection, phase } = resident
    if (phase === 'gone') return
    if (phase !== 'live') {
      resident.dismissal = reason
      return
    }
    const { log, services, hooks, guard } = this.#core
    log.info({ character: resident.character, code: reason.code }, 'a session ends')
    services.metrics.refusals.inc({ code: reason.code })
    this.onGone(resident.character)
    resident.connection = undefined
    guard('disconnected', () => hooks.disconnected(resident.body))
    const late = Promise.withResolvers<void>()
    const timer = setTimeout(late.resolve, CLOSE_WITHIN_MS)
    await Promise.race([this.leave(resident), late.promise])
    clearTimeout(timer)
    connection?.close(reason)
  }

  /**
   * A login elsewhere waits for a character of this room (`awaitLetGo`). It is saved and leaves, unless the game keeps it, as when its player leaves; then
   * nothing changes and the login is refused. A frozen one is asked for again; a released one is saved already.
   */
  async letGo({ character, epoch, ask }: LetGoRequest): Promise<void> {
    const { services, log, leaveWithinMs } = this.#core
    const resident = this.#all.get(character)
    if (resident === undefined) return this.#clearStalePresence(character, epoch)
    if (resident.epoch !== epoch || resident.phase === 'frozen') return
    const now = services.clock.now()
    const busy = resident.phase === 'live' && !this.#canLeave(resident) && (resident.connection !== undefined || now < resident.staysUntil)
    if (resident.phase === 'live' && !busy) return this.end(resident, new StrataError('LIVE_ELSEWHERE'))
    const staysMs = resident.connection === undefined ? resident.staysUntil - now : leaveWithinMs
    await this.mutex.run(character, async () => {
      // It may have left, and the presence been cleared, while this waited for the mutex.
      if (this.#all.get(character) !== resident || resident.epoch !== epoch) return
      try {
        await services.directory.setPresence({ ...this.entries.presenceOf(resident), keeps: { ask, forMs: busy ? staysMs : 0 } })
      } catch (error) {
        log.warn({ err: error, character }, 'could not answer a login elsewhere; it asks again')
      }
    })
  }

  /** A server that was restarted under its name has none of the characters that the directory lists for it. The mutex waits for a save in progress. */
  async #clearStalePresence(character: CharacterId, epoch: Epoch): Promise<void> {
    await this.mutex.run(character, async () => {
      if (this.#all.has(character)) return
      await this.entries.clearStale(character, epoch)
    })
  }

  /** Tells the server where the character is live now that its session ends. Called when a move has taken it away. */
  async forwardDismissal({ character, epoch, dismissal }: Resident<State, Input>): Promise<void> {
    const { services, log } = this.#core
    if (dismissal === undefined) return
    try {
      await retryWithLog(
        async () => {
          const presence = (await services.directory.presence([character])).get(character)
          if (presence === undefined || presence.epoch <= epoch) throw new Error('the destination has not written the presence yet')
          const { code, details } = dismissal
          await services.directory.tellServer({ type: 'dismiss', server: presence.server, character, code, reason: String(details['reason'] ?? '') })
        },
        { log, what: 'ending a session that was moved', attempts: ATTEMPTS },
      )
    } catch (error) {
      log.error({ err: error, character }, 'could not end a session that was moved')
    }
  }

  #takeOver(resident: Resident<State, Input>, epoch: Epoch, connection: Connection): void {
    const replaced = resident.connection
    this.#resolveDepartures(resident)
    this.onGone(resident.character)
    resident.connection = connection
    resident.inputs = new InputQueue(0)
    resident.acknowledged = 0
    resident.lastActive = this.#core.services.clock.now()
    resident.releaseAt = undefined
    replaced?.close(new StrataError('LIVE_ELSEWHERE'))
    this.resume(resident, epoch)
    this.#sendLive(resident)
  }

  /** Sends `live` and a full snapshot directly after it, which the client of a moved player merges into what it shows from the source (rule M5). */
  #sendLive(resident: Resident<State, Input>): void {
    const { copy, map, services, tickRate, hooks } = this.#core
    const { body, epoch, inputs } = resident
    let self: unknown
    this.#core.guard('selfState', () => {
      self = hooks.selfState(body)
    })
    const live: LiveMessage = { map, copy, server: services.server, entity: body.id, epoch, lastInput: inputs.applied, tickRate, self }
    resident.connection?.send(control.live, live)
    resident.sight.reset()
    this.sendSnapshot(resident)
  }

  sendSnapshot(resident: Resident<State, Input>): void {
    sendSnapshot(this.#core, recipientOf(resident), { held: false })
  }

  /** Sends a snapshot to a character that is being moved: its surroundings go on until the destination takes over. */
  sendHeldSnapshot(resident: Resident<State, Input>): void {
    sendSnapshot(this.#core, recipientOf(resident), { held: true })
  }

  saveOf({ character, epoch, body, inputs, checks }: Resident<State, Input>): Save {
    return {
      character,
      epoch,
      state: toStored(
        this.#core.watched('save', () => this.#core.hooks.save(body)),
        inputs.applied,
        checks.lostTrust,
      ),
      stateVersion: this.#core.hooks.stateVersion,
    }
  }

  /** Saves the character for the last time and removes it. Does nothing when its client came back meanwhile or a move is in progress. */
  async leave(resident: Resident<State, Input>): Promise<void> {
    const { services, log } = this.#core
    const { character, epoch } = resident
    await this.mutex.run(character, async () => {
      if (resident.phase !== 'live' || resident.connection !== undefined) return
      const save = this.saveOf(resident)
      this.remove(resident)
      try {
        const options = { log, what: 'saving a leaving character', attempts: LEAVE_ATTEMPTS }
        const leave = (): Promise<boolean> => services.store.leave(character, epoch, save.state, save.stateVersion)
        const written = await traced('save', { parent: resident.trace }, () => retryWithLog(leave, options))
        services.metrics.saves.inc({ result: written ? 'left' : 'stale' })
      } catch (error) {
        log.error({ err: error, character }, 'could not save a leaving character; it continues from its last save')
      }
      await this.entries.clear(character, epoch)
    })
    if (resident.phase === 'gone') this.#resolveDepartures(resident)
  }

  /** Whether a body without a client may go now. */
  mayLeave(resident: Resident<State, Input>, now: Instant): boolean {
    if (now < resident.graceUntil) return false
    return now >= resident.staysUntil || this.#canLeave(resident)
  }

  #canLeave(resident: Resident<State, Input>): boolean {
    let allowed = false
    this.#core.guard('canLeave', () => {
      allowed = this.#core.hooks.canLeave(resident.body)
    })
    return allowed
  }

  #resolveDepartures(resident: Resident<State, Input>): void {
    const departed = this.#departures.get(resident)
    this.#departures.delete(resident)
    departed?.resolve()
  }

  /**
   * Removes a character because the room closes: a live one is saved, a released one already belongs to the destination of its move. A frozen one
   * stays until the database has answered its release; call again then.
   */
  dismiss(resident: Resident<State, Input>): void {
    resident.connection = undefined
    if (resident.phase === 'live') void this.leave(resident)
    if (resident.phase !== 'released') return
    this.remove(resident)
    void this.clearPresenceAndSeat(resident.character, resident.epoch)
  }

  /** Removes a character that is live elsewhere, without saving it (rule S2). Does nothing when the newer epoch is a login into this room, which has taken the body over. */
  async fence(resident: Resident<State, Input>, epoch = resident.epoch): Promise<void> {
    const { log, services } = this.#core
    const { character } = resident
    await this.mutex.run(character, async () => {
      if (resident.phase !== 'live' || resident.epoch !== epoch) return
      log.info({ character, epoch }, 'a character went live elsewhere')
      services.metrics.refusals.inc({ code: 'LIVE_ELSEWHERE' })
      this.remove(resident, new StrataError('LIVE_ELSEWHERE'))
      await this.entries.clear(character, epoch)
    })
  }

  /** Removes a character from the room at once. Closes its connection when a reason is given. */
  remove(resident: Resident<State, Input>, reason?: StrataError): void {
    if (resident.phase === 'gone') return
    resident.phase = 'gone'
    if (this.#all.get(resident.character) === resident) this.#all.delete(resident.character)
    if (this.#core.grid.get(resident.body.id) === resident.body) this.#core.grid.remove(resident.body.id)
    this.onGone(resident.character)
    this.#core.guard('left', () => this.#core.hooks.left(resident.body))
    // A leaving character is saved first.
    if (reason !== undefined) this.#resolveDepartures(resident)
    if (reason !== undefined) resident.connection?.close(reason)
  }

  /** Clears the presence and the seat of a character that was removed. If it has come back since, it keeps its seat and its newer presence. */
  async clearPresenceAndSeat(character: CharacterId, epoch: Epoch): Promise<void> {
    await this.mutex.run(character, () => this.entries.clear(character, epoch))
  }

  /**
   * The client has disconnected. `left`: on purpose, so the character leaves as soon as the game lets it (hook `canLeave`), and the promise resolves when it
   * has. `dropped`: the body stays for the grace time at least. `dismissed`: by the server, at once.
   */
  async disconnected(resident: Resident<State, Input>, how: Disconnection): Promise<void> {
    const { connection } = resident
    const now = this.#core.services.clock.now()
    resident.connection = undefined
    resident.graceUntil = how === 'dropped' ? now + (this.#core.services.graceMs ?? GRACE_MS) : now
    resident.staysUntil = Math.max(resident.graceUntil, now + this.#core.leaveWithinMs)
    this.#core.guard('disconnected', () => this.#core.hooks.disconnected(resident.body))
    if (how === 'dismissed' || (how === 'left' && this.mayLeave(resident, now))) return this.leave(resident)
    if (how !== 'left' || resident.phase !== 'live') return
    const gone = Promise.withResolvers<void>()
    this.#departures.set(resident, gone)
    connection?.sendStaying(resident.staysUntil - now)
    return gone.promise
  }
}

function recipientOf<State, Input>({ connection, sight, body, inputs }: Resident<State, Input>): Recipient {
  return { connection, sight, at: body, id: body.id, party: body.holder.party, lastInput: inputs.applied }
}
