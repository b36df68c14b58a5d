import { fleetsContract } from './fleets.ts'
import { MemoryFleets } from './memoryFleets.ts'

fleetsContract('the in-memory double', async () => {
  const fleets = new MemoryFleets({ overworld: { replicas: 2, rooms: 2 } })
  return {
    fleets,
    fleet: 'overworld',
    kill: async (server) => fleets.kill(server),
    patienceMs: 200,
    [Symbol.asyncDispose]: async () => {},
  }
})
