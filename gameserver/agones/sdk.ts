import type { EventEmitter } from 'node:events'
import agones from '@google-cloud/agones-sdk'

/** The GameServer object as the SDK package returns it, with maps as arrays of pairs. The package's own declarations omit half of these fields. */
export interface SdkGameServer {
  objectMeta: { name: string; uid: string; labelsMap: [string, string][]; annotationsMap: [string, string][] }
  status: { state: string; address: string; portsList: { name: string; port: number }[]; countersMap: [string, { count: number; capacity: number }][] }
}

/**
 * The SDK package as it is at run time. `healthStream` and `streams` are internal fields of the package. They are the only way to detect that a
 * stream has ended: the package does not report it, drops health pings without an error, and does not resume a watch.
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
  healthStream: (EventEmitter & { end(): void }) | undefined
  streams: EventEmitter[]
}

// The package is CommonJS. Under NodeNext its declarations have no usable default export, and they lack most of the interface above.
export const AgonesSdk = agones as unknown as new () => Sdk
