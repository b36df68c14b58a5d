import type { Directory } from '../../directory/directory.ts'
import type { MapName } from '../../model/ids.ts'
import type { MapPolicy } from '../../model/policy/policy.ts'
import { toMapPolicy } from '../../model/policy/policy.ts'
import { mapPolicySchema } from '../../model/policy/schema.ts'
import { PROTOCOL_VERSION, SERVER_BEAT_MS } from '../../model/server.ts'

const SERVER = 'bench-server'
const ADDRESS = 'ws://127.0.0.1:7001'

export function policyOf(map: MapName, spec: Record<string, unknown>): MapPolicy {
  return toMapPolicy(
    mapPolicySchema.parse({ apiVersion: 'strata.dev/v1alpha1', kind: 'MapPolicy', metadata: { name: map }, spec: { fleet: 'overworld', ...spec } }),
    'bench',
  )
}

/** Reports a server to the directory every `SERVER_BEAT_MS` until `stack` is disposed. */
export async function keepServer(stack: AsyncDisposableStack, directory: Directory): Promise<void> {
  const beat = (): Promise<void> =>
    directory.reportServer({
      id: SERVER,
      fleet: 'overworld',
      address: ADDRESS,
      rooms: 10_000,
      protocol: { min: PROTOCOL_VERSION, max: PROTOCOL_VERSION },
      draining: false,
      beat: Date.now(),
    })
  await beat()
  const timer = setInterval(() => void beat().catch(() => undefined), SERVER_BEAT_MS)
  stack.defer(() => clearInterval(timer))
}

export async function openCopies(directory: Directory, map: MapName, count: number): Promise<void> {
  const now = Date.now()
  const add = (n: number): Promise<boolean> =>
    directory.addCopy({ id: `${map}-${n}`, map, server: SERVER, created: now, since: now, state: 'open', address: ADDRESS })
  await Promise.all(Array.from({ length: count }, (_, n) => add(n + 1)))
}
