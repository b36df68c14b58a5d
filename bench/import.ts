import { request } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Readable } from 'node:stream'
import { Registry } from 'prom-client'
import { Sessions } from '../matchmaker/access/sessions.ts'
import { createApp } from '../matchmaker/http/app.ts'
import { defaultNameRules } from '../model/people/names.ts'
import { signServiceToken } from '../model/ticket/serviceToken.ts'
import { importEnd } from '../model/wire/studio.ts'
import { ensureKeyPair, readPrivateKey, readPublicKeys } from '../service/keys/keys.ts'
import { createLogger } from '../service/log.ts'
import { createStore } from '../store/postgresStore.ts'
import { oldGame } from './import/oldGame.ts'
import { type Report, rounded } from './report.ts'
import { startMatchmaker } from './world/matchmaker.ts'
import { startServices } from './world/services.ts'

export const summary = 'Import of a game that moves in: characters and friendships per second, over HTTP into PostgreSQL, and the same file again'

/** Accounts of the invented game. */
const ACCOUNTS = 20_000
/** Lines that are written to the connection at once. */
const CHUNK_LINES = 200

export async function run(stack: AsyncDisposableStack): Promise<Report> {
  const services = await startServices(stack)
  const clock = { now: () => Date.now() }
  const { parts } = await startMatchmaker(stack, services, new Map())
  const store = stack.use(await createStore({ url: services.databaseUrl }))
  const keys = `${services.folder}/keys`
  await ensureKeyPair(keys, 'service')
  const publicKeys = await readPublicKeys(keys, 'service')
  const app = await createApp({
    parts,
    accounts: store.accounts,
    social: store.social,
    studio: store.studio,
    characters: { names: defaultNameRules, perAccount: 8, madeBy: 'studio' },
    sessions: await Sessions.create({ clock, publicKeys: [] }),
    registry: new Registry(),
    log: createLogger('bench', 'error'),
    clock,
    ready: async () => undefined,
    perSessionPerSecond: 20,
    perAddressPerSecond: 5_000,
    origin: '*',
    serviceKeys: () => publicKeys,
  })
  stack.defer(() => app.close())
  await app.listen({ host: '127.0.0.1', port: 0 })
  const { port } = app.server.address() as AddressInfo // a server on TCP
  const token = await signServiceToken(
    { name: 'bench', scopes: ['players:write', 'social:write'], expires: clock.now() + 3_600_000 },
    await readPrivateKey(keys, 'service'),
    clock.now(),
  )

  const records = [...oldGame(ACCOUNTS)] as { kind: string }[] // each record has a kind
  const of = (...kinds: string[]): string[] => records.filter(({ kind }) => kinds.includes(kind)).map((record) => `${JSON.stringify(record)}\n`)
  const timed = async (lines: string[]): Promise<{ lines: number; perSecond: number; refused: number }> => {
    const began = performance.now()
    const refused = await send(port, token, lines)
    return { lines: lines.length, perSecond: rounded(lines.length / ((performance.now() - began) / 1000), 0), refused }
  }
  await send(port, token, of('guild'))
  const characters = of('character')
  return {
    characters: await timed(characters),
    charactersAgain: await timed(characters),
    accounts: await timed(of('account')),
    friendships: await timed(of('friendship')),
    blocks: await timed(of('block')),
  }
}

/** Returns how many lines were refused. */
async function send(port: number, token: string, lines: readonly string[]): Promise<number> {
  const answer = await new Promise<string>((resolve, reject) => {
    const sending = request(`http://127.0.0.1:${port}/v1/studio/import`, {
      method: 'POST',
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/x-ndjson' },
    })
    sending.once('error', reject)
    sending.once('response', (response) => {
      let last = ''
      response.setEncoding('utf8').on('data', (text: string) => {
        last = (last + text).slice(-10_000)
      })
      response.once('error', reject).once('end', () => resolve(last))
    })
    Readable.from(chunksOf(lines)).pipe(sending)
  })
  const { end } = importEnd.parse(JSON.parse(answer.trim().split('\n').at(-1) ?? ''))
  if (end.stopped !== undefined) throw new Error(end.stopped.message)
  return end.refused
}

function* chunksOf(lines: readonly string[]): Generator<string> {
  for (let from = 0; from < lines.length; from += CHUNK_LINES) yield lines.slice(from, from + CHUNK_LINES).join('')
}
