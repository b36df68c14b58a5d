import { spawn } from 'node:child_process'
import { globSync } from 'node:fs'
import { cp, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { afterAll, beforeAll, expect, it, vi } from 'vitest'
import { statusResponse } from '../../model/wire/admin.ts'
import { playersResponse } from '../../model/wire/world.ts'
import { codeBlocks, root } from '../docs/codeBlocks.ts'
import { OutputProcess } from '../docs/outputProcess.ts'
import { type NotRun, notRun, otherCodes, replaced } from './commandPlaces.ts'

/** Every shell command of the pages runs as it is written, against one local world with bots, or has a reason in `commandPlaces.ts`. */
interface Written {
  page: string
  line: number
  command: string
}

const BOTS = 12
/** A command that watches prints within this time, in ms, and is then stopped. */
const WATCHED_MS = 20_000
/** Longest time of a command, in ms. */
const DEADLINE_MS = 120_000

/** How often a command that failed runs again, and the pause before, in ms. */
const REPEATS = 3
const REPEAT_MS = 3_000

let folder: string
let world: OutputProcess
let endpoints: { matchmaker: string; orchestrator: string; operatorToken: string }
const commands: Written[] = []
const reasonOf = ({ page, command }: Written): NotRun | undefined =>
  notRun.find((one) => (one.page === undefined || one.page === page) && (one.begins === undefined || command.startsWith(one.begins)))

beforeAll(async () => {
  for (const page of ['README.md', ...globSync('docs/**/*.md', { cwd: root }).sort()]) {
    for (const { language, text, line } of await codeBlocks(page))
      if (language === 'sh') commands.push(...commandsOf(text).map((command) => ({ page, line, command })))
  }
  folder = await mkdtemp(join(tmpdir(), 'strata-commands-'))
  // Commands name files from the root of the repository. They may change the policies, so these are copies.
  for (const name of ['docs', 'bench', 'node_modules']) await symlink(join(root, name), join(folder, name))
  await cp(join(root, 'fleets'), join(folder, 'fleets'), { recursive: true })
  await mkdir(join(folder, 'drafts'))
  await writeFile(join(folder, 'drafts/forest.yaml'), (await readFile(join(root, 'fleets/forest.yaml'), 'utf8')).replace('hard: 50', 'hard: 60'))
  const ports = ['matchmaker', 'orchestrator', 'demo'].flatMap((name) => [`--${name}-port`, '0'])
  const options = ['--bots', String(BOTS), '--no-view', '--state', join(folder, '.strata'), '--policies', join(folder, 'fleets')]
  world = new OutputProcess({}, 'local/main.ts', ...options, ...ports)
  await world.prints(/ready\n/, 200_000)
  endpoints = JSON.parse(await readFile(join(folder, '.strata/endpoints.json'), 'utf8')) as typeof endpoints // written by npm start
  await cp(join(folder, '.strata/keys'), join(folder, 'keys'), { recursive: true })
  for (const name of ['Rude Rita', 'Swift Sam', '4711']) await makeCharacter(name)
  await vi.waitFor(async () => expect((await players()).map(({ name }) => name)).toContain('Ada 1'), { timeout: 120_000, interval: 1_000 })
  await vi.waitFor(async () => expect((await players('forest')).length).toBeGreaterThan(1), { timeout: 120_000, interval: 1_000 })
  // The first minute of the world is recorded when it is over, and some commands need it.
  await vi.waitFor(async () => expect(await problemOf('npx strata record export --out first-minute.csv.gz')).toBeUndefined(), {
    timeout: 180_000,
    interval: 5_000,
  })
  // A second copy of the forest, which some commands need, stays.
  await order('/v1/holds', { map: 'forest', minutes: 60, reason: 'commands of the docs' })
})
afterAll(async () => {
  await world?.[Symbol.asyncDispose]()
  await rm(folder, { recursive: true, force: true })
})

it('every row of the list of commands that do not run fits a command', () => {
  const used = new Set(commands.map(reasonOf))
  expect(notRun.filter((one) => !used.has(one))).toEqual([])
  expect(Object.keys(otherCodes).filter((code) => !commands.some(({ command }) => command === code))).toEqual([])
  expect(replaced.filter(([written]) => !commands.some((one) => reasonOf(one) === undefined && one.command.includes(written)))).toEqual([])
})

it('every other command of the pages runs as written', { timeout: 900_000 }, async () => {
  // From a run of this test that failed.
  await rm(join(folder, 'day.csv.gz'), { force: true })
  const failed: string[] = []
  const run = commands.filter((one) => reasonOf(one) === undefined)
  for (const { page, line, command } of run) {
    // A player may travel and a copy may close between the question for its name and the command, and a recording begins some seconds after the world.
    let problem = await problemOf(command)
    for (let again = 0; problem !== undefined && again < REPEATS; again++) {
      await pause(REPEAT_MS)
      problem = await problemOf(command)
    }
    if (problem !== undefined) failed.push(`${page}:${line} ${command}\n${problem}`)
  }
  expect(failed.join('\n\n')).toBe('')
  expect(run.length).toBeGreaterThan(40)
})

/** The commands of a block: comments are gone, and a line that ends with a backslash goes on. */
function commandsOf(text: string): string[] {
  return text
    .replaceAll(/\\\n\s*/g, ' ')
    .split('\n')
    .map((one) => one.replace(/(^|\s+)#.*$/, '').trim())
    .filter((one) => one !== '')
}

/** Runs a command in bash, in the folder of the world. Undefined: it ended as it should. */
async function problemOf(command: string): Promise<string | undefined> {
  const watches = / (-w|--watch|-f)$/.test(command)
  const text = replaced.reduce((one, [from, to]) => one.replaceAll(from, to), command)
  const names = /\$(COPY|SERVER|PLAYER)/.test(text) ? await present() : {}
  // npx finds the command of the checkout; so does this function, without the start of npm. Where jq is not installed, its filter is not tried.
  const prelude =
    'npx() { [ "$1" = strata ] && shift && strata "$@"; }; command -v jq >/dev/null || jq() { cat; }; strata() { "$ROOT/cli/strata.sh" "$@"; }; set -o pipefail'
  const environment = { ...process.env, ...names, ROOT: root, MATCHMAKER: endpoints.matchmaker, STRATA_STATE: join(folder, '.strata') }
  const child = spawn('bash', ['-c', `${prelude}\n${text}`], {
    cwd: folder,
    detached: true,
    env: { ...environment, STRATA_CONFIG: join(folder, 'config.yaml') },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let output = ''
  const stop = (): void => void (child.pid !== undefined && process.kill(-child.pid, 'SIGTERM'))
  const append = (chunk: Buffer): void => {
    output += chunk.toString()
    if (watches) stop()
  }
  child.stdout.on('data', append)
  child.stderr.on('data', append)
  const timer = setTimeout(stop, watches ? WATCHED_MS : DEADLINE_MS)
  const code = await new Promise<number | null>((done) => child.once('close', done))
  clearTimeout(timer)
  if (watches) return output === '' || output.startsWith('strata:') ? `printed nothing, or a problem: ${output}` : undefined
  return code === (otherCodes[command] ?? 0) ? undefined : `ended with ${code}: ${output.slice(-600)}`
}

/** Names for commands that need some: the open copy of the forest with the fewest players, a player in another one, and a server that hosts copies. */
async function present(): Promise<{ COPY: string; SERVER: string; PLAYER: string }> {
  if ((await forest()).open.length < 2) await order('/v1/open', { map: 'forest', reason: 'commands of the docs' })
  return await vi.waitFor(
    async () => {
      const { open, servers } = await forest()
      const [copy] = open
      const server = servers.find(({ draining, fleet, copies: hosted }) => !draining && fleet === 'overworld' && hosted > 0)
      const player = (await players('forest')).find((one) => one.copy !== copy?.copy)
      if (open.length < 2 || copy === undefined || server === undefined || player === undefined)
        throw new Error('the forest has no two open copies, one of them with players')
      return { COPY: copy.copy, SERVER: server.id, PLAYER: player.name }
    },
    { timeout: 60_000, interval: 500 },
  )
}

/** The open copies of the forest, the one with the fewest players first, and all servers. */
async function forest() {
  const answer = await fetch(`${endpoints.orchestrator}/v1/status`)
  const { copies, servers } = statusResponse.parse(await answer.json())
  return { open: copies.filter(({ map, state }) => map === 'forest' && state === 'open').sort((one, other) => one.players - other.players), servers }
}

async function order(path: string, body: unknown): Promise<void> {
  const headers = { authorization: `Bearer ${endpoints.operatorToken}`, 'content-type': 'application/json' }
  const answer = await fetch(endpoints.orchestrator + path, { method: 'POST', headers, body: JSON.stringify(body) })
  if (!answer.ok) throw new Error(`${path}: ${await answer.text()}`)
}

async function players(map?: string): Promise<{ name: string; copy: string }[]> {
  const query = map === undefined ? '' : `?map=${map}`
  const answer = await fetch(`${endpoints.orchestrator}/v1/players${query}`, { headers: { authorization: `Bearer ${endpoints.operatorToken}` } })
  return playersResponse.parse(await answer.json()).players
}

/** An account and its character, both of this name. */
async function makeCharacter(name: string): Promise<void> {
  const post = async (path: string, body: unknown, session?: string): Promise<{ session?: string }> => {
    const headers = { 'content-type': 'application/json', ...(session === undefined ? {} : { authorization: `Bearer ${session}` }) }
    const answer = await fetch(endpoints.matchmaker + path, { method: 'POST', headers, body: JSON.stringify(body) })
    if (!answer.ok) throw new Error(`${path}: ${await answer.text()}`)
    return (await answer.json()) as { session?: string } // the login answers with one
  }
  const { session } = await post('/v1/login', { account: name })
  await post('/v1/characters', { name: /^\d+$/.test(name) ? 'Erased Ed' : name }, session)
}
