import { spawn } from 'node:child_process'
import { createWriteStream } from 'node:fs'
import { readFile, rm } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { createInterface } from 'node:readline'
import { gameFolder, ownScript } from '../service/installation.ts'
import { orphanGuard } from './guarded.ts'
import type { StartOptions } from './options.ts'
import type { LocalWorld } from './world.ts'

/** Time for the bots to log out and write their report, in ms, before SIGKILL. */
const STOP_GRACE_MS = 20_000

/** What the bots' process prints once a second with --progress. */
export interface BotsProgress {
  online: number
  wanted: number
}

export interface Bots {
  /** Resolves with the bots' report when their process has ended; undefined when it wrote none. */
  ended: Promise<Record<string, unknown> | undefined>
  progress(): BotsProgress
  stop(): void
}

/** Starts the bots in a separate process. */
export function startBots(options: StartOptions, { matchmakerUrls, production }: Pick<LocalWorld, 'matchmakerUrls' | 'production'>): Bots {
  const state = resolve(options.state)
  const report = join(state, 'bots.json')
  const argument = (name: string, value: string | number | undefined): string[] => (value === undefined ? [] : [`--${name}`, String(value)])
  const child = spawn(
    process.execPath,
    [
      '--import',
      orphanGuard,
      options.botsScript ?? ownScript('gameserver/demo/bots/main'),
      '--progress',
      '--matchmaker',
      ...matchmakerUrls,
      ...argument('issuer', production?.openId.issuer),
      ...argument('client-id', production?.openId.client),
      ...argument('redirect-uri', production?.openId.redirectUri),
      ...argument('bots', options.bots),
      ...argument('seconds', options.seconds),
      ...argument('report', report),
      ...argument('seed', options.seed),
      ...(options.acquainted === true ? ['--acquainted'] : []),
      ...(options.trace === undefined
        ? []
        : [...argument('trace', resolve(options.trace)), ...argument('speed', options.speed), ...argument('scale', options.scale)]),
    ],
    { cwd: gameFolder, stdio: ['pipe', 'pipe', 'pipe'], detached: true },
  )
  let progress: BotsProgress = { online: 0, wanted: options.bots }
  child.stdin.on('error', () => undefined)
  child.stderr.pipe(createWriteStream(join(state, 'log', 'bots.log'), { flags: 'a' }))
  createInterface(child.stdout).on('line', (line) => {
    try {
      progress = { ...progress, ...(JSON.parse(line) as Partial<BotsProgress>) } // the bots print one JSON object per line
    } catch {
      // Other output.
    }
  })
  const closed = new Promise<void>((resolve) => child.once('close', () => resolve()))
  return {
    progress: () => progress,
    stop: () => {
      child.kill('SIGTERM')
      setTimeout(() => child.kill('SIGKILL'), STOP_GRACE_MS).unref()
    },
    ended: closed.then(async () => {
      const text = await readFile(report, 'utf8').catch(() => undefined)
      await rm(report, { force: true })
      return text === undefined ? undefined : (JSON.parse(text) as Record<string, unknown>) // the bots wrote it
    }),
  }
}
