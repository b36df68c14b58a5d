import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { orphanGuard } from '../../local/guarded.ts'
import { createStore } from '../../store/postgresStore.ts'

const COINS = 100
const ITEMS = ['sword', 'shield', 'lantern']

/** Players of the previous release, with the client of that release: they walk, travel, fight, and send each other items and money. */
export class Players implements AsyncDisposable {
  readonly diary: string
  readonly #report: string
  readonly #child: ChildProcess

  constructor({ release, matchmaker, folder, count }: { release: string; matchmaker: string; folder: string; count: number }) {
    this.diary = join(folder, 'diary.jsonl')
    this.#report = join(folder, 'players.json')
    const args = ['--matchmaker', matchmaker, '--bots', String(count), '--steady', '--trade', '--diary', this.diary, '--report', this.#report]
    this.#child = spawn(process.execPath, ['--import', orphanGuard, 'gameserver/demo/bots/main.ts', ...args], {
      cwd: release,
      stdio: ['pipe', 'ignore', 'inherit'],
    })
    this.#child.stdin?.on('error', () => undefined)
  }

  /** Names of the players who have been in the world. */
  async names(): Promise<Set<string>> {
    const lines = (await readFile(this.diary, 'utf8').catch(() => '')).split('\n').slice(0, -1)
    return new Set(lines.map((line) => (JSON.parse(line) as { bot: string }).bot))
  }

  /** What the players saw, after they have logged out. */
  async report(): Promise<Record<string, number>> {
    await this[Symbol.asyncDispose]()
    return JSON.parse(await readFile(this.#report, 'utf8')) as Record<string, number> // gameserver/demo/bots/botStats.ts writes it
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return
    const closed = once(this.#child, 'close')
    this.#child.kill('SIGTERM')
    await closed
  }
}

/** Gives each of these characters coins and items. Needs the schema of this release. */
export async function giveGifts(databaseUrl: string, names: Iterable<string>): Promise<void> {
  await using store = await createStore({ url: databaseUrl, poolSize: 2 })
  for (const name of names) {
    const found = await store.findCharacter(name)
    if (found === undefined) continue
    const gift = { character: found.character, money: COINS, items: ITEMS, reason: 'starting gift' }
    await store.economy.grant({ actor: found.character, key: `gift-${found.character}` }, gift)
  }
}
