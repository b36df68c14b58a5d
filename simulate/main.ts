import { seededRandom } from '../model/random.ts'
import { policiesFor } from './shippedPolicy.ts'
import { simulate } from './simulation.ts'
import { readTrace } from './trace.ts'

const file = process.argv[2] ?? '../shared/traces/megaserver_day.csv.gz'
const started = performance.now()
const trace = await readTrace(file)
console.error('read', ((performance.now() - started) / 1000).toFixed(1))
const score = simulate(trace, { policies: policiesFor(trace), random: seededRandom(Number(process.argv[3] ?? 1)), bootSeconds: 30 })
console.log(JSON.stringify({ ...score, wallSeconds: (performance.now() - started) / 1000 }, null, 1))
