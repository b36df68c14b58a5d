import type { EventEmitter } from 'node:events'
import agones from '@google-cloud/agones-sdk'

/** What the package answers for a GameServer (its own declarations leave out half of it); maps come as pairs. */
export interface SdkGameServer {
  objectMeta: { name: string; uid: string; labelsMap: [string, string][]; annotationsMap: [string, string][] }
  status: { state: string; address: string; portsList: { name: string; port: number }[]; countersMap: [string, { count: number; capacity: number }][] }
}

/**
 * The package as it is at run time. `healthStream` and `streams` are its own fields: the only way to hear that a stream
 * died, because it never says so itself (a dead health stream swallows pings for ever, a watch that ends is not resumed).
 */
export interface Sdk {
  connect(): Promise<void>
  close(): void
  ready(): Promise<unknown>
  allocate(): Promise<unknown>
  shutdown(): Promise<unknown>
  getGameServer(): Promise<SdkGameServer>
  setLabel(key: string, value: string): Promise<unknown>
  setAnnotation(key: string, value: string): Promise<unknown>
  health(failed: (error: Error) => void): void
  watchGameServer(changed: (server: SdkGameServer) => void, failed: (error: Error) => void): void
  beta: { setCounterCount(name: string, count: number): Promise<unknown> }
  healthStream: EventEmitter | undefined
  streams: EventEmitter[]
}

// CommonJS whose declarations name a default export that is not there under NodeNext, and that lack most of the above.
export const AgonesSdk = agones as unknown as new () => Sdk
