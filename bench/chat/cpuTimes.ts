import { readdir, readFile } from 'node:fs/promises'
import { cpus } from 'node:os'

/** Clock ticks a second in /proc on Linux. */
const TICKS_PER_SECOND = 100
/**
 * Places of the fields in /proc/PID/stat after the name of the program: the parent's pid, CPU time in user and in kernel mode, and the same of child
 * processes that have ended.
 */
const [PARENT, USER, KERNEL, ENDED_USER, ENDED_KERNEL] = [1, 11, 12, 13, 14]

/** CPU seconds of named processes and of all processes of the machine. */
export interface CpuTimes {
  at: number
  processes: Map<string, number>
  machine: number
}

/** Reads the CPU time of these processes; a database's with that of its child processes. Linux only. */
export async function readCpuTimes(pids: Readonly<Record<string, number>>): Promise<CpuTimes> {
  const entries = (await readdir('/proc')).filter((entry) => /^\d+$/.test(entry))
  const rows = await Promise.all(
    entries.map(async (entry) => {
      const stat = await readFile(`/proc/${entry}/stat`, 'utf8').catch(() => '') // the process has ended
      const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
      const secondsIn = (...places: number[]): number => places.reduce((sum, place) => sum + Number(fields[place] ?? 0), 0) / TICKS_PER_SECOND
      const parent = Number(fields[PARENT])
      return { pid: Number(entry), parent, own: secondsIn(USER, KERNEL), ended: secondsIn(ENDED_USER, ENDED_KERNEL) }
    }),
  )
  const processes = Object.entries(pids).map(([name, pid]): [string, number] => [
    name,
    name === 'postgres'
      ? rows.reduce((sum, row) => sum + (row.pid === pid ? row.own + row.ended : row.parent === pid ? row.own : 0), 0)
      : (rows.find((row) => row.pid === pid)?.own ?? 0),
  ])
  const machine = cpus().reduce((sum, { times }) => sum + (times.user + times.nice + times.sys + times.irq) / 1_000, 0)
  return { at: performance.now(), processes: new Map(processes), machine }
}

/** Mean number of cores that each process used between two readings; `others`: processes that do not belong to the bench. */
export function coresUsed(before: CpuTimes, after: CpuTimes): Record<string, number> {
  const seconds = (after.at - before.at) / 1_000
  const used = [...after.processes].map(([name, total]): [string, number] => [name, (total - (before.processes.get(name) ?? 0)) / seconds])
  const own = used.reduce((sum, [, cores]) => sum + cores, 0)
  return Object.fromEntries([...used, ['others', Math.max(0, (after.machine - before.machine) / seconds - own)] as const])
}
