import { createRequire } from 'node:module'
import type { ServiceDefinition } from '@grpc/grpc-js'
import type { Counter, CounterUpdate } from './counters.ts'
import type { GameServerView } from './gameServerRecord.ts'

/** The generated messages of the package have no types: what is used of them is written down here. */
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
/** Setters of a generated message, by name. */
type Message = Record<string, (value: unknown) => unknown> & { getLabelsMap(): PairMap; getAnnotationsMap(): PairMap; getCountersMap(): PairMap }
interface PairMap {
  set(key: string, value: unknown): void
}
type MessageClass = new () => Message
interface GameServerClass extends MessageClass {
  ObjectMeta: MessageClass
  Spec: MessageClass & { Health: MessageClass }
  Status: MessageClass & { Address: MessageClass; Port: MessageClass; CounterStatus: MessageClass }
}

const require = createRequire(import.meta.url)
// The files are CommonJS without declarations; their shape is Agones' sdk.proto and beta.proto.
const sdk = require('@google-cloud/agones-sdk/lib/sdk_pb.js') as { Empty: MessageClass; GameServer: GameServerClass }
const beta = require('@google-cloud/agones-sdk/lib/beta/beta_pb.js') as { Counter: MessageClass }

export const sdkDefinition = (require('@google-cloud/agones-sdk/lib/sdk_grpc_pb.js') as Record<string, ServiceDefinition>)['agones.dev.sdk.SDK'] as ServiceDefinition
export const betaDefinition = (require('@google-cloud/agones-sdk/lib/beta/beta_grpc_pb.js') as Record<string, ServiceDefinition>)['agones.dev.sdk.beta.SDK'] as ServiceDefinition

export const empty = (): Message => new sdk.Empty()

export function counterMessage(name: string, { count, capacity }: Counter): Message {
  return make(beta.Counter, { Name: name, Count: count, Capacity: capacity })
}

/** Throws on a change that says nothing. */
export function counterUpdate(request: CounterChange): { name: string; update: CounterUpdate } {
  const change = request.getCounterupdaterequest()
  if (change === undefined) throw new Error('invalid argument. CounterUpdateRequest cannot be nil')
  const [name, count, capacity, countDiff] = [change.getName(), change.getCount(), change.getCapacity(), change.getCountdiff()]
  if (countDiff !== 0) return { name, update: { countDiff } }
  if (count !== undefined) return { name, update: { count: count.getValue() } }
  if (capacity !== undefined) return { name, update: { capacity: capacity.getValue() } }
  throw new Error('invalid argument. Malformed CounterUpdateRequest')
}

export function gameServerMessage(view: GameServerView): Message {
  const { GameServer } = sdk
  const meta = make(GameServer.ObjectMeta, {
    Name: view.name,
    Namespace: 'default',
    Uid: view.uid,
    ResourceVersion: String(view.resourceVersion),
    Generation: 1,
    CreationTimestamp: Math.floor(view.created / 1000),
  })
  for (const [key, value] of Object.entries(view.labels)) meta.getLabelsMap().set(key, value)
  for (const [key, value] of Object.entries(view.annotations)) meta.getAnnotationsMap().set(key, value)
  const { disabled, periodSeconds, failureThreshold, initialDelaySeconds } = view.health
  const health = make(GameServer.Spec.Health, {
    Disabled: disabled,
    PeriodSeconds: Math.ceil(periodSeconds),
    FailureThreshold: failureThreshold,
    InitialDelaySeconds: Math.ceil(initialDelaySeconds),
  })
  const status = make(GameServer.Status, {
    State: view.state,
    Address: view.host,
    AddressesList: [make(GameServer.Status.Address, { Type: 'InternalIP', Address: view.host })],
    PortsList: [make(GameServer.Status.Port, { Name: view.portName, Port: view.port })],
  })
  for (const [name, { count, capacity }] of Object.entries(view.counters)) {
    status.getCountersMap().set(name, make(GameServer.Status.CounterStatus, { Count: count, Capacity: capacity }))
  }
  return make(GameServer, { ObjectMeta: meta, Spec: make(GameServer.Spec, { Health: health }), Status: status })
}

function make(type: MessageClass, fields: Record<string, unknown>): Message {
  const message = new type()
  for (const [name, value] of Object.entries(fields)) message[`set${name}`]?.(value)
  return message
}
