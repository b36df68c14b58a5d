import type { CopyId, Language } from '../../../model/ids.ts'
import { freeSeats, mergeLimit } from '../view/capacity.ts'
import { CompanyIndex } from '../view/companyIndex.ts'
import type { CopyView, MapView, OpenCopyView } from '../view/mapView.ts'

interface Candidate {
  other: OpenCopyView
  company: number
}

/** Where the players of `from` should go: copies with free seats, those with most of their company first, and more copies until all players fit. */
export function chooseSuccessors(view: MapView, from: CopyView): CopyId[] {
  const limit = mergeLimit(view.policy)
  const companyIn = companyOf(view).pairsWith(from.census)
  const best: Candidate[] = []
  for (const other of view.usable) {
    if (other.id === from.id || freeSeats(limit, other) <= 0 || !view.canMove(from.copy, other.copy)) continue
    insertByRank(best, { other, company: companyIn(other.census) }, view.constants.successors)
  }
  const chosen: CopyId[] = []
  let seats = 0
  for (const { other, company } of best) {
    if (company === 0 && chosen.length > 0 && seats >= from.players) break
    chosen.push(other.id)
    seats += freeSeats(limit, other)
  }
  for (const speakers of bestSpeakers(view, from, (other) => other.id !== from.id && freeSeats(limit, other) > 0 && view.canMove(from.copy, other.copy))) {
    if (chosen.length < view.constants.successors && !chosen.includes(speakers.id)) chosen.push(speakers.id)
  }
  return chosen
}

/** For each of the most spoken languages of the copy: the fitting copy with most speakers. The scorer then chooses for each player (`moveParties.ts`). */
function bestSpeakers(view: MapView, from: CopyView, fits: (other: OpenCopyView) => boolean): OpenCopyView[] {
  view.speakers ??= speakersOf(view.usable)
  const spoken = [...from.census.languages].sort(([a, x], [b, y]) => y - x || (a < b ? -1 : 1)).slice(0, view.constants.languagesServed)
  return spoken.flatMap(([language]) => view.speakers?.get(language)?.find((other) => view.usable.includes(other) && fits(other)) ?? [])
}

/** Copies kept per language: a few, because the first ones may be full or closing by now. */
const KEPT_PER_LANGUAGE = 16
/** Copies listed per language before the list is cut down to those. Cutting after each copy would sort thousands of times. */
const LISTED_PER_LANGUAGE = 64

/** For each language the copies with most speakers, in that order. Built once per map and round, and only when a copy closes. */
function speakersOf(usable: readonly OpenCopyView[]): ReadonlyMap<Language, readonly OpenCopyView[]> {
  const ranked = new Map<Language, OpenCopyView[]>()
  const least = new Map<Language, number>()
  for (const copy of usable) {
    for (const [language, count] of copy.census.languages) {
      const known = ranked.get(language)
      if (known === undefined) ranked.set(language, [copy])
      else if (known.length < 2 * KEPT_PER_LANGUAGE || count > (least.get(language) ?? 0)) known.push(copy)
      if (known !== undefined && known.length >= LISTED_PER_LANGUAGE) least.set(language, trim(known, language))
    }
  }
  for (const [language, copies] of ranked) trim(copies, language)
  return ranked
}

/** Sorts by speakers and keeps the first ones; returns the speakers of the last one kept. */
function trim(copies: OpenCopyView[], language: Language): number {
  const speakers = ({ census }: OpenCopyView): number => census.languages.get(language) ?? 0
  copies.sort((a, b) => speakers(b) - speakers(a) || (a.id < b.id ? -1 : 1))
  copies.length = Math.min(copies.length, KEPT_PER_LANGUAGE)
  const last = copies.at(-1)
  return last === undefined ? 0 : speakers(last)
}

/** Inserts the candidate into the `most` sorted best. Sorting thousands of candidates for five took most of the time of a closing. */
function insertByRank(best: Candidate[], candidate: Candidate, most: number): void {
  let at = best.length
  for (let before = best[at - 1]; before !== undefined && compare(candidate, before) < 0; before = best[at - 1]) at--
  if (at === most) return
  best.splice(at, 0, candidate)
  if (best.length > most) best.pop()
}

function compare(a: Candidate, b: Candidate): number {
  return b.company - a.company || b.other.players - a.other.players || (a.other.id < b.other.id ? -1 : 1)
}

/** The index of guilds and parties over the usable copies, built on first use. */
export function companyOf(view: MapView): CompanyIndex {
  view.company ??= new CompanyIndex(view.usable, view.constants.partyPairs)
  return view.company
}
