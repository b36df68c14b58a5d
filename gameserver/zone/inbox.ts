import { z } from 'zod'
import { StrataError } from '../../model/errors.ts'
import { activateMessage, arrivedMessage, control, declinedMessage, inputMessage } from '../../model/wire/room.ts'
import type { Connection } from './connection/connection.ts'
import type { ZoneCore } from './core.ts'
import type { SourceMoves } from './moves/sourceMoves.ts'
import type { Standbys } from './moves/standbys.ts'
import type { Idlers } from './residents/idlers.ts'
import type { Body, Resident } from './residents/resident.ts'

/** Where messages go. */
export interface Recipients<State, Input> {
  moves: SourceMoves<State, Input>
  standbys: Standbys<State, Input>
  idlers: Idlers<State, Input>
}

/** What clients send into one room: Strata's own messages and those that the game handles, each checked before anybody acts on it (rule X1). */
export class Inbox<State, Input> {
  readonly #core: ZoneCore<State, Input>
  readonly #to: Recipients<State, Input>
  readonly #handlers = new Map<string, (body: Body<State>, message: unknown) => void>()

  constructor(core: ZoneCore<State, Input>, to: Recipients<State, Input>) {
    this.#core = core
    this.#to = to
  }

  handle<T>(type: string, schema: z.ZodType<T>, run: (body: Body<State>, message: T) => void): void {
    this.#handlers.set(type, (body, raw) => run(body, parsed(type, schema, raw)))
  }

  /** Throws a StrataError for what nobody may send: it cuts the sender off. `resident`: whose connection it is, once it has a body. */
  receive(connection: Connection, resident: Resident<State, Input> | undefined, type: string, message: unknown): void {
    const { moves, standbys, idlers } = this.#to
    const { hooks, services } = this.#core
    switch (type) {
      case control.input: {
        const { seq, data } = parsed(type, inputMessage, message)
        const input = parsed(type, hooks.inputSchema, data)
        resident?.inputs.add(seq, input)
        if (resident !== undefined) idlers.heard(resident, services.clock.now())
        if (resident?.inputs.full === true || !standbys.input(connection, seq, input)) throw new StrataError('TOO_MANY_REQUESTS', { seconds: 1 })
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
    }
    const handler = this.#handlers.get(type)
    if (handler === undefined) throw new StrataError('MESSAGE_INVALID', { type: type.slice(0, 64), problem: 'there is no such message' })
    if (resident?.phase !== 'live') return
    idlers.heard(resident, services.clock.now())
    handler(resident.body, message)
  }
}

function parsed<T>(type: string, schema: z.ZodType<T>, raw: unknown): T {
  const result = schema.safeParse(raw)
  if (result.success) return result.data
  throw new StrataError('MESSAGE_INVALID', { type: type.slice(0, 64), problem: z.prettifyError(result.error).slice(0, 200) })
}
