import type { Agenda } from './agenda.ts'
import type { Seen } from './sightings.ts'

/** What the first process of bots and the others tell each other. */
export interface Orders {
  agendas: readonly Agenda[]
  matchmaker: string
  seed: number
  /** With whom they trade; nobody: they do not. */
  partners: readonly string[]
  /** File of what each of them sees. */
  diary?: string
}
export type CompanyWord = Orders | 'stop'
export type CompanyReport = { ready: true } | { online: number } | { saw: Seen }

export const PROGRESS_MS = 1_000
