import { StrataError } from '../../../model/errors.ts'
import { between, type Chance } from '../kernel/chance.ts'
import type { Kernel } from '../kernel/kernel.ts'
import type { Network } from '../kernel/network.ts'
import type { SimMatchmaker } from './matchmaker.ts'

interface Request {
  method?: string
  headers?: Record<string, string>
  body?: string
  signal?: AbortSignal
}
interface Answer {
  status: number
  body: unknown
}

/** In ms; longer than any of the client's own deadlines. */
const DEADLINE_MS = 60_000

/** The client SDK's `fetch` and the load balancer behind it: sends each request to a random matchmaker that is ready. */
export class LoadBalancer {
  readonly #kernel: Kernel
  readonly #network: Network
  readonly #chance: Chance
  readonly #matchmakers: ReadonlyMap<string, SimMatchmaker>

  constructor(kernel: Kernel, network: Network, chance: Chance, matchmakers: ReadonlyMap<string, SimMatchmaker>) {
    this.#kernel = kernel
    this.#network = network
    this.#chance = chance
    this.#matchmakers = matchmakers
  }

  readonly fetch = async (input: string, request: Request = {}): Promise<Response> => {
    const from = this.#kernel.current
    const ready = [...this.#matchmakers].flatMap(([name, matchmaker]) => (this.#network.process(name) !== undefined && matchmaker.ready ? [name] : [])).sort()
    const to = ready[between(this.#chance.of(`balance ${from.name}`), 0, ready.length - 1)] ?? 'nobody'
    const { method = 'GET', signal } = request
    const path = new URL(input).pathname
    const hangUp = new AbortController()
    signal?.addEventListener('abort', () => hangUp.abort(), { once: true })
    const call = { what: `${method} ${path}`, deadlineMs: DEADLINE_MS, ordered: false, signal }
    const { status, body } = await this.#network.call(from, to, () => this.#serve(to, path, request, hangUp.signal), call)
    // The parts of a Response that the SDK reads.
    return { ok: status < 400, status, json: async () => structuredClone(body) } as Response
  }

  async #serve(to: string, path: string, { method = 'GET', headers = {}, body }: Request, hangUp: AbortSignal): Promise<Answer> {
    const matchmaker = this.#matchmakers.get(to)
    const target = this.#network.process(to)
    if (matchmaker === undefined || target === undefined) return { status: 503, body: {} }
    // The client's abort reaches the matchmaker after a delay.
    const gone = new AbortController()
    hangUp.addEventListener('abort', () => this.#kernel.after(target, 5, () => gone.abort()), { once: true })
    const character = headers['authorization']?.slice('Bearer '.length) ?? ''
    const lineTicket = headers['x-line-ticket'] ?? ''
    try {
      const request = { method, path, character, lineTicket, body: body === undefined ? undefined : JSON.parse(body), gone: gone.signal }
      return { status: 200, body: await matchmaker.serve(request) }
    } catch (error) {
      if (error instanceof StrataError) return { status: error.row.status, body: error.toJSON() }
      this.#kernel.ruleBroken('X1', `${to} failed on ${method} ${path}: ${error instanceof Error ? error.stack : String(error)}`)
      return { status: 500, body: {} }
    }
  }
}
