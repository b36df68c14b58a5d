import type { IncomingMessage } from 'node:http'
import { BlockList, isIP } from 'node:net'
import type { Instant } from '../../../model/clock.ts'
import { TokenBucket } from '../../zone/connection/tokenBucket.ts'

/** Number of addresses from which buckets that nobody uses are removed. */
const SWEEP_ABOVE = 1_000
/** Seconds of the sustained rate that an address may use at once: a whole copy is moved at the same moment, and many players can share an address. */
const BURST_S = 4

export interface AddressRates {
  /** Most open sockets of one address. */
  connections: number
  /** HTTP requests and WebSocket handshakes per second of one address. */
  requestsPerSecond: number
}

/** Limits what the clients of one address can use (rule X1). */
export class AddressLimits {
  readonly #rates: AddressRates
  readonly #open = new Map<string, number>()
  readonly #requests = new Map<string, TokenBucket>()

  constructor(rates: AddressRates) {
    this.#rates = rates
  }

  /** Counts a new socket; returns `false`, and does not count it, when the address has too many. */
  open(address: string): boolean {
    const count = this.#open.get(address) ?? 0
    if (count >= this.#rates.connections) return false
    this.#open.set(address, count + 1)
    return true
  }
  closed(address: string): void {
    const count = this.#open.get(address) ?? 0
    if (count > 1) this.#open.set(address, count - 1)
    else this.#open.delete(address)
  }

  /** Takes one request; returns `false` when the address has sent too many. */
  request(address: string, now: Instant): boolean {
    const { requestsPerSecond } = this.#rates
    if (this.#requests.size > SWEEP_ABOVE) for (const [one, bucket] of this.#requests) if (bucket.full(now)) this.#requests.delete(one)
    const bucket = this.#requests.get(address) ?? new TokenBucket({ burst: BURST_S * requestsPerSecond, perSecond: requestsPerSecond }, now)
    this.#requests.set(address, bucket)
    return bucket.take(now)
  }
}

/** Trusted proxies, from addresses and CIDRs separated by commas. Throws an Error for an entry that is neither. */
export function trustedProxies(list: string): BlockList {
  const proxies = new BlockList()
  for (const entry of list.split(',').map((one) => one.trim())) {
    const [address = '', bits] = entry.split('/')
    const family = isIP(address) === 6 ? 'ipv6' : 'ipv4'
    const prefix = bits === undefined ? undefined : Number(bits)
    if (isIP(address) === 0 || (prefix !== undefined && !Number.isInteger(prefix))) throw new Error(`"${entry}" is not an address or a CIDR`)
    if (prefix === undefined) proxies.addAddress(address, family)
    else proxies.addSubnet(address, prefix, family)
  }
  return proxies
}

/**
 * Address of the client of a request: the peer, or behind trusted proxies the last address in `x-forwarded-for` that is not one of them. A client can
 * write any addresses in front of that one.
 */
export function clientAddress(request: Pick<IncomingMessage, 'headers' | 'socket'>, proxies: BlockList | undefined): string {
  let address = request.socket.remoteAddress ?? ''
  if (proxies === undefined) return address
  const forwarded = String(request.headers['x-forwarded-for'] ?? '').split(',')
  while (isTrusted(proxies, address)) {
    const next = forwarded.pop()?.trim()
    if (next === undefined || isIP(next) === 0) break
    address = next
  }
  return address
}

function isTrusted(proxies: BlockList, address: string): boolean {
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1] ?? address
  return isIP(mapped) !== 0 && proxies.check(mapped, isIP(mapped) === 6 ? 'ipv6' : 'ipv4')
}
