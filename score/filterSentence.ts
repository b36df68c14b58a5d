import type { Filter } from './eligibility.ts'

/** Explanations of the scorer's filters for operators. */
const sentences: Record<Filter, string> = {
  'not open': 'not open: still opening, lost, or its server is silent',
  closing: 'closing: only players with company inside may enter',
  draining: 'its server is being drained',
  silent: 'its server has missed three reports and may be lost',
  protocol: 'its server does not speak the protocol of this client',
  'state version': 'its game version cannot read the state that a newer version saved',
  region: 'in another region than requested',
  latency: 'farther away than the policy allows',
  'other copy': 'another copy was requested',
  'other party': 'belongs to another party',
  'other key': 'has another instance key',
  'party elsewhere': 'the party is in another copy of this map',
  overloaded: 'its server is short of CPU and takes nobody but party members',
  'seats needed': 'its free seats are needed by players whose copy has to end',
  'soft cap': 'would pass the limit for these people',
  full: 'would pass the hard cap',
}

/** Explanation of a filter. A newer matchmaker may have more filters; those are shown as they are. */
export function filterSentence(filtered: string): string {
  return filtered in sentences ? sentences[filtered as Filter] : filtered // checked by `in`
}
