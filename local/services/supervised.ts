import { setTimeout as sleep } from 'node:timers/promises'
import { backoffMs } from '../../model/retry/backoff.ts'
import type { Logger } from '../../service/log.ts'
import type { RunningService } from './postgres.ts'

/** Pauses before restarts of a service that died, in ms: its port or shared memory may not be free at once. */
const restartTimes = { firstMs: 250, maxMs: 5_000 }

export interface SupervisedService extends AsyncDisposable {
  url: string
  socketUrl: string
  /** Pid of the running process; undefined during a restart, and for a service that Strata did not start. */
  readonly pid: number | undefined
}

/** A database server that is restarted on the same files and port when it dies. Its clients retry until then. */
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
      log.error({ what, why }, 'a service died; restarting it')
      for (let failures = 1; running === undefined && !stopping; failures++) {
        await sleep(backoffMs(restartTimes, failures))
        running = await start(port).catch((error: unknown) => {
          log.error({ err: error, what }, 'could not restart the service')
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
