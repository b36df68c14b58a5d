import { seededRandom } from '../../model/random.ts'
import type { Bug } from './bugs.ts'
import { sayHappening } from './happening.ts'
import { installGlobals } from './kernel/globals.ts'
import { type Broken, Kernel } from './kernel/kernel.ts'
import { calmProblem } from './rules/calmRules.ts'
import { watchLive } from './rules/liveRules.ts'
import { RecoveryRules } from './rules/recoveryRules.ts'
import type { Scenario } from './scenario.ts'
import { spring, strike } from './strike.ts'
import { type Keys, SimWorld } from './world.ts'

export interface RunOptions {
  keys: Keys
  bug?: Bug | undefined
  /** What the processes log goes into the history, too. */
  logs?: boolean
}

export interface Outcome {
  broken: Broken | undefined
  steps: number
  /** Virtual time from the beginning to the end. */
  elapsedMs: number
  history: readonly string[]
  counts: ReadonlyMap<string, number>
}

const START = 1_700_000_000_000
/** Everybody who wants to be in the world is in it so soon after the last fault. */
const CALM_WITHIN_MS = 45_000
const LOOK_EVERY_MS = 1_000

/** One scenario from the beginning to rest, or to the first broken rule. */
export async function run(scenario: Scenario, { keys, bug, logs = false }: RunOptions): Promise<Outcome> {
  const kernel = new Kernel(START)
  const rejected = (reason: unknown): void => {
    const what = reason instanceof Error ? reason.stack : String(reason)
    kernel.break('X1', `${kernel.current.name} left a rejection unheard, which ends a process: ${what}`)
  }
  using undo = new DisposableStack()
  undo.use(installGlobals(kernel, seededRandom(scenario.seed)))
  const realFetch = globalThis.fetch
  undo.defer(() => {
    globalThis.fetch = realFetch
  })
  process.on('unhandledRejection', rejected)
  undo.defer(() => process.off('unhandledRejection', rejected))

  const world = new SimWorld(kernel, scenario, keys, { bug, logs })
  globalThis.fetch = world.front.fetch as typeof fetch // as much of it as the SDK uses
  const recovery = new RecoveryRules(world)
  world.observer = {
    trouble: (forMs) => recovery.trouble(forMs),
    emptied: () => recovery.emptied(),
    serverLost: (name) => recovery.serverLost(name),
    moment: (when, order) => spring(world, when, order),
  }
  watchLive(world)
  await world.open(scenario)
  for (const happening of scenario.happenings) {
    kernel.after(kernel.world, happening.at, () => {
      kernel.tell(`* ${sayHappening(happening)}`)
      strike(world, happening)
    })
  }
  await kernel.runUntil(START + scenario.calmAt)
  world.calm()
  await kernel.runUntil(recovery.endsAt)
  const deadline = kernel.now() + CALM_WITHIN_MS
  while (kernel.broken === undefined) {
    await kernel.runUntil(kernel.now() + LOOK_EVERY_MS)
    const problem = calmProblem(world)
    if (problem === undefined) break
    if (kernel.now() >= deadline) kernel.break(problem.rule, `${problem.what}, ${CALM_WITHIN_MS / 1000} s after the last fault`)
  }
  return { broken: kernel.broken, steps: kernel.steps, elapsedMs: kernel.elapsed, history: kernel.history, counts: kernel.counts }
}
