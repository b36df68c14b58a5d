import type { StrataClient } from '../../../client/index.ts'
import type { Person } from './schedule.ts'

/** Signs in to the account of this name and chooses its character, which is made at the first sign-in: the way of every player. */
export async function signIn(client: StrataClient, { name, language }: Pick<Person, 'name' | 'language'>, signal?: AbortSignal): Promise<void> {
  await client.login(name, signal)
  const [known] = await client.characters.list(signal)
  client.character = (known ?? (await client.characters.create({ name, languages: [language] }, signal))).character
}
