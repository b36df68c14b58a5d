import { setTimeout as sleep } from 'node:timers/promises'
import type { SupervisedService } from '../../local/services/supervised.ts'
import type { TcpProxy } from '../tcpProxy.ts'

/** How long new connections still reach the old primary after it was demoted, in ms: a name server, a proxy or a Sentinel learns of a failover late. */
const STALE_ADDRESS_MS = 2_000

/** A primary and its replica behind one address. */
export interface FailoverPair extends SupervisedService {
  /** Swaps the roles. No connection is cut: those to the old primary stay open, and it refuses writes. Resolves when new connections reach the new primary. */
  failOver(): Promise<void>
}

/** One of the two servers of a pair. */
export interface PairMember {
  /** Follows the new primary after it was demoted. */
  url: string
  pid: number | undefined
}

export interface RoleSwap<Member extends PairMember> {
  members: [primary: Member, replica: Member]
  proxy: TcpProxy
  /** Waits until the replica has everything, demotes the primary, promotes the replica. */
  swapRoles(primary: Member, replica: Member): Promise<void>
  stop(): Promise<void>
}

/** Makes a pair of two servers: counts who is the primary, and leads the proxy to it. */
export function failoverPair<Member extends PairMember>({ members, proxy, swapRoles, stop }: RoleSwap<Member>): FailoverPair {
  let [primary, replica] = members
  return {
    url: proxy.url,
    socketUrl: proxy.url,
    get pid() {
      return primary.pid
    },
    async failOver() {
      await swapRoles(primary, replica)
      ;[primary, replica] = [replica, primary]
      await sleep(STALE_ADDRESS_MS)
      proxy.leadTo(primary.url)
    },
    [Symbol.asyncDispose]: stop,
  }
}

/** Resolves when `holds` says so. Rejects after `withinMs` with `what` did not happen. */
export async function until(what: string, withinMs: number, holds: () => Promise<boolean>): Promise<void> {
  const deadline = performance.now() + withinMs
  let cause: unknown
  while (performance.now() < deadline) {
    try {
      if (await holds()) return
    } catch (error) {
      cause = error
    }
    await sleep(100)
  }
  throw new Error(`${what} did not happen within ${withinMs / 1000} s`, { cause })
}
