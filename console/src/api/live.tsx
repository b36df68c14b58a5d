import { createContext, useContext, useSyncExternalStore } from 'react'
import { type Connection, LiveStore, type World } from './liveStore.ts'

export const LiveContext = createContext(new LiveStore())

export function useLiveStore(): LiveStore {
  return useContext(LiveContext)
}

/** The world as it is now. The component is rendered again with each change. Undefined: not known yet. */
export function useWorld(): World | undefined {
  const store = useLiveStore()
  useSyncExternalStore(store.subscribe, store.version)
  return store.world
}

export function useConnection(): Connection {
  const store = useLiveStore()
  return useSyncExternalStore(store.subscribe, () => store.connection)
}
