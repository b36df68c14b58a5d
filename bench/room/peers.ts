import { type ChildProcess, fork } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { freePort } from '../../local/agones/freePorts.ts'
import type { Room } from './measureRoom.ts'

/** A room of Colyseus without Strata in a process of its own, for this many people. `stack` ends it. */
export async function startPeer(
  stack: AsyncDisposableStack,
  kind: 'view' | 'plain',
  { people, half, profile }: { people: number; half: number; profile: string | undefined },
): Promise<Room> {
  const port = await freePort('127.0.0.1')
  const execArgv = profile === undefined ? [] : ['--cpu-prof', `--cpu-prof-dir=${profile}`]
  const child = fork(fileURLToPath(new URL('peerServer.ts', import.meta.url)), [kind, String(half), String(port)], { execArgv })
  stack.defer(() => {
    if (child.connected) child.disconnect()
  })
  const room = await roomOf(child)
  const seat = { address: `ws://127.0.0.1:${port}`, room, options: {} }
  return { name: `Colyseus ${kind}`, pid: child.pid ?? 0, seats: Array.from({ length: people }, () => seat), strata: false }
}

function roomOf(child: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    child.once('exit', (code) => reject(new Error(`the peer ended with code ${code}`)))
    child.on('message', (message: { bench?: string; room?: string }) => {
      if (message.bench === 'ready' && message.room !== undefined) resolve(message.room)
    })
  })
}
