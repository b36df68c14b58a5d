import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net'
import { GameServerRecord } from '../../../local/agones/gameServerRecord.ts'
import { HealthWatch } from '../../../local/agones/healthWatch.ts'
import { SdkGrpc } from '../../../local/agones/sdk/sdkGrpc.ts'
import { SdkService } from '../../../local/agones/sdk/sdkService.ts'
import { parseFleetManifests } from '../../../orchestrator/cluster/fleetManifest.ts'

const manifest = `apiVersion: agones.dev/v1
kind: Fleet
metadata: { name: overworld }
spec:
  replicas: 1
  allocationOverflow: { annotations: { strata.dev/drain: update } }
  template:
    metadata:
      annotations: { strata.dev/local-command: none.ts }
    spec:
      container: room
      ports: [{ name: ws, portPolicy: Dynamic, containerPort: 2567, protocol: TCP }]
      health: { initialDelaySeconds: 30, periodSeconds: 5, failureThreshold: 3 }
      counters: { rooms: { count: 0, capacity: 4 }, players: { count: 0, capacity: 100 } }
      template:
        spec:
          containers: [{ name: room, image: demo }]
`

/** The Agones SDK server of one game server. Its port stays the same when the SDK server restarts. */
export class Sidecar implements AsyncDisposable {
  readonly record: GameServerRecord
  pings = 0
  readonly #sdk: SdkService
  readonly #proxy: Server
  readonly #sockets = new Set<Socket>()
  #grpc: SdkGrpc | undefined

  private constructor(record: GameServerRecord, sdk: SdkService) {
    this.record = record
    this.#sdk = sdk
    const health = sdk.health.bind(sdk)
    sdk.health = () => {
      this.pings++
      health()
    }
    this.#proxy = createServer((socket) => this.#forward(socket))
  }

  static async start(name: string, port: number): Promise<Sidecar> {
    const [fleet] = parseFleetManifests(manifest, 'test.yaml')
    if (fleet === undefined) throw new Error('no fleet in the manifest')
    const record = new GameServerRecord({ name, uid: name, created: Date.now(), host: '127.0.0.1', port, manifest: fleet })
    const sidecar = new Sidecar(record, new SdkService(record, new HealthWatch(fleet.health, Date.now()), { now: Date.now }))
    sidecar.#grpc = await SdkGrpc.start(sidecar.#sdk)
    sidecar.#proxy.listen(0, '127.0.0.1')
    await once(sidecar.#proxy, 'listening')
    return sidecar
  }

  get port(): number {
    return (this.#proxy.address() as AddressInfo).port // it listens on TCP
  }

  /** Restarts the SDK server: every stream ends, and the GameServer object keeps its state. */
  async restart(): Promise<void> {
    await this.#stop()
    this.#grpc = await SdkGrpc.start(this.#sdk)
  }

  #forward(socket: Socket): void {
    const onward = connect(this.#grpc?.port ?? 0, '127.0.0.1')
    for (const [from, to] of [
      [socket, onward],
      [onward, socket],
    ] as const) {
      this.#sockets.add(from)
      from.on('error', () => to.destroy())
      from.on('close', () => {
        this.#sockets.delete(from)
        to.destroy()
      })
      from.pipe(to)
    }
  }

  async #stop(): Promise<void> {
    await this.#grpc?.[Symbol.asyncDispose]()
    for (const socket of this.#sockets) socket.destroy()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#stop()
    this.#sdk.close()
    this.#proxy.close()
  }
}
