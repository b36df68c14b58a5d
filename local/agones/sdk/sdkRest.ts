import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { z } from 'zod'
import type { CounterUpdate } from '../counters.ts'
import type { GameServerView } from '../gameServerRecord.ts'
import { InvalidArgument, type SdkService } from './sdkService.ts'

/** Largest request body, in bytes. */
const BODY_LIMIT_BYTES = 64 * 1024
const int64 = z.union([
  z.int(),
  z
    .string()
    .regex(/^-?\d+$/)
    .transform(Number),
])
const pair = z.object({ key: z.string(), value: z.string() })
const counterBody = z.object({ countDiff: int64.optional(), count: int64.optional(), capacity: int64.optional() })

/** The SDK over REST on loopback, in the JSON of grpc-gateway: field names of the proto files, 64-bit numbers as strings. */
export class SdkRest implements AsyncDisposable {
  readonly port: number
  readonly #server: Server

  private constructor(server: Server, port: number) {
    this.#server = server
    this.port = port
  }

  static async start(sdk: SdkService, port = 0): Promise<SdkRest> {
    const server = createServer((request, response) => void serve(sdk, request, response))
    await new Promise<void>((resolve, reject) => server.once('error', reject).listen(port, '127.0.0.1', resolve))
    return new SdkRest(server, (server.address() as AddressInfo).port) // a TCP server's address is never a string
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()))
    this.#server.closeAllConnections()
    await closed
  }
}

async function serve(sdk: SdkService, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const route = `${request.method} ${request.url?.split('?')[0] ?? ''}`
  try {
    if (route === 'GET /watch/gameserver') return watch(sdk, response)
    const counter = /^(GET|PATCH) \/v1beta1\/counters\/([^/]+)$/.exec(route)
    if (counter?.[1] === 'GET') return answer(response, 200, counterJson(sdk, decodeURIComponent(counter[2] ?? '')))
    if (counter?.[1] === 'PATCH') return answer(response, 200, await changeCounter(sdk, decodeURIComponent(counter[2] ?? ''), request))
    const handler = routes[route]
    if (handler === undefined) return answer(response, 404, { code: 5, message: 'Not Found', details: [] })
    answer(response, 200, handler(sdk, request.method === 'GET' ? undefined : await readJson(request)))
  } catch (error) {
    const invalid = error instanceof InvalidArgument || error instanceof z.ZodError || error instanceof SyntaxError
    answer(response, invalid ? 400 : 500, { code: invalid ? 3 : 2, message: error instanceof Error ? error.message : String(error), details: [] })
  }
}

const routes: Record<string, (sdk: SdkService, body: unknown) => unknown> = {
  'POST /ready': (sdk) => sdk.ready(),
  'POST /allocate': (sdk) => sdk.allocate(),
  'POST /shutdown': (sdk) => sdk.shutdown(),
  'POST /health': (sdk) => sdk.health(),
  'POST /reserve': (sdk, body) => sdk.reserve(z.object({ seconds: int64.default(0) }).parse(body).seconds),
  'GET /gameserver': (sdk) => gameServerJson(sdk.gameServer()),
  'PUT /metadata/label': (sdk, body) => {
    const { key, value } = pair.parse(body)
    sdk.setLabel(key, value)
  },
  'PUT /metadata/annotation': (sdk, body) => {
    const { key, value } = pair.parse(body)
    sdk.setAnnotation(key, value)
  },
}

function watch(sdk: SdkService, response: ServerResponse): void {
  response.writeHead(200, { 'content-type': 'application/json' })
  const stop = sdk.watch((view) => response.write(`${JSON.stringify({ result: gameServerJson(view) })}\n`))
  response.on('close', stop)
}

async function changeCounter(sdk: SdkService, name: string, request: IncomingMessage): Promise<unknown> {
  const { countDiff, count, capacity } = counterBody.parse(await readJson(request))
  const update: CounterUpdate | undefined =
    countDiff !== undefined && countDiff !== 0 ? { countDiff } : count !== undefined ? { count } : capacity !== undefined ? { capacity } : undefined
  if (update === undefined) throw new InvalidArgument('invalid argument. Malformed CounterUpdateRequest')
  sdk.updateCounter(name, update)
  return counterJson(sdk, name)
}

function counterJson(sdk: SdkService, name: string): unknown {
  const { count, capacity } = sdk.counter(name)
  return { name, count: String(count), capacity: String(capacity) }
}

function gameServerJson(view: GameServerView): unknown {
  const { disabled, periodSeconds, failureThreshold, initialDelaySeconds } = view.health
  return {
    object_meta: {
      name: view.name,
      namespace: 'default',
      uid: view.uid,
      resource_version: String(view.resourceVersion),
      generation: '1',
      creation_timestamp: String(Math.floor(view.created / 1000)),
      annotations: view.annotations,
      labels: view.labels,
    },
    spec: {
      health: {
        disabled,
        period_seconds: Math.ceil(periodSeconds),
        failure_threshold: failureThreshold,
        initial_delay_seconds: Math.ceil(initialDelaySeconds),
      },
    },
    status: {
      state: view.state,
      address: view.host,
      addresses: [{ type: 'InternalIP', address: view.host }],
      ports: [{ name: view.portName, port: view.port }],
      counters: Object.fromEntries(
        Object.entries(view.counters).map(([name, { count, capacity }]) => [name, { count: String(count), capacity: String(capacity) }]),
      ),
    },
  }
}

/** Parses the body as JSON. An empty body is an error, as in grpc-gateway. */
async function readJson(request: IncomingMessage): Promise<unknown> {
  let size = 0
  const chunks: Buffer[] = []
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length
    if (size > BODY_LIMIT_BYTES) throw new InvalidArgument('the body is too large')
    chunks.push(chunk)
  }
  return JSON.parse(Buffer.concat(chunks).toString('utf8'))
}

function answer(response: ServerResponse, status: number, body: unknown): void {
  if (response.headersSent) return
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body ?? {}))
}
