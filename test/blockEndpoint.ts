import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

type Pair = readonly [character: string, other: string]

/** A studio's social graph on loopback: real HTTP, which says only blocks, of characters or of accounts. */
export interface BlockEndpoint extends AsyncDisposable {
  url: string
  characters: Pair[]
  accounts: Pair[]
  /** Requests that have arrived. */
  asked: number
  /** Answers wait for it. */
  hold: Promise<void>
}

export async function startBlockEndpoint(): Promise<BlockEndpoint> {
  const server = createServer((request, response) => {
    let text = ''
    request.on('data', (chunk: Buffer) => {
      text += chunk.toString()
    })
    request.on('end', async () => {
      endpoint.asked++
      const { people } = JSON.parse(text) as { people: { character: string; account: string }[] } // sent by the code under test
      await endpoint.hold
      const answers = people.map(({ character, account }) => ({
        character,
        blocked: partnersOf(endpoint.characters, character),
        blockedAccounts: partnersOf(endpoint.accounts, account),
      }))
      response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify({ people: answers }))
    })
  })
  const endpoint: BlockEndpoint = {
    url: '',
    characters: [],
    accounts: [],
    asked: 0,
    hold: Promise.resolve(),
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections()
      server.close()
    },
  }
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  endpoint.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}` // a server on TCP
  return endpoint
}

function partnersOf(pairs: readonly Pair[], one: string): string[] {
  return pairs.flatMap(([a, b]) => (a === one ? [b] : b === one ? [a] : []))
}
