import { runGameServer } from '../../../gameserver/run.ts'
import { GladeRoom } from './gladeRoom.ts'

// One class for each map that is unlike the others: { glade: GladeRoom, default: OtherRoom }.
await runGameServer({ default: GladeRoom })
