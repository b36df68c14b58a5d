/**
 * The best possible sum of own-language shares with this many copies: Σ over copies and languages of n² / size. Each language is kept whole, and languages
 * share a copy only when there are more languages than copies. n² / size is jointly convex in n and size, so splitting a language over copies never gives a
 * larger sum. Caps are ignored, which makes the bound stricter. Beyond the `MOST_LANGUAGES` most spoken, all languages count as one.
 */
export function bestLanguageSum(speakers: readonly number[], copies: number): number {
  const spoken = fewLanguages(speakers.filter((n) => n > 0))
  const blocks = Math.min(copies, spoken.length)
  if (blocks <= 0) return 0
  let best = 0
  for (const partition of partitionsOf(spoken.length, blocks)) {
    const size = new Array<number>(blocks).fill(0)
    const squares = new Array<number>(blocks).fill(0)
    for (const [language, block] of partition.entries()) {
      const n = spoken[language] ?? 0
      size[block] = (size[block] ?? 0) + n
      squares[block] = (squares[block] ?? 0) + n * n
    }
    let sum = 0
    for (let block = 0; block < blocks; block++) sum += (squares[block] ?? 0) / (size[block] ?? 1)
    best = Math.max(best, sum)
  }
  return best
}

/** Languages that count separately: the number of partitions grows like the Bell numbers, 877 for seven languages and 115,975 for ten. */
const MOST_LANGUAGES = 7

function fewLanguages(spoken: number[]): number[] {
  if (spoken.length <= MOST_LANGUAGES) return spoken
  const sorted = spoken.toSorted((a, b) => b - a)
  return [...sorted.slice(0, MOST_LANGUAGES - 1), sorted.slice(MOST_LANGUAGES - 1).reduce((sum, n) => sum + n, 0)]
}

const cache = new Map<number, readonly (readonly number[])[]>()

/** All partitions of `items` into exactly `blocks` non-empty blocks. Each partition lists the block of each item. Cached. */
function partitionsOf(items: number, blocks: number): readonly (readonly number[])[] {
  const key = items * 100 + blocks
  const found = cache.get(key)
  if (found !== undefined) return found
  const all: number[][] = []
  const grow = (partition: number[], used: number): void => {
    if (partition.length === items) {
      if (used === blocks) all.push(partition)
      return
    }
    for (let block = 0; block <= Math.min(used, blocks - 1); block++) grow([...partition, block], Math.max(used, block + 1))
  }
  grow([], 0)
  cache.set(key, all)
  return all
}
