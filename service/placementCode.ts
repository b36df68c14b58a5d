import { resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { Counter, type Registry } from 'prom-client'
import { z } from 'zod'
import { StrataError } from '../model/errors.ts'
import { containedSignals } from '../model/policy/containedSignals.ts'
import { GAME_SIGNAL_NAME, type GameSignals } from '../model/policy/gameSignal.ts'
import type { Logger } from './log.ts'

/** Setting of matchmaker and orchestrator: both must load the same code, because both rank copies. */
export const placementSettings = {
  /** Module with the game's own placement signals, such as "./placement.ts". Relative to the folder in which the process starts. */
  PLACEMENT_CODE: z.string().min(1).optional(),
}

/** What the game's module exports. */
export interface PlacementCode {
  signals: GameSignals
}

const NOTHING: PlacementCode = { signals: {} }

/**
 * Loads the game's module. Its signals never throw; `failed` gets each failure. Throws SETTING_INVALID when the module cannot be loaded or exports something else,
 * so that a process with half of the game's rules does not start.
 */
export async function loadPlacementCode(path: string | undefined, failed: (name: string, problem: unknown) => void): Promise<PlacementCode> {
  if (path === undefined) return NOTHING
  const refuse = (problem: string, cause?: unknown): never => {
    throw new StrataError('SETTING_INVALID', { setting: 'PLACEMENT_CODE', problem }, { cause })
  }
  const module: Record<string, unknown> = await import(pathToFileURL(resolve(path)).href).catch((error: unknown) =>
    refuse(`${path}: ${problemText(error)}`, error),
  )
  const { signals = {} } = module
  if (typeof signals !== 'object' || signals === null) return refuse(`${path}: "signals" must be an object of functions`)
  for (const [name, signal] of Object.entries(signals)) {
    if (!GAME_SIGNAL_NAME.test(name)) refuse(`${path}: signals.${name}: a name is a letter, then letters and digits, at most 40`)
    if (typeof signal !== 'function') refuse(`${path}: signals.${name} must be a function`)
  }
  return { signals: containedSignals(signals as GameSignals, failed) } // checked above
}

/** The same for a process that runs for days: each signal's first failure is logged, and all are counted. */
export async function watchedPlacementCode(path: string | undefined, { registry, log }: { registry: Registry; log: Logger }): Promise<PlacementCode> {
  const failures = new Counter({
    name: 'strata_placement_code_failures_total',
    help: "Calls of the game's placement code that threw or returned no number, by function; each counted 0",
    labelNames: ['function'],
    registers: [registry],
  })
  const logged = new Set<string>()
  const code = await loadPlacementCode(path, (name, problem) => {
    failures.inc({ function: name })
    if (logged.has(name)) return
    logged.add(name)
    log.error({ err: problem, signal: name }, 'a placement signal of the game failed; it counts 0, and further failures are only counted')
  })
  const loaded = Object.keys(code.signals)
  for (const name of loaded) failures.inc({ function: name }, 0)
  if (loaded.length > 0) log.info({ signals: loaded, module: path }, 'placement signals of the game are loaded')
  return code
}

export function problemText(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
