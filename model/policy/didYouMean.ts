/** Suggestion for an unknown word: `; did you mean "below"?` when a known word is similar, otherwise the list of known words. */
export function didYouMean(word: string, known: readonly string[]): string {
  if (known.length === 0) return ''
  const [best] = known
    .map((candidate) => ({ candidate, distance: editDistance(word.toLowerCase(), candidate.toLowerCase()) }))
    .sort((a, b) => a.distance - b.distance)
  if (best !== undefined && best.distance <= Math.max(2, word.length / 3)) return `; did you mean "${best.candidate}"?`
  return `; known here: ${known.join(', ')}`
}

/** Levenshtein distance; keeps one row of the matrix. */
function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index)
  for (let i = 1; i <= a.length; i++) {
    const next = [i]
    for (let j = 1; j <= b.length; j++) next.push(Math.min((row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1, (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1)))
    row = next
  }
  return row[b.length] ?? 0
}
