import { request as httpRequest } from 'node:http'
import type { AddressInfo } from 'node:net'
import { generateKeyPair } from 'jose'
import { type Scope, signServiceToken } from '../../../model/ticket/serviceToken.ts'
import type { ImportEnd, ImportResult } from '../../../model/wire/studio.ts'
import type { PostgresStore } from '../../../store/postgresStore.ts'
import { Realm } from '../realm.ts'
import { type ServedOptions, served } from '../served.ts'

export interface ImportAnswer {
  status: number
  results: ImportResult[]
  end: ImportEnd | undefined
  /** The answer of a request that was refused as a whole. */
  code: string | undefined
}

/** A matchmaker that listens, with the studio's API and a key for service tokens. */
export async function studioApi(store: PostgresStore, options: ServedOptions = {}) {
  const stack = new AsyncDisposableStack()
  const realm = stack.use(await Realm.create(store))
  const { privateKey, publicKey } = await generateKeyPair('EdDSA', { extractable: true })
  const { app } = stack.use(await served(realm, { studio: store.studio, serviceKeys: () => [publicKey], ...options }))
  await app.listen({ host: '127.0.0.1', port: 0 })
  const { port } = app.server.address() as AddressInfo // a server on TCP
  const token = (...scopes: Scope[]): Promise<string> =>
    signServiceToken({ name: 'backend', scopes, expires: realm.clock.now() + 600_000 }, privateKey, realm.clock.now())
  const all = await token('players:read', 'players:write', 'social:write')

  const call = async (method: string, url: string, { body, bearer = all }: { body?: unknown; bearer?: string } = {}) => {
    const answer = await fetch(`http://127.0.0.1:${port}${url}`, {
      method,
      headers: { authorization: `Bearer ${bearer}`, ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })
    const json = (await answer.json()) as { error?: { code: string }; rows?: object[]; next?: string } // each test checks what it reads
    return { status: answer.status, json, code: json.error?.code }
  }
  /** Sends pieces of a body one after the other and reads the answer meanwhile. */
  const importFile = (pieces: readonly (string | Buffer)[], { query = '', bearer = all }: { query?: string; bearer?: string } = {}): Promise<ImportAnswer> =>
    new Promise((resolve, reject) => {
      const request = httpRequest(`http://127.0.0.1:${port}/v1/studio/import${query}`, {
        method: 'POST',
        headers: { authorization: `Bearer ${bearer}`, 'content-type': 'application/x-ndjson' },
      })
      request.once('error', reject)
      request.once('response', (response) => {
        let text = ''
        response.setEncoding('utf8')
        response.on('data', (piece: string) => {
          text += piece
        })
        response.once('error', reject)
        response.once('end', () => resolve(answerIn(response.statusCode ?? 0, text)))
      })
      for (const piece of pieces) request.write(piece)
      request.end()
    })
  return { app, realm, port, token, all, call, importFile, [Symbol.asyncDispose]: () => stack.disposeAsync() }
}

function answerIn(status: number, text: string): ImportAnswer {
  const values = text
    .split('\n')
    .flatMap((line) => (line === '' ? [] : [JSON.parse(line) as Partial<ImportResult> & { end?: ImportEnd; error?: { code: string } }]))
  const results = values.filter((value): value is ImportResult => value.line !== undefined)
  return { status, results, end: values.at(-1)?.end, code: values[0]?.error?.code }
}

export function linesOf(records: readonly unknown[]): string {
  return records.map((record) => `${JSON.stringify(record)}\n`).join('')
}
