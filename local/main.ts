import { mkdir, rm, writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { pino } from 'pino'
import { StrataError } from '../model/errors.ts'
import type { Policies } from '../model/policy/policy.ts'
import { startBots } from './bots.ts'
import { buildConsole, consoleHint } from './console.ts'
import { buildDemo, serveDemo } from './demo.ts'
import { Display } from './display.ts'
import { startGameProcess } from './gameProcess.ts'
import { lockState } from './lock.ts'
import { DEMO_PORT, readStartOptions, type StartOptions } from './options.ts'
import { drawPopulation } from './picture.ts'
import { writeReport } from './report.ts'
import { RunStats } from './runStats.ts'
import { stopSignal, stopWithParent } from './services/stopSignal.ts'
import { watchCode } from './watchCode.ts'
import { startWorld } from './world.ts'

const say = (line: string): boolean => process.stdout.write(`${line}\n`)

/** Parts of the state folder that `--fresh` deletes. Keys and logs stay. */
const freshDeletes = ['postgres', 'redis']

const options = readStartOptions(process.argv.slice(2))
stopWithParent()
const stopping = stopSignal()

try {
  await run(options)
  process.exit(0)
} catch (error) {
  if (stopping.aborted) process.exit(0)
  process.stderr.write(`\n${error instanceof Error ? error.message : String(error)}\n`)
  if (!(error instanceof StrataError)) process.stderr.write(`${error instanceof Error ? (error.stack ?? '') : ''}\n`)
  process.exit(1)
}

async function run(start: StartOptions): Promise<void> {
  const state = resolve(start.state)
  await mkdir(join(state, 'log'), { recursive: true })
  await using stack = new AsyncDisposableStack()
  stack.use(await lockState(state))
  if (start.fresh) for (const part of freshDeletes) await rm(join(state, part), { recursive: true, force: true })
  const log = pino(
    { name: 'supervisor', level: process.env['LOG_LEVEL'] ?? 'info' },
    pino.destination({ dest: join(state, 'log', 'supervisor.log'), sync: false }),
  )
  const began = Date.now()
  const timed = (what: string): boolean => say(`${((Date.now() - began) / 1000).toFixed(1).padStart(5)} s  ${what}`)
  const built = buildConsole(timed, stopping).then(() => buildDemo(timed, stopping))
  const world = stack.use(await startWorld(start, timed, log, stopping))
  await built
  // In production players sign in at the studio's provider; the demo has only the development login.
  const demo = world.production === undefined ? await serveDemo({ matchmaker: world.matchmakerUrl, port: start.demoPort ?? DEMO_PORT, log }) : undefined
  if (demo !== undefined) stack.use(demo)
  timed('ready\n')
  if (demo !== undefined) say(`play       ${demo.url}/   (two tabs are two players; docs/how-to/demo.md)`)
  say(`console    ${world.orchestratorUrl}/   (${consoleHint(world)})`)
  say(`players    ${world.matchmakerUrl}   (API: ${world.matchmakerUrl}/openapi.json)`)
  if (world.production !== undefined) say(`identity   ${world.production.openId.issuer}/.well-known/openid-configuration`)
  say(`operators  ${world.orchestratorUrl}/v1/status   (or: npx strata status)`)
  say(`policies   ${resolve(start.policies)}   (changes take effect at once)`)
  say(`logs       ${join(state, 'log')}`)
  for (const command of start.with ?? []) {
    const { name, address } = stack.use(await startGameProcess(command, world, { state, log }))
    say(`${name.padEnd(10)} ${(await address()) ?? `printed no address; see ${join(state, 'log', `${name}.log`)}`}`)
  }
  say('')

  const stats = stack.use(new RunStats(world.replica, () => world.policies.policies(), { now: Date.now }))
  const bots = start.bots > 0 || start.trace !== undefined ? startBots(start, world) : undefined
  const display = start.view ? new Display({ world, stats, bots: () => bots?.progress(), output: process.stdout }) : undefined
  const note = (line: string): void => (display === undefined ? void say(line) : display.note(line))
  if (start.watch !== undefined) {
    const renew = async (): Promise<void> => {
      try {
        note(`code changed: ${(await world.host.renew()).join(', ')} started, and takes over the players of the servers before it`)
      } catch (error) {
        note(`code changed, but the game servers stay as they are: ${error instanceof Error ? error.message : String(error)}`)
      }
    }
    stack.use(watchCode(start.watch, renew))
  }

  const stopped = new Promise<void>((done) => {
    stopping.addEventListener('abort', () => done(), { once: true })
    if (start.seconds !== undefined && bots === undefined) setTimeout(done, start.seconds * 1000)
  })
  await Promise.race(
    bots === undefined ? [stopped] : start.seconds === undefined && start.trace === undefined ? [stopped, unexpectedEnd(bots.ended)] : [stopped, bots.ended],
  )
  bots?.stop()
  const botReport = await bots?.ended
  display?.[Symbol.dispose]()
  say('stopping')
  const restarts = world.children.reduce((sum, child) => sum + child.restarts, 0)
  if (start.report !== undefined) await writeReport(start.report, { stats, bots: botReport, restarts })
  if (start.picture !== undefined) await writePicture(start.picture, stats, world.policies.policies())
}

/** Rejects when bots without a time limit end: that is a failure. */
async function unexpectedEnd(ended: Promise<unknown>): Promise<never> {
  await ended
  throw new Error(`the bots ended unexpectedly; see ${join(resolve(options.state), 'log', 'bots.log')}`)
}

/** Draws the map that opened most copies. Copies of instances are no layers of one crowd. */
async function writePicture(file: string, stats: RunStats, policies: Policies): Promise<void> {
  const zones = Object.entries(stats.openedByMap).filter(([map]) => policies.get(map)?.kind !== 'instance')
  const [map] = zones.sort((a, b) => b[1] - a[1])[0] ?? []
  if (map !== undefined) await writeFile(resolve(file), drawPopulation(stats.samples, map, policies.get(map)?.capacity.hard ?? 100))
}
