import { mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { LocalWorld } from '../../local/world.ts'
import { type Report, rounded } from '../report.ts'
import { say } from '../world/localWorld.ts'

const KB = 2 ** 10
const MB = 2 ** 20
/** Longest time in ms in which a process has to write its snapshot. It serves nobody meanwhile. */
const WRITE_MS = 60_000
/** Kinds of objects per process that the report names. */
const NAMED = 8

/** Objects of one kind in a heap: their number and their own size in bytes, without what they refer to. */
interface Kind {
  count: number
  bytes: number
}
type Heap = Map<string, Kind>

/** The part of a heap snapshot that is read here: the format of Chromium's developer tools, which V8 writes. */
interface SnapshotFile {
  snapshot: { meta: { node_fields: string[]; node_types: [string[], ...unknown[]] } }
  nodes: number[]
  strings: string[]
}

/** Takes heap snapshots of each process of the system, and compares which kinds of objects grew. */
export class HeapSnapshots implements AsyncDisposable {
  readonly #folder: string
  readonly #taken: Map<string, Heap>[] = []

  private constructor(folder: string) {
    this.#folder = folder
  }

  /** Call it before the processes start: they get the flags by `NODE_OPTIONS`. */
  static async prepare(): Promise<HeapSnapshots> {
    const folder = await mkdtemp(join(tmpdir(), 'strata-heaps-'))
    process.env['NODE_OPTIONS'] = `--heapsnapshot-signal=SIGUSR2 --diagnostic-dir=${folder}`
    return new HeapSnapshots(folder)
  }

  /** One process after the other, so that the others go on. */
  async take({ children, host }: LocalWorld): Promise<void> {
    const heaps = new Map<string, Heap>()
    for (const { name, pid } of [...children, ...host.servers().map(({ id, pid }) => ({ name: id, pid }))]) {
      if (pid === undefined) continue
      process.kill(pid, 'SIGUSR2')
      const file = await this.#written(pid)
      heaps.set(name, heapOf(JSON.parse(await readFile(file, 'utf8')) as SnapshotFile))
      await rm(file)
    }
    this.#taken.push(heaps)
    say(`heap snapshots of ${heaps.size} processes taken`)
  }

  /** For each process that is in the first and the last snapshot: the size of its heap in MB, and the kinds of objects that grew most, in kB. */
  report(): Report {
    const [first, last] = [this.#taken[0], this.#taken.at(-1)]
    const report: Report = {}
    for (const [name, before] of first ?? []) {
      const after = last?.get(name)
      if (after === undefined || first === last) continue
      const grown = [...after]
        .map(([kind, { count, bytes }]) => ({ kind, count: count - (before.get(kind)?.count ?? 0), bytes: bytes - (before.get(kind)?.bytes ?? 0) }))
        .sort((a, b) => b.bytes - a.bytes)
        .slice(0, NAMED)
      report[`${name} heap snapshots`] = {
        firstMB: rounded(sizeOf(before) / MB),
        lastMB: rounded(sizeOf(after) / MB),
        grown: Object.fromEntries(grown.map(({ kind, count, bytes }) => [kind, `${rounded(bytes / KB, 0)} kB, ${count} objects`])),
      }
    }
    return report
  }

  /** Waits until the process has written its snapshot. */
  async #written(pid: number): Promise<string> {
    let size = 0
    for (const until = Date.now() + WRITE_MS; Date.now() < until; await sleep(500)) {
      const name = (await readdir(this.#folder)).find((file) => file.split('.').includes(String(pid)))
      if (name === undefined) continue
      const file = join(this.#folder, name)
      const before = size
      size = (await stat(file)).size
      if (size > 0 && size === before) return file
    }
    throw new Error(`process ${pid} has written no heap snapshot within ${WRITE_MS / 1000} s`)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await rm(this.#folder, { recursive: true, force: true })
  }
}

/** Adds up the nodes of a snapshot. Objects count by their constructor, everything else (strings, code, closures) by its type. */
function heapOf({ snapshot, nodes, strings }: SnapshotFile): Heap {
  const { node_fields: fields, node_types: types } = snapshot.meta
  const [type, name, size] = ['type', 'name', 'self_size'].map((field) => fields.indexOf(field)) as [number, number, number]
  const heap: Heap = new Map()
  for (let at = 0; at < nodes.length; at += fields.length) {
    const kind = types[0][nodes[at + type] ?? 0] ?? 'unknown'
    const key = kind === 'object' ? (strings[nodes[at + name] ?? 0] ?? kind) : `(${kind})`
    const known = heap.get(key) ?? { count: 0, bytes: 0 }
    heap.set(key, { count: known.count + 1, bytes: known.bytes + (nodes[at + size] ?? 0) })
  }
  return heap
}

function sizeOf(heap: Heap): number {
  return [...heap.values()].reduce((sum, { bytes }) => sum + bytes, 0)
}
