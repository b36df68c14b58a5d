import { existsSync, realpathSync } from 'node:fs'
import { readFile, stat } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { gameFolder } from '../service/installation.ts'
import type { Logger } from '../service/log.ts'
import { Child } from './child.ts'
import type { LocalWorld } from './world.ts'

/** Longest time for a process to print its address, in ms. */
const ADDRESS_WITHIN_MS = 30_000
/** Pause between two reads of its log, in ms. */
const POLL_MS = 100

export interface GameProcess extends AsyncDisposable {
  name: string
  /** The first address that the process prints; undefined when it prints none in time. */
  address(): Promise<string | undefined>
}

/** Starts another process of the game, such as the development server of its client: a script, or a program of node_modules/.bin, with arguments. */
export async function startGameProcess(
  command: string,
  { matchmakerUrl, orchestratorUrl }: Pick<LocalWorld, 'matchmakerUrl' | 'orchestratorUrl'>,
  { state, log }: { state: string; log: Logger },
): Promise<GameProcess> {
  const [program = '', ...args] = command.trim().split(/\s+/)
  const linked = join(gameFolder, 'node_modules', '.bin', program)
  const name = basename(program).replace(/\.[cm]?[jt]s$/, '')
  const logFile = join(state, 'log', `${name}.log`)
  const { size: before } = await stat(logFile).catch(() => ({ size: 0 }))
  const child = new Child({
    name,
    command: [existsSync(linked) ? realpathSync(linked) : program, ...args],
    root: gameFolder,
    env: { STRATA_MATCHMAKER: matchmakerUrl, STRATA_ORCHESTRATOR: orchestratorUrl },
    logFile,
    log,
  })
  return {
    name,
    async address() {
      for (const deadline = AbortSignal.timeout(ADDRESS_WITHIN_MS); !deadline.aborted; await pause(POLL_MS)) {
        const printed = (await readFile(logFile).catch(() => Buffer.alloc(0))).subarray(before).toString()
        const [address] = /https?:\/\/[\w.[\]-]+:\d+\/?(?=\s)/.exec(printed) ?? []
        if (address !== undefined) return address
      }
      return undefined
    },
    [Symbol.asyncDispose]: () => child[Symbol.asyncDispose](),
  }
}
