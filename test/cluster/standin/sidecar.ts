import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import { readEnvironment } from '../../../service/environment.ts'
import { Api } from '../harness/api.ts'
import type { GameServer } from './objects.ts'
import { standinSdk } from './podSdk.ts'
import { Watched } from './watched.ts'

/** The SDK's sidecar as a container of the game server's pod: the real one's ports, and its service account. */
const ACCOUNT = '/var/run/secrets/kubernetes.io/serviceaccount'
const GRPC_PORT = 9_357
const HTTP_PORT = 9_358

const environment = readEnvironment(
  z.object({
    KUBERNETES_SERVICE_HOST: z.string(),
    KUBERNETES_SERVICE_PORT: z.string(),
    POD_NAMESPACE: z.string(),
    GAMESERVER_NAME: z.string(),
    /** Address of the pod's node. */
    HOST_IP: z.string(),
  }),
)
const { KUBERNETES_SERVICE_HOST: host, KUBERNETES_SERVICE_PORT: port, POD_NAMESPACE: namespace, GAMESERVER_NAME: name } = environment
const text = (file: string): string => readFileSync(join(ACCOUNT, file), 'utf8')
const api = new Api({ server: `https://${host}:${port}`, ca: text('ca.crt'), token: text('token') })
const servers = new Watched<GameServer>(api, `/apis/agones.dev/v1/namespaces/${namespace}/gameservers`)
const metadata = { name, namespace, labels: { 'agones.dev/role': 'gameserver' } }
const sdk = await standinSdk(api, servers, { metadata }, { grpc: GRPC_PORT, http: HTTP_PORT, host: environment.HOST_IP })
process.on('SIGTERM', () => {
  const stop = async (): Promise<void> => {
    await sdk?.[Symbol.asyncDispose]()
    process.exit(0)
  }
  void stop()
})
