import { once } from 'node:events'
import { seededRandom } from '../../model/random.ts'

/** Members of a guild, friendships per character, and the share of accounts that block somebody. Measured figures of real games are not public; these are plausible. */
const GUILD = 50
const FRIENDS = 2
const BLOCKERS = 0.05
const SYLLABLES = ['ba', 'ce', 'di', 'fo', 'gu', 'ha', 'ke', 'li', 'mo', 'nu', 'pa', 're', 'si', 'to', 'vu', 'za']
const LANGUAGES = ['de', 'en', 'fr', 'pt-BR']

/** The export of an invented game: accounts with one to three characters, guilds, friendships, blocks. The same number of accounts gives the same lines. */
export function* oldGame(accounts: number): Generator<object> {
  const random = seededRandom(accounts)
  const upTo = (count: number): number => Math.floor(random() * count)
  const characters: { character: string; account: string }[] = []
  const guilds = Math.max(1, Math.floor(accounts / GUILD))
  for (let n = 0; n < guilds; n++) yield { kind: 'guild', guild: `g-${n}`, name: `Guild ${nameOf(n)}` }
  for (let n = 0; n < accounts; n++) {
    const account = `user-${n}`
    yield { kind: 'account', account, displayName: `Player ${n}` }
    for (let own = 0; own <= upTo(3); own++) {
      const character = `c-${n}-${own}`
      characters.push({ character, account })
      const language = LANGUAGES[upTo(LANGUAGES.length)] ?? 'en'
      const attributes = { level: 1 + upTo(60), role: ['tank', 'healer', 'scout'][upTo(3)] ?? 'scout' }
      yield { kind: 'character', character, account, name: nameOf(characters.length), languages: [language], attributes, guild: `g-${upTo(guilds)}` }
    }
  }
  const any = (): { character: string; account: string } => characters[upTo(characters.length)] ?? { character: '', account: '' }
  for (const { character, account } of characters) {
    for (let friend = 0; friend < FRIENDS; friend++) {
      const other = any()
      if (other.account !== account) yield { kind: 'friendship', characters: [character, other.character] }
    }
  }
  for (const { character, account } of characters) {
    const other = any()
    if (random() < BLOCKERS && other.account !== account) yield { kind: 'block', character, blocked: other.character }
  }
}

/** A name of its own for each number. */
function nameOf(n: number): string {
  const syllables: string[] = []
  for (let left = n + 256; left > 0; left = Math.floor(left / SYLLABLES.length)) syllables.push(SYLLABLES[left % SYLLABLES.length] ?? '')
  const name = syllables.join('')
  return name.charAt(0).toUpperCase() + name.slice(1)
}

if (import.meta.main) {
  for (const record of oldGame(Number(process.argv[2] ?? 1_000))) {
    if (!process.stdout.write(`${JSON.stringify(record)}\n`)) await once(process.stdout, 'drain')
  }
}
