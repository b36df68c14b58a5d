import { spawn } from 'node:child_process'
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { commandsIn } from '../../docs/commandsIn.ts'
import { root } from '../../image/strataImage.ts'
import { environment, kubectl } from '../world/kubectl.ts'
import { until } from '../world/until.ts'

const MINUTE = 60_000
/** How long a command runs that watches until it is interrupted. */
const WATCHED_SECONDS = 10
/** Limit of all other commands, in seconds; the page says that removing everything takes up to ten minutes. */
const LIMIT_SECONDS = 720
const commands = commandsIn(readFileSync(join(root, 'docs/tutorial/cluster.md'), 'utf8'))
const page = (from: number, to: number) =>
  commands.filter(({ heading }) => Number(/^(\d+)\./.exec(heading)?.[1] ?? 0) >= from && Number(/^(\d+)\./.exec(heading)?.[1] ?? 99) <= to)

/**
 * Programs that need a registry or make a cluster. Their work is done before: the images are built from the Dockerfile by buildah and imported into the nodes, and the
 * stand-in for Agones runs. Each prints what it was called with.
 */
const replaced = ['docker', 'kind', 'helm', 'gcloud'] as const

describe('docs/tutorial/cluster.md, every command after "a cluster exists", as the page has it', () => {
  const folder = mkdtempSync(join(tmpdir(), 'strata-tutorial-'))
  const bin = join(folder, 'bin')
  const log = join(folder, 'log')
  beforeAll(async () => {
    mkdirSync(bin)
    for (const name of replaced) {
      writeFileSync(join(bin, name), `#!/bin/sh\necho "replaced: ${name} $*"\n`)
      chmodSync(join(bin, name), 0o755)
    }
  })
  afterAll(() => rmSync(folder, { recursive: true, force: true }))

  /** One shell for all commands, because some set variables and some run in the background. */
  async function run(all: readonly { text: string }[]): Promise<string> {
    const lines = all.flatMap(({ text }) => {
      const [background, watched] = [text.endsWith('&'), text.includes('--watch')]
      const shown = `printf '%s\\n' ${quoted(`+ ${text}`)}`
      const failed = `{ code=$?; echo "failed with $code: "${quoted(text)}; exit 1; }`
      if (text.startsWith('export ')) return [shown, text]
      // A reader takes a moment to type the next command.
      if (background) return [shown, text, 'sleep 2']
      const limited = `timeout ${watched ? WATCHED_SECONDS : LIMIT_SECONDS} bash -c ${quoted(text)}`
      // A watch ends by the limit, with 124.
      return [shown, watched ? `${limited} || [ $? = 124 ] || ${failed}` : `${limited} || ${failed}`]
    })
    const script = ['trap "kill 0" EXIT', ...lines, 'trap - EXIT', 'kill $(jobs -p) 2>/dev/null', 'exit 0'].join('\n')
    const child = spawn('bash', ['-c', script], { cwd: root, env: { ...environment, PATH: `${bin}:${environment.PATH}` }, detached: true })
    let output = ''
    for (const stream of [child.stdout, child.stderr])
      stream.on('data', (data: Buffer) => {
        output += data.toString()
        writeFileSync(log, output)
      })
    const code = await new Promise((done) => child.once('exit', done))
    if (code !== 0) throw new Error(`the commands ended with ${String(code)}:\n${output.slice(-4_000)}`)
    return output
  }

  it(
    '2 to 5: namespace, keys, manifests, maps; every map becomes Ready',
    async () => {
      const [before, after] = [page(2, 3), page(4, 5)]
      await run(before)
      // Agones' installer creates these in the namespace.
      await kubectl('create', 'serviceaccount', 'agones-sdk')
      await kubectl('create', 'rolebinding', 'agones-sdk', '--clusterrole=agones-sdk', '--serviceaccount=strata:agones-sdk')
      expect(await run(after)).toContain('mappolicy.strata.dev/forest created')
      const ready = () => kubectl('get', 'mappolicies', '-o', 'jsonpath={.items[*].status.conditions[?(@.type=="Ready")].status}')
      await until('every map Ready', async () => (await ready()) === 'True True True True True' || ready(), 5 * MINUTE, 1_000)
    },
    30 * MINUTE,
  )

  it(
    '6 and 7: bots as a pod, status, explain, a policy that is changed and one that is refused',
    async () => {
      const [players, policy] = [page(6, 6), page(7, 7)]
      const [bots, ...looks] = players
      if (bots === undefined) throw new Error('the page has no bots')
      await run([bots])
      const inWorld = () => kubectl('get', 'mappolicies', '-o', 'jsonpath={.items[*].status.players}')
      const sum = (text: string): number => text.split(' ').reduce((all, one) => all + Number(one), 0)
      await until('most bots in the world', async () => sum(await inWorld()) > 80 || inWorld(), 5 * MINUTE, 1_000)
      expect(await run(looks)).toContain('forest')
      const [change, watch, wrong] = policy
      if (change === undefined || watch === undefined || wrong === undefined) throw new Error('the page has another number of commands')
      await run([change, watch])
      await expect(run([wrong])).rejects.toThrow('must not be above capacity.hard')
    },
    15 * MINUTE,
  )

  it(
    '8 and 9: a new build under players, then everything is removed',
    async () => {
      const old = await kubectl('get', 'gameservers', '-o', 'name')
      // The second terminal of section 6.
      const terminal = page(6, 6).filter(({ text }) => text.endsWith('&') || text.startsWith('export '))
      await run([...terminal, ...page(8, 8)])
      await until(
        'no server of the old build',
        async () => (await kubectl('get', 'gameservers', '-o', 'name')).split('\n').every((name) => name === '' || !old.includes(name)),
        8 * MINUTE,
        1_000,
      )
      expect(await kubectl('logs', 'bots', '--tail=20')).not.toMatch(/kicked[^0]*[1-9]/)
      await run(page(9, 9))
      await until(
        'the namespace is gone',
        async () => (await kubectl('get', 'namespace', 'strata', '--ignore-not-found', '-o', 'name')) === '',
        10 * MINUTE,
        1_000,
      )
    },
    40 * MINUTE,
  )
})

const quoted = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`
