import type { Filter } from '../../matchmaker/score/eligibility.ts'

/** The scorer's filters, as a person would say them. */
const sentences: Record<Filter, string> = {
  'not open': 'not open: still opening, lost, or its server is silent',
  closing: 'closing: only those who come to somebody inside',
  draining: 'its server is being drained',
  protocol: 'its server does not speak the protocol of this client',
  'state version': 'its game does not read what a newer release saved of them',
  region: 'in another region than was asked for',
  latency: 'farther away than the policy allows',
  'other copy': 'another copy was asked for',
  'other party': 'belongs to another party',
  'party elsewhere': 'the party is in another copy of this map',
  'soft cap': 'would pass the limit for these people',
  full: 'would pass the hard cap',
}

/** A newer matchmaker may know more of them: those are told as they are. */
export function filterSentence(filtered: string): string {
  return filtered in sentences ? sentences[filtered as Filter] : filtered // just looked up
}
