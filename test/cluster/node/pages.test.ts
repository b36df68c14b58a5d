import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { Crowd } from '../world/crowd.ts'
import { kubectl } from '../world/kubectl.ts'
import { until } from '../world/until.ts'
import { fullest } from '../world/worldUnderTest.ts'
import { evict, NodeWorld } from './nodeWorld.ts'
import { PageShell, pageCommands } from './pageShell.ts'

const MINUTE = 60_000
const PLAYERS = 20
/** The second terminal of the tutorial: ways to the two Services, and the operator's token. */
const terminal = pageCommands('docs/tutorial/cluster.md').filter(
  ({ heading, text }) => heading.startsWith('6.') && (text.endsWith('&') || text.startsWith('export ')),
)

describe('commands of the pages for operators, as the pages have them', () => {
  let world: NodeWorld
  let crowd: Crowd
  beforeAll(async () => {
    world = await NodeWorld.start()
    crowd = await Crowd.entered(world.matchmaker, 'Reader', PLAYERS, 'forest')
  }, 20 * MINUTE)
  afterAll(async () => {
    await crowd?.[Symbol.asyncDispose]()
    await world?.[Symbol.asyncDispose]()
  }, 5 * MINUTE)

  const run = async (commands: readonly { text: string }[], words: (readonly [string, string])[] = []): Promise<string> => {
    using shell = new PageShell({ words })
    return shell.run([...terminal, ...commands])
  }
  const undisturbed = (): void => expect([crowd.online, crowd.stats.kicked], JSON.stringify(crowd.stats.report())).toEqual([PLAYERS, 0])

  it(
    'docs/how-to/drain-a-node.md: with a deadline, and server by server',
    async () => {
      const commands = pageCommands('docs/how-to/drain-a-node.md')
      const second = commands.findLastIndex(({ text }) => text.startsWith('kubectl cordon'))
      const words: [string, string][] = [['NODE', 'node-b']]
      expect(await run(commands.slice(0, second), words)).toContain('node/node-b drained')
      // A server with players is on the node again.
      await kubectl('uncordon', 'node-b')
      await kubectl('cordon', 'node-a')
      const { server } = fullest(crowd.copies, await world.status())
      await evict(server)
      await until('the evicted server is gone', async () => (await world.pods()).every(({ metadata }) => metadata?.name !== server), 5 * MINUTE, 1_000)
      await kubectl('uncordon', 'node-a')
      expect(await run(commands.slice(second), words)).toContain('node/node-b drained')
      expect((await world.pods()).filter(({ spec }) => spec?.nodeName === 'node-b')).toEqual([])
      await kubectl('uncordon', 'node-b')
      undisturbed()
    },
    15 * MINUTE,
  )

  it(
    'docs/how-to/rotate-keys.md: players notice nothing, and others enter with the new key',
    async () => {
      // The longest life of a ticket: nobody waits in line here.
      const output = await run(pageCommands('docs/how-to/rotate-keys.md'), [['sleep 3660', 'sleep 5']])
      expect(output).toContain('accepted keys changed')
      undisturbed()
      await using later = await Crowd.entered(world.matchmaker, 'Newcomer', 3, 'town')
      expect(later.stats.kicked).toBe(0)
    },
    10 * MINUTE,
  )

  it(
    'docs/how-to/roll-out.md: servers and status',
    async () => {
      expect(await run(pageCommands('docs/how-to/roll-out.md'))).toContain('Allocated')
      undisturbed()
    },
    5 * MINUTE,
  )

  it(
    'docs/how-to/runbook.md: the first look, and a policy that stays',
    async () => {
      // The stand-in for Agones is no pod. A `grep` for errors that finds none ends with 1.
      const commands = pageCommands('docs/how-to/runbook.md')
        .filter(({ text }) => !text.startsWith('kubectl -n agones-system'))
        .map(({ text }) => ({ text: text.includes('| grep ') ? `${text} || [ $? = 1 ]` : text }))
      const last = commands.findIndex(({ text }) => text.startsWith('k delete'))
      const [alias] = commands
      if (alias === undefined || last < 0) throw new Error('the page has other commands')
      expect(await run(commands.slice(0, last), [['MAP', 'forest']])).toContain('forest')
      undisturbed()
      await run([alias, ...commands.slice(last)])
      expect(await kubectl('get', 'mappolicies', '-o', 'name')).toBe('')
    },
    5 * MINUTE,
  )
})
