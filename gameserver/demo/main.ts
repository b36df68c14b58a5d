import { runGameServer } from '../run.ts'
import { DemoRoom } from './demoRoom.ts'

await runGameServer({ default: DemoRoom })
