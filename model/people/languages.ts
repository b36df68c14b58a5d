import type { Language } from '../ids.ts'
import type { MapPolicy } from '../policy/policy.ts'
import type { SeatHolder } from '../seat.ts'

type Spoken = Pick<SeatHolder, 'language' | 'languages'>

/** All languages that the holder of a seat speaks, best first, each once. A seat that the previous release wrote has only `language`. */
export function spokenBy({ language, languages }: Spoken): readonly Language[] {
  return languages === undefined ? [language] : [...new Set([language, ...languages])]
}

/** A language with its region (`pt-br`, `es-419`); the script before the region stays (`zh-hant-tw`). */
const WITH_REGION = /^(.+)-([a-z]{2}|\d{3})$/

/**
 * The languages of a seat, as the map's policy counts them: first what `as` says, else without the region when `regions` is `together`. Each language once, in
 * the order of the character.
 */
export function seatLanguages(languages: readonly Language[], { regions, as }: MapPolicy['placement']['languages']): Spoken {
  const counted = (language: Language): Language => as[language] ?? (regions === 'together' ? (WITH_REGION.exec(language)?.[1] ?? language) : language)
  const [language = 'en', ...others] = new Set(languages.map(counted))
  return others.length === 0 ? { language } : { language, languages: others }
}
