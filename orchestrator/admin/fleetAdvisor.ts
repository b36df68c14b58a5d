import type { DurationMs, Instant } from '../../model/clock.ts'
import type { FleetName } from '../../model/ids.ts'
import { emptyMemory, type Plan, type PlanInput, type PlanMemory } from '../plan/action.ts'
import { fleetCensus } from '../reconcile/observe/fleetCensus.ts'
import { OwnWrites } from '../reconcile/observe/ownWrites.ts'
import { WorldReader } from '../reconcile/observe/worldReader.ts'
import type { ReconcilerParts } from '../reconcile/round.ts'

/** A plan older than this is not used for an answer; a new plan is made first. */
const FRESH_MS: DurationMs = 2_000

interface FleetSizes {
  at: Instant
  servers: ReadonlyMap<FleetName, number>
}

/**
 * Knows how many servers each fleet should have, according to the plan. The leader answers from its rounds. A follower, which Agones may ask as well, makes
 * the same plan from the same world with its own memory, and applies nothing.
 */
export class FleetAdvisor {
  readonly #parts: Pick<ReconcilerParts, 'plan' | 'clock' | 'policies'>
  readonly #reader: WorldReader
  #memory: PlanMemory = emptyMemory
  #last: FleetSizes | undefined
  #planning: Promise<FleetSizes> | undefined

  constructor(parts: ConstructorParameters<typeof WorldReader>[0]) {
    this.#parts = parts
    this.#reader = new WorldReader(parts, new OwnWrites(), new Map())
  }

  /** Wraps the planner: keeps the fleet sizes of each plan of the leader. */
  recordingFrom(plan: ReconcilerParts['plan']): ReconcilerParts['plan'] {
    return (input) => {
      const made = plan(input)
      this.#last = sizesOf(input, made)
      // When this process stops leading, its own plans continue with this memory.
      this.#memory = made.memory
      return made
    }
  }

  /** Wanted servers of the fleet, allocated ones included; undefined for a fleet that no policy names. Throws when the world cannot be read. */
  async wantedServers(fleet: FleetName, signal: AbortSignal): Promise<number | undefined> {
    if (this.#last !== undefined && this.#parts.clock.now() - this.#last.at <= FRESH_MS) return this.#last.servers.get(fleet)
    this.#planning ??= this.#plan(signal).finally(() => {
      this.#planning = undefined
    })
    return (await this.#planning).servers.get(fleet)
  }

  async #plan(signal: AbortSignal): Promise<FleetSizes> {
    const round = await this.#reader.read(signal)
    const { census, policies, draining, moving, waitingOwners, now } = round
    const fleets = fleetCensus(round)
    const input = { census, policies, fleets, draining, moving, waitingOwners, memory: this.#memory, now }
    const made = this.#parts.plan(input)
    this.#memory = made.memory
    this.#last = sizesOf(input, made)
    return this.#last
  }
}

/** A fleet without a scale action keeps its present size. */
function sizesOf({ fleets, now }: PlanInput, { actions }: Plan): FleetSizes {
  const servers = new Map([...fleets].map(([fleet, { ready, allocated, starting, lost }]) => [fleet, ready + allocated + starting + lost]))
  for (const action of actions) if (action.type === 'scale') servers.set(action.fleet, action.servers)
  return { at: now, servers }
}
