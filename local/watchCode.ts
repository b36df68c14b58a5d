import { type FSWatcher, watch } from 'node:fs'
import { resolve } from 'node:path'

/** Pause after the last change, in ms, before the code is taken: editors and formatters write several files, some of them twice. */
const SETTLE_MS = 200
/** Files that a game server may load. */
const CODE = /\.(?:[cm]?[jt]s|json)$/
const TEST = /\.test\.[cm]?[jt]s$/

/** Calls `changed` after code below one of the folders was saved, and again only after its last call has ended. */
export function watchCode(folders: readonly string[], changed: () => Promise<void>): Disposable {
  let timer: NodeJS.Timeout | undefined
  let [running, again, closed] = [false, false, false]
  const run = async (): Promise<void> => {
    if (running) {
      again = true
      return
    }
    running = true
    do {
      again = false
      await changed()
    } while (again && !closed)
    running = false
  }
  const saw = (_event: string, file: string | null): void => {
    if (file === null || !CODE.test(file) || TEST.test(file)) return
    clearTimeout(timer)
    timer = setTimeout(() => void run(), SETTLE_MS)
  }
  const watchers: FSWatcher[] = folders.map((folder) => watch(resolve(folder), { recursive: true }, saw))
  return {
    [Symbol.dispose]() {
      closed = true
      clearTimeout(timer)
      for (const watcher of watchers) watcher.close()
    },
  }
}
