import { runGameServer } from '../../../gameserver/run.ts'
import { GladeRoom } from './gladeRoom.ts'

// One room class per map, and a default for all other maps: { glade: GladeRoom, default: OtherRoom }.
await runGameServer({ default: GladeRoom })
