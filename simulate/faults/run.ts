import { seededRandom } from '../../model/random.ts'
import { applyEvent, triggerAmbushes } from './applyEvent.ts'
import type { Bug } from './bugs.ts'
import { installGlobals } from './kernel/globals.ts'
import { type Broken, Kernel } from './kernel/kernel.ts'
import { finalProblem } from './rules/finalRules.ts'
import { watchLive } from './rules/liveRules.ts'
import { RecoveryRules } from './rules/recoveryRules.ts'
import type { Scenario } from './scenario.ts'
import { describeEvent } from './scenarioEvent.ts'
import { type Keys, SimWorld } from './world.ts'

export interface RunOptions {
  keys: Keys
  bug?: Bug | undefined
  /** Whether the history also contains the log lines of the processes. */
  logs?: boolean
}

export interface Outcome {
  broken: Broken | undefined
  steps: number
  /** Virtual time of the run, in ms. */
  elapsedMs: number
  history: readonly string[]
  counts: ReadonlyMap<string, number>
}

/** Instant, in ms, at which virtual time starts. */
const START = 1_700_000_000_000
/** Deadline for the final state, in ms after the last fault: every player who wants to be in the world is in it. */
const FINAL_WITHIN_MS = 45_000
/** Interval, in ms, between checks of the final state. */
const CHECK_EVERY_MS = 1_000

/** Runs one scenario until the final state holds, or until the first broken rule. */
export async function run(scenario: Scenario, { keys, bug, logs = false }: RunOptions): Promise<Outcome> {
  const kernel = new Kernel(START)
  const rejected = (reason: unknown): void => {
    const what = reason instanceof Error ? reason.stack : String(reason)
    kernel.ruleBroken('X1', `${kernel.current.name} left a promise rejection unhandled, which ends a process: ${what}`)
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
  globalThis.fetch = world.loadBalancer.fetch as typeof fetch // only the part of fetch that the SDK uses
  const recovery = new RecoveryRules(world)
  world.observer = recovery
  world.onMovePhase = (when, order) => triggerAmbushes(world, when, order)
  watchLive(world)
  await world.open(scenario)
  for (const event of scenario.events) {
    kernel.after(kernel.world, event.at, () => {
      kernel.record(`* ${describeEvent(event)}`)
      applyEvent(world, event)
    })
  }
  await kernel.runUntil(START + scenario.faultsEndAt)
  world.endFaults()
  await kernel.runUntil(recovery.endsAt)
  const deadline = kernel.now() + FINAL_WITHIN_MS
  while (kernel.broken === undefined) {
    await kernel.runUntil(kernel.now() + CHECK_EVERY_MS)
    const problem = finalProblem(world)
    if (problem === undefined) break
    if (kernel.now() >= deadline) kernel.ruleBroken(problem.rule, `${problem.what}, ${FINAL_WITHIN_MS / 1000} s after the last fault`)
  }
  return { broken: kernel.broken, steps: kernel.steps, elapsedMs: kernel.elapsed, history: kernel.history, counts: kernel.counts }
}
