import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { calculateJwkThumbprint, exportJWK } from 'jose'
import { z } from 'zod'
import { port, readEnvironment } from '../../service/environment.ts'
import { ensureKeyPair, readPrivateKey } from '../../service/keys/keys.ts'
import { createLogger, type Logger } from '../../service/log.ts'
import { runService } from '../../service/run.ts'
import { createProvider } from './provider.ts'

const settings = z.object({
  HOST: z.string().default('127.0.0.1'),
  PORT: port.default(7102),
  /** Folder of the key that signs the tokens; it is made at the first start. */
  IDENTITY_KEYS: z.string().min(1),
  /** Lifetime of access tokens, in seconds. */
  TOKEN_SECONDS: z.coerce.number().int().min(1).default(20),
  AUDIENCE: z.string().min(1).default('strata'),
  CLIENT_ID: z.string().min(1).default('strata-game'),
  REDIRECT_URI: z.url().default('http://127.0.0.1/signed-in'),
  /** Where the console gets people back from a sign-in; without it the console is no client. */
  CONSOLE_REDIRECT_URI: z.url().optional(),
})
type Settings = z.infer<typeof settings>

const log = createLogger('identityProvider')
const environment = readEnvironment(settings)
await runService(log, () => start(environment, log))

async function start(env: Settings, log: Logger): Promise<AsyncDisposable> {
  await ensureKeyPair(env.IDENTITY_KEYS, 'session')
  const jwk = await exportJWK(await readPrivateKey(env.IDENTITY_KEYS, 'session'))
  const issuer = `http://${env.HOST}:${env.PORT}`
  const provider = createProvider({
    issuer,
    tokenSeconds: env.TOKEN_SECONDS,
    audience: env.AUDIENCE,
    client: env.CLIENT_ID,
    redirectUri: env.REDIRECT_URI,
    key: { ...jwk, kid: await calculateJwkThumbprint(jwk), alg: 'EdDSA', use: 'sig' },
    ...(env.CONSOLE_REDIRECT_URI === undefined ? {} : { console: { client: 'strata-console', redirectUri: env.CONSOLE_REDIRECT_URI } }),
    cookieSecret: createHash('sha256').update(String(jwk.d)).digest('hex'),
    now: Date.now,
  })
  provider.on('server_error', (_, error) => log.error({ err: error }, 'a request failed'))
  const server = provider.listen(env.PORT, env.HOST)
  await once(server, 'listening')
  log.info({ issuer }, 'listening')
  return {
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      server.close()
      await once(server, 'close').catch(() => undefined)
    },
  }
}
