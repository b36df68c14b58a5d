import { afterAll, describe, expect, it } from 'vitest'
import { kubectl } from '../world/kubectl.ts'
import { until } from '../world/until.ts'
import { createSdkAccount } from './nodeWorld.ts'
import { PageShell, pageCommands } from './pageShell.ts'

const MINUTE = 60_000
const commands = pageCommands('docs/tutorial/cluster.md')
const page = (from: number, to: number) =>
  commands.filter(({ heading }) => Number(/^(\d+)\./.exec(heading)?.[1] ?? 0) >= from && Number(/^(\d+)\./.exec(heading)?.[1] ?? 99) <= to)

/**
 * Programs that need a registry or make a cluster. Their work is done before: the images are built from the Dockerfile by buildah and imported into the nodes, and the
 * stand-in for Agones runs.
 */
const replaced = ['docker', 'kind', 'helm', 'gcloud'] as const

describe('docs/tutorial/cluster.md, every command after "a cluster exists", as the page has it', () => {
  const shell = new PageShell({ replaced })
  afterAll(() => shell[Symbol.dispose]())
  const run = (all: readonly { text: string }[]): Promise<string> => shell.run(all)

  it(
    '2 to 5: namespace, keys, manifests, maps; every map becomes Ready',
    async () => {
      const [before, after] = [page(2, 3), page(4, 5)]
      await run(before)
      await createSdkAccount()
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
      // They come one after the other, as players in an evening.
      await until('bots in the world', async () => sum(await inWorld()) >= 10 || inWorld(), 5 * MINUTE, 1_000)
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
