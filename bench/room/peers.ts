import { type ChildProcess, fork } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { freePort } from '../../local/agones/freePorts.ts'
import type { Room } from './measureRoom.ts'

/** What a room of the bench is for. `profile`: folder for a CPU profile of the process. */
interface Wanted {
  people: number
  profile: string | undefined
}

/** A room of Colyseus without Strata in a process of its own, on a square with this half side in metres. `stack` ends it. */
export async function startPeer(stack: AsyncDisposableStack, kind: 'view' | 'plain', { half, ...wanted }: Wanted & { half: number }): Promise<Room> {
  return await start(stack, { name: `Colyseus ${kind}`, script: 'peerServer.ts', args: [kind, String(half)] }, wanted)
}

/** A process that only reads and writes as many frames as a room (`bareServer.ts`). `bytes`: of each frame that it writes. */
export async function startBare(stack: AsyncDisposableStack, kind: 'strata' | 'ws', { bytes, ...wanted }: Wanted & { bytes: number }): Promise<Room> {
  return await start(stack, { name: `transport only, ${kind}`, script: 'bareServer.ts', args: [kind, String(bytes)] }, wanted)
}

async function start(
  stack: AsyncDisposableStack,
  { name, script, args }: { name: string; script: string; args: readonly string[] },
  { people, profile }: Wanted,
): Promise<Room> {
  const port = await freePort('127.0.0.1')
  const execArgv = profile === undefined ? [] : ['--cpu-prof', `--cpu-prof-dir=${profile}`]
  const child = fork(fileURLToPath(new URL(script, import.meta.url)), [...args, String(port)], { execArgv })
  stack.defer(() => {
    if (child.connected) child.disconnect()
  })
  const room = await roomOf(child)
  const seat = { address: `ws://127.0.0.1:${port}`, room, options: {} }
  return { name, pid: child.pid ?? 0, seats: Array.from({ length: people }, () => seat), strata: false }
}

function roomOf(child: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    child.once('exit', (code) => reject(new Error(`the peer ended with code ${code}`)))
    child.on('message', (message: { bench?: string; room?: string }) => {
      if (message.bench === 'ready' && message.room !== undefined) resolve(message.room)
    })
  })
}
