import { randomInt, randomUUID } from 'node:crypto'
import { z } from 'zod'
import { CensusReplica } from '../directory/censusReplica.ts'
import { RedisDirectory } from '../directory/redis/redisDirectory.ts'
import { type Clock, DAY_MS } from '../model/clock.ts'
import { defined } from '../model/defined.ts'
import { StrataError } from '../model/errors.ts'
import { defaultNameRules } from '../model/people/names.ts'
import { HeldPolicies } from '../model/policy/heldPolicies.ts'
import { seededRandom } from '../model/random.ts'
import { CodedPolicies } from '../score/gameSignals.ts'
import { databaseSettings, port, readEnvironment, redisSettings, url } from '../service/environment.ts'
import { readPrivateKey, readPublicKeys } from '../service/keys/keys.ts'
import { PublicKeys } from '../service/keys/publicKeys.ts'
import { connectCluster, inCluster } from '../service/kubernetes/cluster.ts'
import { PolicyObjects } from '../service/kubernetes/policyObjects.ts'
import { createLogger, type Logger } from '../service/log.ts'
import { clockGauge, createRegistry } from '../service/metrics.ts'
import { measuredDirectory, measuredStore } from '../service/observe/dependencies.ts'
import { startTracing, tracingSettings } from '../service/observe/tracing.ts'
import { placementSettings, watchedPlacementCode } from '../service/placementCode.ts'
import { PolicyFolder } from '../service/policyFolder.ts'
import { disablePretenuring } from '../service/pretenuring.ts'
import { runService } from '../service/run.ts'
import { DecisionWriter } from '../store/decisions/decisionWriter.ts'
import { EconomySweeper } from '../store/economy/sweeper.ts'
import { createStore } from '../store/postgresStore.ts'
import { sourceFrom, sourceSettings } from '../store/source/sourceSettings.ts'
import { defaultClaims, Sessions } from './access/sessions.ts'
import { composeParts } from './composeParts.ts'
import { createApp, REQUESTS_AT_ONCE } from './http/app.ts'
import type { CharacterRules } from './http/characterRoutes.ts'
import { PARTY_INVITATION_MS } from './http/social/partyRoutes.ts'
import { Maintenance } from './maintenance/maintenance.ts'
import { NoticeSync } from './profiles/noticeSync.ts'
import { ProfileSync } from './profiles/profileSync.ts'
import { Promotions } from './queue/promotions.ts'
import { Endpoint } from './webhooks/endpoint.ts'
import { WebhookSender } from './webhooks/webhookSender.ts'
import { webhookSettings, webhooksFrom } from './webhooks/webhookSettings.ts'

const settings = z.object({
  /** Address that the process listens on. */
  HOST: z.string().default('127.0.0.1'),
  /** Port of the HTTP API for players; 0 takes any free port. */
  PORT: port.default(7100),
  ...databaseSettings,
  ...redisSettings,
  ...tracingSettings,
  /** Folder with the keys: the private key of tickets, and the public keys of service tokens. */
  STRATA_KEYS: z.string().min(1, 'set it to the folder that contains the keys'),
  /** Folder with the policies. When absent in a cluster: the MapPolicy objects of the namespace. */
  STRATA_POLICIES: z.string().min(1).optional(),
  /** Namespace of the MapPolicy objects; by default the namespace of the pod. */
  POD_NAMESPACE: z.string().min(1).optional(),
  /** Lets anybody log in as any character. Only for development. */
  DEV_LOGIN: z.stringbool().default(false),
  /** Key set of the studio's identity provider. Without it only the development login works. */
  SESSION_JWKS_URL: url.optional(),
  /** `iss` that the provider's tokens must have; without it any. */
  SESSION_ISSUER: z.string().optional(),
  /** `aud` that the provider's tokens must have; without it any. */
  SESSION_AUDIENCE: z.string().optional(),
  /** Claim with the id of the account. */
  SESSION_CLAIM_ACCOUNT: z.string().default(defaultClaims.account),
  /** Claim with the display name of the account. */
  SESSION_CLAIM_NAME: z.string().default(defaultClaims.displayName),
  /** Claim with the language of the account. */
  SESSION_CLAIM_LANGUAGE: z.string().default(defaultClaims.language),
  /** Claim with the priority class in line. */
  SESSION_CLAIM_CLASS: z.string().default(defaultClaims.class),
  /** Claim with the roles of the account. */
  SESSION_CLAIM_ROLES: z.string().default(defaultClaims.roles),
  /** Most characters of one account. */
  CHARACTERS_PER_ACCOUNT: z.coerce.number().int().min(1).max(1_000).default(8),
  /** How many characters of one account may be live at once. With `one`, entering with another character ends the session of the first, or answers CHARACTER_BUSY. */
  LIVE_CHARACTERS: z.enum(['one', 'several']).default('one'),
  /** Who makes characters: players by themselves, or only the studio's back end. */
  CHARACTERS_MADE_BY: z.enum(['players', 'studio']).default('players'),
  /** How long an invitation to a party can be accepted, in ms. */
  PARTY_INVITATION_MS: z.coerce.number().int().min(1_000).max(DAY_MS).default(PARTY_INVITATION_MS),
  /** Least characters of a character's name. */
  NAME_MIN_LENGTH: z.coerce.number().int().min(1).default(defaultNameRules.minLength),
  /** Most characters of a character's name. */
  NAME_MAX_LENGTH: z.coerce.number().int().min(1).max(128).default(defaultNameRules.maxLength),
  /** Names besides the built-in ones that no character may have, separated by commas. */
  NAMES_RESERVED: z.string().default(''),
  ...placementSettings,
  ...webhookSettings,
  ...sourceSettings,
  /** Token that opens all routes of operators and services. Without it only service tokens are accepted. */
  OPERATOR_TOKEN: z.string().min(1).optional(),
  /** Access-Control-Allow-Origin of the answers. `*` is safe, because sessions are sent in a header and never in a cookie. */
  CORS_ORIGIN: z.string().default('*'),
  /** Requests per second of one account with a valid session; twice as many at once. */
  REQUESTS_PER_SESSION: z.coerce.number().min(1).default(20),
  /** CIDRs of trusted proxies. Behind an Ingress, all players share the Ingress address unless it is listed here. */
  TRUST_PROXY: z.string().min(1).optional(),
  /** Requests per second and address without a valid session; a player with one is limited by REQUESTS_PER_SESSION alone. Many players share an address. */
  REQUESTS_PER_ADDRESS: z.coerce.number().min(1).default(200),
  /** Requests that this process works on at the same time. Above it, requests are refused with OVERLOADED. */
  REQUESTS_AT_ONCE: z.coerce.number().int().min(1).default(REQUESTS_AT_ONCE),
})
type Settings = z.infer<typeof settings>

/** Deadline of the database check in `/readyz`, in ms. */
const READY_TIMEOUT_MS = 2_000
const clock: Clock = { now: () => Date.now() }

disablePretenuring()
const log = createLogger('matchmaker')
const environment = readEnvironment(settings)
await runService(log, () => start(environment, log))

async function start(env: Settings, log: Logger): Promise<AsyncDisposable> {
  await using starting = new AsyncDisposableStack()
  starting.use(await startTracing('matchmaker', env, log))
  const registry = createRegistry('matchmaker')
  const opened = starting.use(
    await createStore(defined({ url: env.DATABASE_URL, pooler: env.DATABASE_POOLER, warm: true, log, source: sourceFrom(env, { clock, registry, log }) })),
  )
  const store = measuredStore(opened, registry)
  const decisions = starting.use(new DecisionWriter({ store, log, registry }))
  const connected = starting.use(await RedisDirectory.connect(env.REDIS_URL, { prefix: env.REDIS_PREFIX, waitReplicas: env.REDIS_WAIT_REPLICAS }))
  const directory = measuredDirectory(connected, registry)
  clockGauge(registry, directory)
  const policies = starting.use(await openPolicies(env, log))
  const replica = starting.use(await CensusReplica.follow(directory, clock))
  const publicKeys = starting.use(await PublicKeys.open({ folder: env.STRATA_KEYS, name: 'ticket', log }))
  const serviceKeys = starting.use(await PublicKeys.open({ folder: env.STRATA_KEYS, name: 'service', missing: 'allowed', log }))
  const keys = {
    ticket: await readPrivateKey(env.STRATA_KEYS, 'ticket'),
    get ticketPublic() {
      return publicKeys.keys
    },
  }
  const held = new HeldPolicies({ whileCopies: false, ...(policies instanceof PolicyObjects ? { removed: () => policies.deleted() } : {}) })
  const code = await watchedPlacementCode(env.PLACEMENT_CODE, { registry, log })
  const coded = new CodedPolicies(code)
  const inForce = () => coded.withCode(held.inForce(policies.policies(), replica.census(), clock.now()))
  const parts = starting.use(
    composeParts({
      directory,
      store,
      replica,
      registry,
      policies: inForce,
      clock,
      newId: randomUUID,
      keys,
      liveCharacters: env.LIVE_CHARACTERS,
      record: (decision) => decisions.add(decision),
      log,
    }),
  )
  starting.use(new Promotions(parts))
  starting.use(new Maintenance(parts, seededRandom(randomInt(2 ** 32))))
  starting.use(new ProfileSync(parts, store.social))
  starting.use(new NoticeSync(parts, store.social))
  starting.use(new EconomySweeper(store.economy, log))
  const webhooks = webhooksFrom(env)
  await store.webhooks.setTypes(webhooks?.types ?? [])
  if (webhooks !== undefined) {
    const endpoint = new Endpoint(webhooks)
    starting.use(
      new WebhookSender({
        store,
        webhooks: store.webhooks,
        endpoint,
        config: webhooks,
        maps: () => inForce().keys(),
        registry,
        clock,
        random: Math.random,
        log,
      }),
    )
  }
  const app = await createApp({
    parts,
    accounts: store.accounts,
    social: store.social,
    studio: store.studio,
    webhooks: store.webhooks,
    economy: store.economy,
    characters: characterRules(env),
    partyInvitationMs: env.PARTY_INVITATION_MS,
    sessions: await sessionsFrom(env),
    registry,
    log,
    clock,
    ready: async () => {
      if (!replica.ready()) throw new Error('the directory has not answered yet; check Redis and REDIS_URL')
      if (inForce().size === 0) throw new Error('no map has a valid policy; run `strata lint`')
      await Promise.all([store.ping(AbortSignal.timeout(READY_TIMEOUT_MS)), directory.ping()])
    },
    perSessionPerSecond: env.REQUESTS_PER_SESSION,
    perAddressPerSecond: env.REQUESTS_PER_ADDRESS,
    atOnce: env.REQUESTS_AT_ONCE,
    origin: env.CORS_ORIGIN,
    trustProxy: env.TRUST_PROXY,
    serviceKeys: () => serviceKeys.keys,
    ...defined({ operatorToken: env.OPERATOR_TOKEN }),
  })
  starting.defer(() => app.close())
  await app.listen({ host: env.HOST, port: env.PORT }).catch((error: NodeJS.ErrnoException) => {
    throw error.code === 'EADDRINUSE' ? new StrataError('PORT_IN_USE', { port: env.PORT, option: 'another PORT' }, { cause: error }) : error
  })
  log.info({ addresses: app.addresses(), maps: [...policies.policies().keys()] }, 'listening')
  return starting.move()
}

async function openPolicies({ STRATA_POLICIES: folder, POD_NAMESPACE: namespace }: Settings, log: Logger): Promise<PolicyFolder | PolicyObjects> {
  if (folder === undefined && inCluster) return PolicyObjects.connect({ ...connectCluster(namespace), log, random: Math.random })
  return PolicyFolder.open(folder ?? 'fleets', log)
}

/** Reads the session key pair only for the development login. With an identity provider of the studio the files may be absent. */
async function sessionsFrom(env: Settings): Promise<Sessions> {
  const { SESSION_JWKS_URL: jwks, SESSION_ISSUER: issuer, SESSION_AUDIENCE: audience } = env
  const claims = {
    account: env.SESSION_CLAIM_ACCOUNT,
    displayName: env.SESSION_CLAIM_NAME,
    language: env.SESSION_CLAIM_LANGUAGE,
    class: env.SESSION_CLAIM_CLASS,
    roles: env.SESSION_CLAIM_ROLES,
  }
  return Sessions.create(
    defined({
      clock,
      publicKeys: env.DEV_LOGIN ? await readPublicKeys(env.STRATA_KEYS, 'session') : [],
      privateKey: env.DEV_LOGIN ? await readPrivateKey(env.STRATA_KEYS, 'session') : undefined,
      identityProvider: jwks === undefined ? undefined : defined({ jwks: new URL(jwks), issuer, audience, claims }),
    }),
  )
}

function characterRules(env: Settings): CharacterRules {
  const reserved = env.NAMES_RESERVED.split(',').filter((name) => name.trim() !== '')
  return {
    names: { minLength: env.NAME_MIN_LENGTH, maxLength: env.NAME_MAX_LENGTH, reserved: [...defaultNameRules.reserved, ...reserved] },
    perAccount: env.CHARACTERS_PER_ACCOUNT,
    madeBy: env.CHARACTERS_MADE_BY,
  }
}
