import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { rounded } from '../report.ts'

setFlagsFromString('--expose-gc')
const collect = runInNewContext('gc') as () => void // V8 defines it with this flag

/** Megabytes of all objects and buffers that this process uses. Stops it for a garbage collection. The system's count of its memory contains garbage, too. */
export function liveMegabytes(): number {
  collect()
  const { heapUsed, external } = process.memoryUsage()
  return rounded((heapUsed + external) / 1024 ** 2, 1)
}
