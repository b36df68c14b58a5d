import { defined } from '../model/defined.ts'
import { StrataError } from '../model/errors.ts'
import type { Policies } from '../model/policy/policy.ts'
import { seededRandom } from '../model/random.ts'
import { CodedPolicies } from '../score/gameSignals.ts'
import { loadPlacementCode, problemText } from '../service/placementCode.ts'
import { readValidPolicies } from '../service/policyFolder.ts'
import { deriveDay } from './days/derive.ts'
import { generateDay } from './generate/day.ts'
import { writeTrace } from './generate/writeTrace.ts'
import type { Options } from './options.ts'
import { readTrace } from './population/readTrace.ts'
import { SAMPLE_SECONDS, type Trace } from './population/trace.ts'
import { WARM_UP_SECONDS } from './simulation.ts'

/** A day that is ready to run. */
export interface Prepared {
  trace: Trace
  warmUpSeconds: number
  /** Reads the designer's policies in a folder, with the game's code; empty without a folder. Throws POLICY_INVALID at the first mistake. */
  policiesIn(folder: string | undefined): Promise<Policies>
  /** Signals of the game's code that failed, with the problem. */
  failures: ReadonlyMap<string, string>
}

export async function prepare(options: Options): Promise<Prepared> {
  const trace = await dayOf(options)
  const failures = new Map<string, string>()
  const coded = new CodedPolicies(await loadPlacementCode(options.code, (name, problem) => void failures.set(name, problemText(problem))))
  return {
    trace,
    warmUpSeconds: warmUpOf(trace, options),
    policiesIn: async (folder) => coded.withCode(folder === undefined ? new Map() : await readValidPolicies(folder)),
    failures,
  }
}

async function dayOf({ trace, zones, derive, generate: kind, players, realms, maps, factors, seed, out }: Options): Promise<Trace> {
  if (kind === undefined) {
    const day = await readTrace(trace ?? '', zones)
    return derive === undefined ? day : deriveDay(day, derive)
  }
  const day = generateDay(defined({ kind, players, realms, maps, factors, random: seededRandom(seed) }))
  if (out !== undefined) await writeTrace(day, out)
  return day
}

/** Throws BAD_REQUEST when nothing is left to score. */
function warmUpOf({ recorded, samples }: Trace, { warmUpSeconds }: Options): number {
  const seconds = recorded?.seconds ?? samples * SAMPLE_SECONDS
  const warmUp = warmUpSeconds ?? (recorded === undefined ? WARM_UP_SECONDS : Math.min(WARM_UP_SECONDS, Math.floor(seconds / 10)))
  if (warmUp < seconds) return warmUp
  throw new StrataError('BAD_REQUEST', { problem: `the day has ${Math.round(seconds)} s: choose a shorter --warm-up than ${warmUp}` })
}
