import type { StrataClient } from '../../client/index.ts'

/** Signs in to an account of this name and makes its character, as a new player does. */
export async function signInAs(client: StrataClient, name: string): Promise<void> {
  await client.login(name)
  const [known] = await client.characters.list()
  client.character = (known ?? (await client.characters.create({ name }))).character
}
