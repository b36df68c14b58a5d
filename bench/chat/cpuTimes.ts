import { readdir, readFile } from 'node:fs/promises'
import { cpus } from 'node:os'

/** Clock ticks a second in /proc on Linux. */
const TICKS_PER_SECOND = 100
/** Places of the fields in /proc/PID/stat after the name of the program: the parent's pid, and CPU time in user and kernel mode. */
const [PARENT, USER, KERNEL] = [1, 11, 12]

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
      return { pid: Number(entry), parent: Number(fields[PARENT]), seconds: (Number(fields[USER]) + Number(fields[KERNEL])) / TICKS_PER_SECOND || 0 }
    }),
  )
  const processes = Object.entries(pids).map(([name, pid]): [string, number] => [
    name,
    rows.filter((row) => row.pid === pid || (name === 'postgres' && row.parent === pid)).reduce((sum, { seconds }) => sum + seconds, 0),
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
