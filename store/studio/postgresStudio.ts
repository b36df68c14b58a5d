import { setTimeout as pause } from 'node:timers/promises'
import type { Kysely } from 'kysely'
import { StrataError } from '../../model/errors.ts'
import { mapConnectionErrors } from '../database/connectionErrors.ts'
import { type Blocks, createBlocks } from '../social/blocks.ts'
import type { SocialSource } from '../source/socialSource.ts'
import type { Tables } from '../tables.ts'
import { applyCharacters } from './applyCharacters.ts'
import { applyAccounts, applyBlocks, applyFriendships, applyGuilds } from './applyRelations.ts'
import { LOST_RACE } from './lostRace.ts'
import * as reads from './reads.ts'
import { refusal } from './refusal.ts'
import type { LineResult, Studio, StudioLine } from './studio.ts'

/** SQLSTATE codes of a transaction that lost against another one; the same again may succeed. */
const lostStates = new Set([LOST_RACE, '40P01'])
/** SQLSTATE classes of a value or a constraint that PostgreSQL refuses: one line of the batch causes it. */
const refusedStates = /^(22|23)/
/** Attempts for a batch that loses, and the pause between two of them, in ms. */
const ATTEMPTS = 5
const PAUSE_MS = 50

/** `source`: blocks besides those in the tables. */
export function createStudio(db: Kysely<Tables>, source?: SocialSource): Studio {
  const parts = { db, blocks: createBlocks(db, source) }
  return {
    apply: (lines) =>
      mapConnectionErrors(async () => {
        const results: LineResult[] = []
        for (const batch of batchesOf(lines)) results.push(...(await applyOrSplit(parts, batch)))
        return results
      }),
    accounts: (page) => mapConnectionErrors(() => reads.accounts(db, page)),
    characters: (page) => mapConnectionErrors(() => reads.characters(db, page)),
    character: (character) => mapConnectionErrors(() => reads.character(db, character)),
    friendships: (page) => mapConnectionErrors(() => reads.friendships(db, page)),
    blocks: (page) => mapConnectionErrors(() => reads.blocks(db, page)),
    guilds: (page) => mapConnectionErrors(() => reads.guilds(db, page)),
    roster: (guild) => mapConnectionErrors(() => reads.roster(db, guild)),
  }
}

interface StudioParts {
  db: Kysely<Tables>
  blocks: Blocks
}

/** Neighbours of one kind, all to be made or all to be removed; a character that comes again begins a new batch, since one statement writes each row once. */
function batchesOf(lines: readonly StudioLine[]): StudioLine[][] {
  const batches: StudioLine[][] = []
  let characters = new Set<string>()
  for (const line of lines) {
    const [first] = batches.at(-1) ?? []
    const again = line.kind === 'character' && characters.has(line.character)
    if (first !== undefined && first.kind === line.kind && removes(first) === removes(line) && !again) batches.at(-1)?.push(line)
    else {
      batches.push([line])
      characters = new Set()
    }
    if (line.kind === 'character') characters.add(line.character)
  }
  return batches
}

function removes(line: StudioLine): boolean {
  return 'remove' in line && line.remove === true
}

/** Another transaction may take a name, or end a guild, between the check and the write: then each line is applied alone, and the one that fails is refused. */
async function applyOrSplit(parts: StudioParts, batch: StudioLine[]): Promise<LineResult[]> {
  try {
    return await applyPatiently(parts, batch)
  } catch (error) {
    const state = stateOf(error)
    if (!refusedStates.test(state)) throw error
    const [first, ...others] = batch
    if (first !== undefined && others.length === 0) return [refusal(refusedLine(first, state))]
    const results: LineResult[] = []
    for (const line of batch) results.push(...(await applyOrSplit(parts, [line])))
    return results
  }
}

function refusedLine(line: StudioLine, state: string): StrataError {
  if (line.kind === 'character' && state === '23505') return new StrataError('NAME_TAKEN', { name: line.name })
  return new StrataError('BAD_REQUEST', { problem: `the database refuses a value of this ${line.kind} (SQLSTATE ${state})` })
}

async function applyPatiently(parts: StudioParts, batch: StudioLine[]): Promise<LineResult[]> {
  for (let attempts = 1; ; attempts++) {
    try {
      return await applyBatch(parts, batch)
    } catch (error) {
      if (!lostStates.has(stateOf(error)) || attempts === ATTEMPTS) throw error
      await pause(PAUSE_MS * attempts)
    }
  }
}

function stateOf(error: unknown): string {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : ''
}

/** All lines of a batch are of the kind of its first. */
function applyBatch({ db, blocks }: StudioParts, batch: StudioLine[]): Promise<LineResult[]> {
  const of = <Kind extends StudioLine['kind']>(kind: Kind) => batch.filter((line): line is Extract<StudioLine, { kind: Kind }> => line.kind === kind)
  switch (batch[0]?.kind) {
    case 'account':
      return applyAccounts(db, of('account'))
    case 'character':
      return applyCharacters(db, of('character'))
    case 'guild':
      return applyGuilds(db, of('guild'))
    case 'friendship':
      return applyFriendships(db, blocks, of('friendship'))
    case 'block':
      return applyBlocks(db, of('block'))
    default:
      return Promise.resolve([])
  }
}
