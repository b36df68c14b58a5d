import type { Instant } from '../../model/clock.ts'
import { defined } from '../../model/defined.ts'
import { StrataError } from '../../model/errors.ts'
import type { CharacterId, CopyId, MapName, ServerId } from '../../model/ids.ts'
import type { Seat } from '../../model/seat.ts'
import type { Action } from '../plan/action.ts'
import { openCopy } from '../reconcile/apply/openCopy.ts'
import { orderMove } from '../reconcile/apply/orderMove.ts'
import { OwnWrites } from '../reconcile/observe/ownWrites.ts'
import { WorldReader } from '../reconcile/observe/worldReader.ts'
import type { ReconcilerParts, Round } from '../reconcile/round.ts'

/** Deadline of an operator's request, in ms: it reads the fleets and the mailboxes of all servers. */
const ORDER_DEADLINE_MS = 10_000

/** What an operator orders by hand. Each order reads the world again, so that any orchestrator can carry it out, also one that does not lead. */
export class OperatorOrders {
  readonly #parts: ReconcilerParts

  constructor(parts: ReconcilerParts) {
    this.#parts = parts
  }

  /** Opens one more copy. Throws MAP_UNKNOWN, and NO_SERVER while no server has a free room. */
  async open(map: MapName, reason: string): Promise<{ map: MapName; copy: CopyId; server: ServerId }> {
    const round = await this.#read()
    if (!round.policies.has(map)) throw new StrataError('MAP_UNKNOWN', { map })
    // Not the id that a round of the same instant gives: both copies open.
    const id = `${map}-${round.now.toString(36)}-o`
    if (!(await openCopy(round, { type: 'open', map, why: `an operator opened it: ${reason}` }, id))) throw new StrataError('NO_SERVER')
    return { map, copy: id, server: round.copies.get(id)?.copy.server ?? '' }
  }

  /** Moves a player with its party to another copy of the map. Throws NOT_IN_WORLD, COPY_UNKNOWN, MOVE_IN_PROGRESS, COPY_FULL, NOT_MOVED. */
  async move(nameOrId: string, to: CopyId, reason: string): Promise<{ from: CopyId; to: CopyId; characters: CharacterId[]; deadline: Instant }> {
    const round = await this.#read()
    const { from, map, seat } = seatNamed(round, nameOrId)
    const target = round.copies.get(to)
    if (target === undefined || target.copy.map !== map) throw new StrataError('COPY_UNKNOWN', { copy: to })
    const refuse = (problem: string): never => {
      throw new StrataError('NOT_MOVED', { character: seat.name, problem })
    }
    if (from === to) refuse(`it is in ${to} already`)
    if (target.copy.state !== 'open') refuse(`${to} is ${target.copy.state}; choose an open copy`)
    const policy = round.policies.get(map)
    if (policy === undefined) throw new StrataError('MAP_UNKNOWN', { map })
    const seats = [...(round.copies.get(from)?.seats.values() ?? [])]
    const going = seat.party === undefined ? [seat] : seats.filter(({ party }) => party === seat.party)
    if (going.some(({ character }) => round.moving.has(character))) throw new StrataError('MOVE_IN_PROGRESS')
    if (going.some(({ state }) => state === 'held')) refuse('a member of its party is still entering; try again in a moment')
    if (target.seats.size + going.length > policy.capacity.hard) refuse(`${to} has no room for ${going.length} (hard cap ${policy.capacity.hard})`)
    const characters = going.map(({ character }) => character)
    const deadline = round.now + policy.merge.deadlineMs
    const why = `an operator moved ${seat.name}: ${reason}`
    const action = { type: 'move', map, from, to, characters, cause: 'operator', deadline, why, ...defined({ party: seat.party }) } satisfies Action
    await orderMove(round, action)
    if (!round.moving.has(seat.character)) refuse('somebody took the seats, or a member left; try again')
    return { from, to, characters, deadline }
  }

  #read(): Promise<Round> {
    return new WorldReader(this.#parts, new OwnWrites(), new Map()).read(AbortSignal.timeout(ORDER_DEADLINE_MS))
  }
}

/** The taken seat of a character, by id or by name. */
function seatNamed({ census }: Round, nameOrId: string): { map: MapName; from: CopyId; seat: Seat } {
  const name = nameOrId.toLowerCase()
  for (const { map, copies } of census.maps.values()) {
    for (const { copy, seats } of copies.values()) {
      for (const seat of seats.values()) {
        if (seat.state === 'taken' && (seat.character === nameOrId || seat.name.toLowerCase() === name)) return { map, from: copy.id, seat }
      }
    }
  }
  throw new StrataError('CHARACTER_NOT_SEATED', { character: nameOrId })
}
