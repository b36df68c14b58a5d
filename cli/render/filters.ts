/** The scorer's filters (matchmaker/score/eligibility.ts), as a person would say them. */
const sentences: Record<string, string> = {
  'not open': 'not open: still opening, lost, or its server is silent',
  closing: 'closing: only those who come to somebody inside',
  draining: 'its server is being drained',
  protocol: 'its server does not speak the protocol of this client',
  'other copy': 'another copy was asked for',
  'other party': 'belongs to another party',
  'party elsewhere': 'the party is in another copy of this map',
  'soft cap': 'would pass the limit for these people',
  full: 'would pass the hard cap',
}

export function filterSentence(filtered: string): string {
  return sentences[filtered] ?? filtered
}
