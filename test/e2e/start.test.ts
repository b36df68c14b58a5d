import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { cp, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { afterEach, beforeEach, expect, it } from 'vitest'

let folder: string
let running: StartProcess | undefined

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'strata-e2e-'))
})
afterEach(async () => {
  await running?.[Symbol.asyncDispose]()
  running = undefined
  await rm(folder, { recursive: true, force: true })
})

/** `npm start` as a separate process, with its own Redis and random ports. */
class StartProcess implements AsyncDisposable {
  output = ''
  readonly #process: ChildProcess
  readonly #ended: Promise<unknown[]>

  constructor(...args: string[]) {
    const { REDIS_URL: _, DATABASE_URL: __, ...env } = process.env
    const ports = ['--matchmaker-port', '0', '--orchestrator-port', '0']
    this.#process = spawn(process.execPath, ['local/main.ts', '--state', folder, '--no-view', ...ports, ...args], { env, stdio: ['ignore', 'pipe', 'pipe'] })
    this.#ended = once(this.#process, 'close')
    for (const stream of [this.#process.stdout, this.#process.stderr]) stream?.on('data', (chunk: Buffer) => (this.output += chunk.toString()))
  }

  async prints(text: string): Promise<void> {
    for (let waited = 0; !this.output.includes(text); waited += 50) {
      if (waited > 60_000 || this.#process.exitCode !== null) throw new Error(`"${text}" was not printed:\n${this.output}`)
      await pause(50)
    }
  }

  async ended(): Promise<number> {
    const [code] = await this.#ended
    return Number(code)
  }

  signal(signal: NodeJS.Signals): void {
    this.#process.kill(signal)
  }

  /** All descendant processes: command lines by pid. */
  async descendants(): Promise<Map<number, string>> {
    const found = new Map<number, string>()
    const parents = new Set([this.#process.pid])
    // /proc lists parents before children nearly always. Four rounds are enough for the depth of this tree.
    for (let round = 0; round < 4; round++) {
      for (const entry of await readdir('/proc')) {
        const stat = await readFile(`/proc/${entry}/stat`, 'utf8').catch(() => '')
        const parent = Number(/\) \S (\d+)/.exec(stat)?.[1])
        if (!parents.has(parent) || !/^\d+$/.test(entry)) continue
        parents.add(Number(entry))
        found.set(Number(entry), (await readFile(`/proc/${entry}/cmdline`, 'utf8').catch(() => '')).replaceAll('\0', ' '))
      }
    }
    return found
  }

  async kill(script: string): Promise<void> {
    const [pid] = [...(await this.descendants())].find(([, command]) => command.includes(script)) ?? []
    if (pid === undefined) throw new Error(`${script} is not running`)
    process.kill(pid, 'SIGKILL')
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#process.exitCode === null && this.#process.signalCode === null) this.#process.kill('SIGINT')
    await this.#ended
  }
}

const alive = (pid: number): boolean => {
  try {
    return process.kill(pid, 0)
  } catch {
    return false
  }
}

it('D3: no player is kicked when the matchmaker and the orchestrator are killed', { timeout: 120_000 }, async () => {
  const report = join(folder, 'report.json')
  running = new StartProcess('--bots', '60', '--seconds', '30', '--report', report)
  await running.prints('ready')
  await pause(8_000)
  await running.kill('matchmaker/main.ts')
  await pause(5_000)
  await running.kill('orchestrator/main.ts')
  expect(await running.ended(), running.output).toBe(0)
  const written: unknown = JSON.parse(await readFile(report, 'utf8'))
  expect(written).toMatchObject({ kicked: 0, partySplits: 0, seatsOverHardCap: 0, movesFailed: 0, restarts: 2 })
  // A few bots may have given up while the matchmaker was down.
  expect(written).toHaveProperty(
    'players',
    expect.toSatisfy((players: number) => players > 50),
  )
})

it('Ctrl-C stops all processes; the next start uses the same state', { timeout: 120_000 }, async () => {
  for (let round = 0; round < 2; round++) {
    running = new StartProcess('--bots', '6')
    await running.prints('ready')
    await pause(1_000)
    const processes = await running.descendants()
    expect(processes.size).toBeGreaterThan(6)
    running.signal('SIGINT')
    expect(await running.ended(), running.output).toBe(0)
    expect([...processes].filter(([pid]) => alive(pid))).toEqual([])
  }
})

it('X1: a port in use is reported with the option that changes it', async () => {
  const other = createServer().listen(0, '127.0.0.1')
  await once(other, 'listening')
  const address = other.address()
  const port = typeof address === 'object' && address !== null ? address.port : 0
  running = new StartProcess('--matchmaker-port', String(port))
  expect(await running.ended()).toBe(1)
  expect(running.output).toContain(String(port))
  expect(running.output).toContain('--matchmaker-port')
  expect(running.output).not.toContain('    at ')
  other.close()
})

it('X1: a broken policy is reported with its line, and nothing starts', async () => {
  const policies = join(folder, 'fleets')
  await cp('fleets', policies, { recursive: true })
  const forest = await readFile(join(policies, 'forest.yaml'), 'utf8')
  await writeFile(join(policies, 'forest.yaml'), forest.replace('soft: 40', 'soft: 400'))
  running = new StartProcess('--policies', policies)
  expect(await running.ended()).toBe(1)
  expect(running.output).toMatch(/forest\.yaml:\d+:\d+/)
  expect(running.output).toContain('capacity')
  expect(running.output).not.toContain('    at ')
})
