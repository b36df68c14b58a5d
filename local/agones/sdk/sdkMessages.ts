import { createRequire } from 'node:module'
import type { ServiceDefinition } from '@grpc/grpc-js'
import type { Counter, CounterUpdate } from '../counters.ts'
import { gameServerBytes } from './gameServerBytes.ts'

/** The SDK package ships no types for its generated messages. These interfaces declare the parts that are used here. */
export interface KeyValue {
  getKey(): string
  getValue(): string
}
export interface SdkDuration {
  getSeconds(): number
}
export interface CounterRequest {
  getName(): string
}
interface Int64 {
  getValue(): number
}
export interface CounterChange {
  getCounterupdaterequest(): { getName(): string; getCountdiff(): number; getCount(): Int64 | undefined; getCapacity(): Int64 | undefined } | undefined
}
interface CounterMessage {
  setName(name: string): void
  setCount(count: number): void
  setCapacity(capacity: number): void
}

const require = createRequire(import.meta.url)
// CommonJS files without declarations, generated from Agones' sdk.proto and beta.proto.
const sdk = require('@google-cloud/agones-sdk/lib/sdk_pb.js') as { Empty: new () => object }
const beta = require('@google-cloud/agones-sdk/lib/beta/beta_pb.js') as { Counter: new () => CounterMessage }
const sdkServices = require('@google-cloud/agones-sdk/lib/sdk_grpc_pb.js') as { 'agones.dev.sdk.SDK': ServiceDefinition<Record<SdkMethod, unknown>> }
const betaServices = require('@google-cloud/agones-sdk/lib/beta/beta_grpc_pb.js') as { 'agones.dev.sdk.beta.SDK': ServiceDefinition }

type SdkMethod = 'ready' | 'allocate' | 'shutdown' | 'health' | 'getGameServer' | 'watchGameServer' | 'setLabel' | 'setAnnotation' | 'reserve'

const shipped = sdkServices['agones.dev.sdk.SDK']
/** The service definition of the SDK package; GameServer answers are encoded from a `GameServerView`. */
export const sdkDefinition: ServiceDefinition = {
  ...shipped,
  getGameServer: { ...shipped.getGameServer, responseSerialize: gameServerBytes },
  watchGameServer: { ...shipped.watchGameServer, responseSerialize: gameServerBytes },
}
export const betaDefinition: ServiceDefinition = betaServices['agones.dev.sdk.beta.SDK']

export const empty = (): object => new sdk.Empty()

export function counterMessage(name: string, { count, capacity }: Counter): CounterMessage {
  const message = new beta.Counter()
  message.setName(name)
  message.setCount(count)
  message.setCapacity(capacity)
  return message
}

/** Translates an UpdateCounter request. Throws when it contains no change. */
export function counterUpdate(request: CounterChange): { name: string; update: CounterUpdate } {
  const change = request.getCounterupdaterequest()
  if (change === undefined) throw new Error('invalid argument. CounterUpdateRequest cannot be nil')
  const [name, count, capacity, countDiff] = [change.getName(), change.getCount(), change.getCapacity(), change.getCountdiff()]
  if (countDiff !== 0) return { name, update: { countDiff } }
  if (count !== undefined) return { name, update: { count: count.getValue() } }
  if (capacity !== undefined) return { name, update: { capacity: capacity.getValue() } }
  throw new Error('invalid argument. Malformed CounterUpdateRequest')
}
