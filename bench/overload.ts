import { Agent, request } from 'node:http'
import { StrataClient } from '../client/index.ts'
import { seededRandom } from '../model/random.ts'
import { follow, Growth, numberAfter } from './endurance/growth.ts'
import { inFlight, quantile, type Report, rounded } from './report.ts'
import { say, startLocalWorld } from './world/localWorld.ts'
import { signInAs } from './world/signIn.ts'

/** Whether a matchmaker under more load than it can serve still serves, refuses the rest, and does not grow. */
export const summary = 'twice the requests that this machine serves: what is served and refused, with latency, and what grows; --minutes M (10), --accounts N'

/** Time in ms in which the capacity is measured, and requests in flight meanwhile. */
const CAPACITY_MS = 10_000
const CAPACITY_WIDTH = 32
const OVERLOAD = 2
/** A client gives up after this time, in ms. */
const GIVE_UP_MS = 10_000
const SAMPLE_MS = 10_000
/** Time in ms in which the world recovers after the load, before a player is served again at once. */
const RECOVERY_MS = 2_000
/** Requests of the load are started in steps of this many ms. */
const STEP_MS = 10

type Result = 'served' | 'refused' | 'failed' | 'unanswered'
/** Statuses by which the API refuses a request without doing it. 4xx other than 429 are answers to what the request asks. */
const REFUSED = new Set([429, 503])

export async function run(stack: AsyncDisposableStack, args: readonly string[]): Promise<Report> {
  const minutes = numberAfter(args, '--minutes', 10)
  const count = numberAfter(args, '--accounts', 200)
  const world = await startLocalWorld(stack, 'fleets')
  const growth = stack.use(await Growth.of(world))
  const accounts: { session: string; character: string }[] = []
  await inFlight(count, 8, async (index) => {
    const client = new StrataClient({ matchmaker: world.matchmakerUrl })
    await signInAs(client, `Load ${index + 1}`)
    const login = await fetch(`${world.matchmakerUrl}/v1/login`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ account: `Load ${index + 1}` }),
    })
    accounts.push({ session: ((await login.json()) as { session: string }).session, character: client.character ?? '' })
  })
  const agent = new Agent({ keepAlive: true, maxSockets: 1_000 })
  stack.defer(() => agent.destroy())
  const maps = [...world.policies.policies().values()].filter(({ kind }) => kind === 'zone').map(({ map }) => map)
  const random = seededRandom(1)
  const ask = (): Promise<{ result: Result; ms: number }> => {
    const account = accounts[Math.floor(random() * accounts.length)] ?? { session: '', character: '' }
    const kind = random()
    const [method, path, body] =
      kind < 0.5
        ? ['POST', '/v1/enter', { map: maps[Math.floor(random() * maps.length)] }]
        : kind < 0.7
          ? ['GET', '/v1/maps', undefined]
          : kind < 0.9
            ? ['GET', '/v1/mail', undefined]
            : ['GET', '/v1/friends', undefined]
    return send(agent, world.matchmakerUrl, { method, path, body, ...account })
  }

  say('measuring what the machine serves')
  const began = performance.now()
  let served = 0
  await Promise.all(
    Array.from({ length: CAPACITY_WIDTH }, async () => {
      while (performance.now() - began < CAPACITY_MS) if ((await ask()).result === 'served') served++
    }),
  )
  const perSecond = served / (CAPACITY_MS / 1_000)
  const offered = OVERLOAD * perSecond
  say(`${perSecond.toFixed(0)} requests per second are served; now ${offered.toFixed(0)} per second for ${minutes} minutes; memory in MB`)

  const latencies: Record<Result, number[]> = { served: [], refused: [], failed: [], unanswered: [] }
  const pending = new Set<Promise<void>>()
  const loaded = (async () => {
    const start = performance.now()
    for (let sent = 0; performance.now() - start < minutes * 60_000; ) {
      for (const due = ((performance.now() - start) / 1_000) * offered; sent < due; sent++) {
        const one = ask().then(({ result, ms }) => void latencies[result].push(ms))
        pending.add(one)
        void one.finally(() => pending.delete(one))
      }
      await new Promise((resolve) => setTimeout(resolve, STEP_MS))
    }
    await Promise.all(pending)
  })()
  await follow(growth, SAMPLE_MS, loaded)
  await new Promise((resolve) => setTimeout(resolve, RECOVERY_MS))
  const after = await inFlight(50, 1, ask)
  const sorted = (result: Result): number[] => latencies[result].toSorted((a, b) => a - b)
  const described = (result: Result): Report => {
    const all = sorted(result)
    if (all.length === 0) return { perSecond: 0 }
    return {
      perSecond: rounded(all.length / (minutes * 60), 1),
      p50Ms: rounded(quantile(all, 0.5), 0),
      p99Ms: rounded(quantile(all, 0.99), 0),
      maxMs: rounded(quantile(all, 1), 0),
    }
  }
  return {
    minutes,
    capacityPerSecond: rounded(perSecond, 0),
    offeredPerSecond: rounded(offered, 0),
    served: described('served'),
    refused: described('refused'),
    failed: described('failed'),
    unanswered: described('unanswered'),
    afterwardsP99Ms: rounded(quantile(after.latenciesMs, 0.99), 0),
    ...growth.report(),
  }
}

interface Wanted {
  method: string | undefined
  path: string | undefined
  body: object | undefined
  session: string
  character: string
}

function send(agent: Agent, url: string, { method, path, body, session, character }: Wanted): Promise<{ result: Result; ms: number }> {
  const began = performance.now()
  const text = body === undefined ? undefined : JSON.stringify(body)
  return new Promise((resolve) => {
    const done = (result: Result): void => resolve({ result, ms: performance.now() - began })
    const asked = request(url + (path ?? ''), {
      method,
      agent,
      headers: { authorization: `Bearer ${session}`, 'strata-character': character, ...(text === undefined ? {} : { 'content-type': 'application/json' }) },
    })
    const timer = setTimeout(() => asked.destroy(), GIVE_UP_MS)
    asked.once('response', (response) => {
      const { statusCode = 0 } = response
      response.resume().once('end', () => {
        clearTimeout(timer)
        done(REFUSED.has(statusCode) ? 'refused' : statusCode < 500 ? 'served' : 'failed')
      })
      response.once('error', () => done('unanswered'))
    })
    asked.once('error', () => {
      clearTimeout(timer)
      done('unanswered')
    })
    asked.end(text)
  })
}
