import { resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { Counter, type Registry } from 'prom-client'
import { z } from 'zod'
import { StrataError } from '../model/errors.ts'
import { containedSignals } from '../model/policy/containedSignals.ts'
import { GAME_SIGNAL_NAME, type GameSignals, type PlacementCode } from '../model/policy/gameSignal.ts'
import { containedKeys, type InstanceKeys, KEYS_PREFIX } from '../model/policy/instanceKey.ts'
import type { Logger } from './log.ts'

/** Setting of matchmaker and orchestrator: both must load the same code, because both rank copies. */
export const placementSettings = {
  /** Module with the game's own placement signals and instance keys, such as "./placement.ts". Relative to the folder in which the process starts. */
  PLACEMENT_CODE: z.string().min(1).optional(),
}

/**
 * Loads the game's module. Its functions never throw; `failed` gets each failure. Throws SETTING_INVALID when the module cannot be loaded or exports something else,
 * so that a process with half of the game's rules does not start.
 */
export async function loadPlacementCode(path: string | undefined, failed: (name: string, problem: unknown) => void): Promise<PlacementCode> {
  if (path === undefined) return { signals: {}, instanceKeys: {}, failed }
  const refuse = (problem: string, cause?: unknown): never => {
    throw new StrataError('SETTING_INVALID', { setting: 'PLACEMENT_CODE', problem }, { cause })
  }
  const module: Record<string, unknown> = await import(pathToFileURL(resolve(path)).href).catch((error: unknown) =>
    refuse(`${path}: ${problemText(error)}`, error),
  )
  const functions = (exported: 'signals' | 'instanceKeys'): object => {
    const { [exported]: named = {} } = module
    if (typeof named !== 'object' || named === null) return refuse(`${path}: "${exported}" must be an object of functions`)
    for (const [name, code] of Object.entries(named)) {
      if (!GAME_SIGNAL_NAME.test(name)) refuse(`${path}: ${exported}.${name}: a name is a letter, then letters and digits, at most 40`)
      if (typeof code !== 'function') refuse(`${path}: ${exported}.${name} must be a function`)
    }
    return named
  }
  return {
    signals: containedSignals(functions('signals') as GameSignals, failed), // checked above
    instanceKeys: containedKeys(functions('instanceKeys') as InstanceKeys, failed),
    failed,
  }
}

/** The same for a process that runs for days: each function's first failure is logged, and all are counted. */
export async function watchedPlacementCode(path: string | undefined, { registry, log }: { registry: Registry; log: Logger }): Promise<PlacementCode> {
  const failures = new Counter({
    name: 'strata_placement_code_failures_total',
    help: "Calls of the game's placement code that threw or returned nothing valid, by function; a signal counts 0 then, and an instance is private to its party",
    labelNames: ['function'],
    registers: [registry],
  })
  const logged = new Set<string>()
  const code = await loadPlacementCode(path, (name, problem) => {
    failures.inc({ function: name })
    if (logged.has(name)) return
    logged.add(name)
    const result = name.startsWith(KEYS_PREFIX) ? 'the instance is private to its party' : 'the signal counts 0'
    log.error({ err: problem, function: name }, `the placement code of the game failed; ${result}, and further failures are only counted`)
  })
  const loaded = [...Object.keys(code.signals), ...Object.keys(code.instanceKeys).map((name) => `${KEYS_PREFIX}${name}`)]
  for (const name of loaded) failures.inc({ function: name }, 0)
  if (loaded.length > 0) log.info({ functions: loaded, module: path }, 'the placement code of the game is loaded')
  return code
}

export function problemText(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
