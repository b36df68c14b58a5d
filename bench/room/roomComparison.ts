import type { RawPool } from '../../gameserver/demo/bots/raw/rawPool.ts'
import { type Report, rounded } from '../report.ts'
import { type Cpu, type Load, measureRoom, type Room } from './measureRoom.ts'

/** The rooms of one run, and their CPU time held against each other. A ratio is null when one of its rooms was not measured, or got less CPU time than it had work for. */
export class RoomComparison {
  readonly report: Record<string, Report> = {}
  readonly #load: Load
  readonly #cpu = new Map<string, Cpu>()

  constructor(load: Load) {
    this.#load = load
  }

  /** `load`: what differs for this room. */
  async measure(name: string, room: Room, load: Partial<Load> = {}, during?: (pool: RawPool) => Promise<void>): Promise<Cpu> {
    const { report, cpu } = await measureRoom(room, { ...this.#load, ...load }, during)
    this.report[name] = report
    this.#cpu.set(name, cpu)
    return cpu
  }

  ratio(one: string, other: string): number | null {
    const [mine, theirs] = [this.#coresOf(one), this.#coresOf(other)]
    return mine === undefined || theirs === undefined ? null : rounded(mine / theirs)
  }

  ratioPerSnapshot(one: string, other: string): number | null {
    const [mine, theirs] = [this.#cpu.get(one), this.#cpu.get(other)]
    return mine === undefined || theirs === undefined ? null : rounded(mine.perSnapshot / theirs.perSnapshot)
  }

  /** What two rooms cost more than their transports alone, as a ratio. */
  ratioWithout([one, transport]: readonly [string, string], [other, otherTransport]: readonly [string, string]): number | null {
    const [mine, theirs] = [this.#beyond(one, transport), this.#beyond(other, otherTransport)]
    return mine === undefined || theirs === undefined ? null : rounded(mine / theirs)
  }

  #beyond(room: string, transport: string): number | undefined {
    const [all, part] = [this.#coresOf(room), this.#coresOf(transport)]
    return all === undefined || part === undefined ? undefined : all - part
  }

  #coresOf(name: string): number | undefined {
    const cpu = this.#cpu.get(name)
    return cpu?.comparable === true ? cpu.cores : undefined
  }
}
