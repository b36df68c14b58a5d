import type { Kysely } from 'kysely'
import { mapConnectionErrors } from '../database/connectionErrors.ts'
import type { Tables } from '../tables.ts'
import { applyCharacters, type CharacterLine } from './applyCharacters.ts'
import { applyAccounts, applyBlocks, applyFriendships, applyGuilds } from './applyRelations.ts'
import type { LineResult, Studio, StudioLine } from './studio.ts'

export function createStudio(db: Kysely<Tables>): Studio {
  return {
    apply: (lines) =>
      mapConnectionErrors(async () => {
        const results: LineResult[] = []
        for (const batch of batchesOf(lines)) results.push(...(await applyBatch(db, batch)))
        return results
      }),
  }
}

/** Neighbours of one kind; a character that comes again begins a new batch, since one statement writes each row once. */
function batchesOf(lines: readonly StudioLine[]): StudioLine[][] {
  const batches: StudioLine[][] = []
  let characters = new Set<string>()
  for (const line of lines) {
    const last = batches.at(-1)
    const again = line.kind === 'character' && characters.has(line.character)
    if (last !== undefined && last[0]?.kind === line.kind && !again) last.push(line)
    else {
      batches.push([line])
      characters = new Set()
    }
    if (line.kind === 'character') characters.add(line.character)
  }
  return batches
}

/** All lines of a batch are of the kind of its first. */
function applyBatch(db: Kysely<Tables>, batch: StudioLine[]): Promise<LineResult[]> {
  const of = <Kind extends StudioLine['kind']>(kind: Kind) => batch.filter((line): line is Extract<StudioLine, { kind: Kind }> => line.kind === kind)
  switch (batch[0]?.kind) {
    case 'account':
      return applyAccounts(db, of('account'))
    case 'character':
      return applyCharacters(db, of('character') as CharacterLine[])
    case 'guild':
      return applyGuilds(db, of('guild'))
    case 'friendship':
      return applyFriendships(db, of('friendship'))
    case 'block':
      return applyBlocks(db, of('block'))
    default:
      return Promise.resolve([])
  }
}
