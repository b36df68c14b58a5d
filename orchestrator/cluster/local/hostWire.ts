import { z } from 'zod'

/** `GameServer` as JSON, in the answers of the local fleet host. */
export const gameServerWire = z.object({
  id: z.string(),
  fleet: z.string(),
  state: z.enum(['Creating', 'Ready', 'Allocated', 'Unhealthy', 'Shutdown']),
  address: z.string().exactOptional(),
  overflow: z.boolean(),
  rooms: z.int().exactOptional(),
})
export const listAnswer = z.object({ servers: z.array(gameServerWire) })
export const allocateAnswer = z.object({ server: gameServerWire.exactOptional() })
