import { z } from 'zod'
import type { Instant } from '../../model/clock.ts'
import { StrataError } from '../../model/errors.ts'
import { channelMessage, sayMessage } from '../../model/wire/chat.ts'
import { activateMessage, arrivedMessage, declinedMessage, inputMessage } from '../../model/wire/messages/clientMessages.ts'
import { usualInput } from '../../model/wire/messages/usualInput.ts'
import { control } from '../../model/wire/room.ts'
import type { Connection } from './connection/connection.ts'
import type { BucketSize } from './connection/tokenBucket.ts'
import type { ZoneCore } from './core.ts'
import type { FairPlay } from './fairPlay.ts'
import type { SourceMoves } from './moves/sourceMoves.ts'
import type { Standbys } from './moves/standbys.ts'
import type { IdleRelease } from './residents/idleRelease.ts'
import type { Body, Resident } from './residents/resident.ts'

/** The parts of the room that handle messages. */
export interface Recipients<State, Input> {
  moves: SourceMoves<State, Input>
  standbys: Standbys<State, Input>
  idleRelease: IdleRelease<State, Input>
  fair: FairPlay<State, Input>
}

/** Receives the messages of clients in one room: Strata's own and the game's. Every message is validated before it is handled (rule X1). */
export class Inbox<State, Input> {
  readonly #core: ZoneCore<State, Input>
  readonly #recipients: Recipients<State, Input>
  readonly #handlers = new Map<string, { rate: BucketSize; run: (body: Body<State>, message: unknown) => void }>()

  constructor(core: ZoneCore<State, Input>, recipients: Recipients<State, Input>) {
    this.#core = core
    this.#recipients = recipients
  }

  /** Registers the handler for one type of message. Messages above `rate` are dropped. */
  handle(type: string, rate: BucketSize, run: (body: Body<State>, message: unknown) => void): void {
    this.#handlers.set(type, { rate, run })
  }

  /** Handles an input that the budget has admitted. Throws a StrataError for an invalid one. */
  input(connection: Connection, resident: Resident<State, Input> | undefined, message: unknown, now: Instant): void {
    const { standbys, idleRelease, fair } = this.#recipients
    const { hooks, tickRate } = this.#core
    const { seq, data, seen } = usualInput(message) ?? parsed(control.input, inputMessage, message)
    const input = parsed(control.input, hooks.inputSchema, data)
    if (resident !== undefined) {
      if (seen !== undefined) connection.confirmSnapshot((1000 * Math.max(0, resident.sight.lastTick - seen)) / tickRate)
      const { applied } = resident.inputs
      if (!resident.inputs.add(seq, input) && now > resident.replaysUntil) fair.report(resident.body, 'sequence', { seq, applied })
      if (idleRelease.noteSent(resident, { type: control.input, data: input }, now)) resident.answer.note()
    }
    if (resident?.inputs.full === true || !standbys.input(connection, seq, input)) throw new StrataError('TOO_MANY_REQUESTS', { seconds: 1 })
  }

  /** Handles one message. Throws a StrataError for an invalid message; the caller then disconnects the sender. `resident` is undefined until the character has a body. */
  receive(connection: Connection, resident: Resident<State, Input> | undefined, type: string, message: unknown): void {
    const { moves, standbys, idleRelease, fair } = this.#recipients
    const { services } = this.#core
    const now = services.clock.now()
    const { budget } = connection
    if (!(type === control.input ? budget.takeInput(now) : budget.takeMessage(now))) throw new StrataError('TOO_MANY_REQUESTS', { seconds: 1 })
    switch (type) {
      case control.input: {
        this.input(connection, resident, message, now)
        return
      }
      case control.arrived: {
        const { move } = parsed(type, arrivedMessage, message)
        if (resident !== undefined) moves.arrived(resident.character, move)
        return
      }
      case control.declined: {
        const { move, reason } = parsed(type, declinedMessage, message)
        if (resident !== undefined) moves.declined(resident.character, move, reason)
        return
      }
      case control.activate: {
        const { move, epoch } = parsed(type, activateMessage, message)
        void standbys.activate(connection, move, epoch)
        return
      }
      case control.say: {
        const said = parsed(type, sayMessage, message)
        if (resident === undefined) return
        idleRelease.noteActivity(resident, services.clock.now())
        services.chat?.say(connection, said)
        return
      }
      case control.channel: {
        services.chat?.changeChannel(connection, parsed(type, channelMessage, message))
        return
      }
    }
    const handler = this.#handlers.get(type)
    if (handler === undefined) throw new StrataError('MESSAGE_INVALID', { type: type.slice(0, 64), problem: 'there is no message of this type' })
    if (resident?.phase !== 'live') return
    if (!budget.takeOfType(type, handler.rate, now)) {
      services.metrics.dropped.inc({ what: 'message' })
      fair.report(resident.body, 'rate', { type })
      return connection.sendLimited(type, now)
    }
    idleRelease.noteSent(resident, { type, data: message }, now)
    this.#core.watched(`message ${type}`, () => handler.run(resident.body, message))
  }
}

/** Validates a message. Throws MESSAGE_INVALID. */
export function parsed<T>(type: string, schema: z.ZodType<T>, raw: unknown): T {
  const result = schema.safeParse(raw)
  if (result.success) return result.data
  throw new StrataError('MESSAGE_INVALID', { type: type.slice(0, 64), problem: z.prettifyError(result.error).slice(0, 200) })
}
