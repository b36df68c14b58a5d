import { setTimeout as sleep } from 'node:timers/promises'
import type { Logger } from '../../service/log.ts'
import type { RunningService } from './postgres.ts'

const RESTART_MS = 250
const RESTART_MAX_MS = 5_000

export interface SupervisedService extends AsyncDisposable {
  url: string
  socketUrl: string
  /** Of the process that runs now; undefined when it is somebody else's, or between two lives. */
  readonly pid: number | undefined
}

/** A database server that is started again, on the same files and port, when it dies: everything else waits for it meanwhile. */
export async function supervised(what: string, start: (port: number | undefined) => Promise<RunningService>, log: Logger): Promise<SupervisedService> {
  const first = await start(undefined)
  const port = Number(new URL(first.url).port)
  let running: RunningService | undefined = first
  let stopping = false
  const watch = async (): Promise<void> => {
    while (running?.process !== undefined) {
      const why = await running.process.ended
      if (stopping) return
      running = undefined
      log.error({ what, why }, 'a service died and is started again')
      // The port, or the memory of the dead one, may not be free at once.
      for (let pauseMs = RESTART_MS; running === undefined && !stopping; pauseMs = Math.min(RESTART_MAX_MS, pauseMs * 2)) {
        await sleep(pauseMs)
        running = await start(port).catch((error: unknown) => {
          log.error({ err: error, what }, 'could not be started again')
          return undefined
        })
      }
    }
  }
  const watching = watch()
  return {
    url: first.url,
    socketUrl: first.socketUrl,
    get pid() {
      return running?.process?.pid
    },
    async [Symbol.asyncDispose]() {
      stopping = true
      await running?.[Symbol.asyncDispose]()
      await watching
      await running?.[Symbol.asyncDispose]()
    },
  }
}
