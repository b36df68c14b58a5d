import { mkdir, rm, writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { pino } from 'pino'
import { StrataError } from '../model/errors.ts'
import { startBots } from './bots.ts'
import { Display } from './display.ts'
import { lockState } from './lock.ts'
import { readStartOptions, type StartOptions } from './options.ts'
import { drawCrowd } from './picture.ts'
import { writeReport } from './report.ts'
import { RunStats } from './runStats.ts'
import { startWorld } from './world.ts'

const say = (line: string): boolean => process.stdout.write(`${line}\n`)

/** Parts of the state folder that `--fresh` forgets; keys and logs stay. */
const forgotten = ['postgres', 'redis']

const options = readStartOptions(process.argv.slice(2))
const stopping = new AbortController()
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.on(signal, () => {
    if (stopping.signal.aborted) process.exit(1) // a second Ctrl-C: at once; children end with us
    stopping.abort()
  })
}

try {
  await run(options)
  process.exit(0)
} catch (error) {
  if (stopping.signal.aborted) process.exit(0)
  process.stderr.write(`\n${error instanceof Error ? error.message : String(error)}\n`)
  if (!(error instanceof StrataError)) process.stderr.write(`${error instanceof Error ? (error.stack ?? '') : ''}\n`)
  process.exit(1)
}

async function run(start: StartOptions): Promise<void> {
  const state = resolve(start.state)
  await mkdir(join(state, 'log'), { recursive: true })
  await using stack = new AsyncDisposableStack()
  stack.use(await lockState(state))
  if (start.fresh) for (const part of forgotten) await rm(join(state, part), { recursive: true, force: true })
  const log = pino(
    { name: 'supervisor', level: process.env['LOG_LEVEL'] ?? 'info' },
    pino.destination({ dest: join(state, 'log', 'supervisor.log'), sync: false }),
  )
  const began = Date.now()
  const world = stack.use(await startWorld(start, (what) => say(`${((Date.now() - began) / 1000).toFixed(1).padStart(5)} s  ${what}`), log, stopping.signal))
  say(`${((Date.now() - began) / 1000).toFixed(1).padStart(5)} s  ready\n`)
  say(`players    ${world.matchmakerUrl}   (API: ${world.matchmakerUrl}/openapi.json)`)
  say(`operators  ${world.orchestratorUrl}/v1/status   (or: npx strata status)`)
  say(`policies   ${resolve(start.policies)}   (edit one and watch it act)`)
  say(`logs       ${join(state, 'log')}\n`)

  const stats = stack.use(new RunStats(world.replica, () => world.policies.policies(), { now: Date.now }))
  const bots = start.bots > 0 || start.trace !== undefined ? startBots(start, world.matchmakerUrl) : undefined
  const display = start.view ? new Display(world, stats, () => bots?.progress(), process.stdout) : undefined

  const stopped = new Promise<void>((done) => {
    stopping.signal.addEventListener('abort', () => done(), { once: true })
    if (start.seconds !== undefined && bots === undefined) setTimeout(done, start.seconds * 1000)
  })
  await Promise.race(
    bots === undefined ? [stopped] : start.seconds === undefined && start.trace === undefined ? [stopped, died(bots.ended)] : [stopped, bots.ended],
  )
  bots?.stop()
  const seen = await bots?.ended
  display?.[Symbol.dispose]()
  say('stopping')
  const restarts = world.children.reduce((sum, child) => sum + child.restarts, 0)
  if (start.report !== undefined) await writeReport(start.report, stats, seen, restarts)
  if (start.picture !== undefined) await writePicture(start.picture, stats, world.policies.policies())
}

/** Bots that were to play for ever and ended: something is wrong, and their log says what. */
async function died(ended: Promise<unknown>): Promise<never> {
  await ended
  throw new Error(`the bots ended by themselves; see ${join(resolve(options.state), 'log', 'bots.log')}`)
}

/** The map with most copies is the one worth a picture. */
async function writePicture(file: string, stats: RunStats, policies: ReadonlyMap<string, { capacity: { hard: number } }>): Promise<void> {
  const [map] = Object.entries(stats.openedByMap).sort((a, b) => b[1] - a[1])[0] ?? []
  if (map !== undefined) await writeFile(resolve(file), drawCrowd(stats.samples, map, policies.get(map)?.capacity.hard ?? 100))
}
