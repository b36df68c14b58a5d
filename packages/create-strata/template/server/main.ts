import { runGameServer } from '@strata/gameserver'
import { Zone } from './zone.ts'

// One class per map, and a default for all others: { cave: Cave, default: Zone }.
await runGameServer({ default: Zone })
