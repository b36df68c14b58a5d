import { join, resolve } from 'node:path'
import type { Census } from '../../model/census.ts'
import { DAY_MS, type Instant } from '../../model/clock.ts'
import type { MapName } from '../../model/ids.ts'
import type { Policies } from '../../model/policy/policy.ts'
import type { TrialLine } from '../../model/wire/console.ts'
import type { Recordings } from '../../store/records/recordings.ts'
import type { Timeline } from '../live/timeline.ts'
import { spansOf } from '../recording/spans.ts'
import { writeRecording } from '../recording/writeRecording.ts'
import { LEAST_RECORDED_MS, recordedDay } from './recordedDay.ts'

/** Least players of a generated day: fewer tell nothing about a policy. */
const LEAST_PLAYERS = 200
/** Most players of a generated day, so that a trial ends within minutes. */
const MOST_PLAYERS = 10_000

/** Least people in a recording on which a draft is tried. */
const LEAST_PEOPLE = 10

export interface DayInput {
  /** File of a recorded day. */
  file: string | undefined
  /** Path of the game's placement code. */
  code: string | undefined
  recordings: Pick<Recordings, 'recordedHeads' | 'recordedChunks'>
  /** Whether the leader records. */
  recording: boolean
  policies: Policies
  census: Census
  timeline: Pick<Timeline, 'since'>
  now: Instant
}

/** The day of one trial: arguments that name it for the simulator, and what the console says about it. */
export interface TrialDay {
  options: readonly string[]
  about: Extract<TrialLine, { type: 'day' }>
}

/**
 * The file of the settings, else what was recorded of the last day, else a generated day on the maps of this world, with as many players as it had. The recording
 * is written to `folder`.
 */
export async function dayOfTrials(input: DayInput, folder: string): Promise<TrialDay> {
  const { file, code } = input
  const ownCode = code === undefined ? [] : ['--code', resolve(code)]
  const day = file === undefined ? await recorded(input, folder) : ({ options: ['--trace', resolve(file)], about: { type: 'day', day: 'file' } } as const)
  return { ...day, options: [...day.options, ...ownCode] }
}

async function recorded(input: DayInput, folder: string): Promise<TrialDay> {
  const { recordings, recording, now } = input
  const generated = (why: string): TrialDay => ({ options: generatedDay(input), about: { type: 'day', day: 'generated', why } })
  const time = recordedDay(spansOf(await recordings.recordedHeads(now - DAY_MS)), now)
  if (time === undefined) return generated(recording ? 'nothing was recorded yet; the recording begins when an orchestrator leads' : 'RECORDING is off')
  if (time.recordedMs < LEAST_RECORDED_MS)
    return generated(`only ${Math.round(time.recordedMs / 1000)} s were recorded so far; a trial needs ${LEAST_RECORDED_MS / 60_000} minutes`)
  const file = join(folder, 'recording.csv')
  const { people } = await writeRecording(recordings, time, file)
  if (people < LEAST_PEOPLE) return generated(`the recording has only ${people} people; a trial needs ${LEAST_PEOPLE}`)
  const { from, until, recordedMs } = time
  return { options: ['--trace', file], about: { type: 'day', day: 'recorded', from, until, recordedMs, people } }
}

function generatedDay({ policies, census, timeline }: DayInput): string[] {
  const peak = Math.max(...timeline.since(0).players, census.whereabouts.size)
  const players = Math.min(MOST_PLAYERS, Math.max(LEAST_PLAYERS, peak))
  const seats = (map: MapName): number => [...(census.maps.get(map)?.copies.values() ?? [])].reduce((sum, copy) => sum + copy.seats.size, 0)
  const maps = [...policies.values()].filter(({ kind }) => kind === 'zone').map(({ map }) => map)
  const busiest = maps.map((map) => ({ map, players: seats(map) })).sort((a, b) => b.players - a.players || (a.map < b.map ? -1 : 1))
  return ['--generate', 'ordinary', '--realms', '1', '--players', String(players), '--maps', busiest.map(({ map }) => map).join(',')]
}
