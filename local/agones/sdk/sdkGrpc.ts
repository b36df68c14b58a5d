import { type handleUnaryCall, Server, ServerCredentials, type ServerReadableStream, type ServerWritableStream, status } from '@grpc/grpc-js'
import {
  betaDefinition,
  type CounterChange,
  type CounterRequest,
  counterMessage,
  counterUpdate,
  empty,
  type KeyValue,
  type SdkDuration,
  sdkDefinition,
} from './sdkMessages.ts'
import { InvalidArgument, type SdkService } from './sdkService.ts'

/** The SDK over gRPC on loopback, with the service definitions that the SDK package ships. */
export class SdkGrpc implements AsyncDisposable {
  readonly port: number
  readonly #server: Server
  readonly #watching: Set<ServerWritableStream<unknown, unknown>>

  private constructor(server: Server, port: number, watching: Set<ServerWritableStream<unknown, unknown>>) {
    this.#server = server
    this.port = port
    this.#watching = watching
  }

  static async start(sdk: SdkService, wanted = 0): Promise<SdkGrpc> {
    const server = new Server()
    const watching = new Set<ServerWritableStream<unknown, unknown>>()
    server.addService(sdkDefinition, {
      ready: unary(() => sdk.ready()),
      allocate: unary(() => sdk.allocate()),
      shutdown: unary(() => sdk.shutdown()),
      reserve: unary((duration: SdkDuration) => sdk.reserve(duration.getSeconds())),
      setLabel: unary((pair: KeyValue) => sdk.setLabel(pair.getKey(), pair.getValue())),
      setAnnotation: unary((pair: KeyValue) => sdk.setAnnotation(pair.getKey(), pair.getValue())),
      getGameServer: unary(() => sdk.gameServer()),
      health(call: ServerReadableStream<unknown, unknown>, done: (error: null, value: unknown) => void) {
        call.on('data', () => sdk.health())
        call.on('end', () => done(null, empty()))
        // The game server died while the stream was open. `LocalServer` handles its exit.
        call.on('error', () => {})
      },
      watchGameServer(call: ServerWritableStream<unknown, unknown>) {
        watching.add(call)
        const stop = sdk.watch((view) => call.write(view))
        call.on('cancelled', () => {
          watching.delete(call)
          stop()
        })
      },
    })
    server.addService(betaDefinition, {
      getCounter: unary((request: CounterRequest) => counterMessage(request.getName(), sdk.counter(request.getName()))),
      updateCounter: unary((request: CounterChange) => {
        const { name, update } = counterUpdate(request)
        return counterMessage(name, sdk.updateCounter(name, update))
      }),
      getList: lists,
      updateList: lists,
      addListValue: lists,
      removeListValue: lists,
    })
    const port = await new Promise<number>((resolve, reject) => {
      server.bindAsync(`127.0.0.1:${wanted}`, ServerCredentials.createInsecure(), (error, bound) => (error === null ? resolve(bound) : reject(error)))
    })
    return new SdkGrpc(server, port, watching)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const call of this.#watching) call.end()
    this.#server.forceShutdown()
  }
}

/** Wraps a synchronous handler; a result of undefined is sent as Empty. Like Agones, it answers most errors with code 2 (UNKNOWN) and a text. */
function unary<Request>(answer: (request: Request) => unknown): handleUnaryCall<Request, unknown> {
  return (call, done) => {
    try {
      done(null, answer(call.request) ?? empty())
    } catch (error) {
      done({
        code: error instanceof InvalidArgument ? status.INVALID_ARGUMENT : status.UNKNOWN,
        details: error instanceof Error ? error.message : String(error),
      })
    }
  }
}

/** Lists are not emulated, because Strata does not use them. */
const lists: handleUnaryCall<unknown, unknown> = (_call, done) => done({ code: status.UNIMPLEMENTED, details: 'The local fleet does not support Lists' })
