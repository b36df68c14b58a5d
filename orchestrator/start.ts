import type { CryptoKey } from 'jose'
import type { Registry } from 'prom-client'
import type { CensusReplica } from '../directory/censusReplica.ts'
import type { Directory } from '../directory/directory.ts'
import { orchestratorAccess } from '../model/access/routes.ts'
import type { Census } from '../model/census.ts'
import type { Clock, DurationMs } from '../model/clock.ts'
import { defined } from '../model/defined.ts'
import { StrataError } from '../model/errors.ts'
import type { CharacterId, MapName } from '../model/ids.ts'
import type { Decision } from '../model/placement/decision.ts'
import { HeldPolicies } from '../model/policy/heldPolicies.ts'
import type { Policies } from '../model/policy/policy.ts'
import type { StatusResponse } from '../model/wire/admin.ts'
import { CodedPolicies } from '../score/gameSignals.ts'
import { ServiceCallers } from '../service/callers/serviceCallers.ts'
import { createHttp } from '../service/http.ts'
import type { Logger } from '../service/log.ts'
import { clockGauge, createRegistry } from '../service/metrics.ts'
import { measuredDirectory, measuredStore } from '../service/observe/dependencies.ts'
import { measured } from '../service/observe/measured.ts'
import { watchedPlacementCode } from '../service/placementCode.ts'
import { DecisionWriter } from '../store/decisions/decisionWriter.ts'
import type { PostgresStore } from '../store/postgresStore.ts'
import type { Store } from '../store/store.ts'
import { adminRoutes } from './admin/adminApi.ts'
import { type AutoscalerEndpoint, serveAutoscaler } from './admin/autoscaler.ts'
import { FleetAdvisor } from './admin/fleetAdvisor.ts'
import { HoldKeeper } from './admin/holdKeeper.ts'
import { holdRoutes } from './admin/holdRoutes.ts'
import { fleetCalls, OrchestratorMetrics } from './admin/metrics.ts'
import { operatorClose, operatorReopen } from './admin/operatorClose.ts'
import { OperatorOrders } from './admin/operatorOrders.ts'
import { statusOf } from './admin/status.ts'
import { Totals } from './admin/totals.ts'
import { worldRoutes } from './admin/worldRoutes.ts'
import type { Fleets } from './cluster/fleets.ts'
import { dayOfTrials } from './console/dayOfTrials.ts'
import { policyRoutes } from './console/policyRoutes.ts'
import { type ConsoleOptions, serveConsole } from './console/serveConsole.ts'
import { figureMetrics } from './figures/figureMetrics.ts'
import { LiveScore } from './figures/liveScore.ts'
import { LiveFeed } from './live/liveFeed.ts'
import { SAMPLE_MS, Timeline } from './live/timeline.ts'
import type { PolicyTexts } from './policies/policyTexts.ts'
import { Alarm } from './reconcile/alarm.ts'
import { beginTerm } from './reconcile/beginTerm.ts'
import { leadWhenPossible } from './reconcile/leadership.ts'
import { reconcileLoop, wakeOn } from './reconcile/reconcileLoop.ts'
import type { ReconcilerParts } from './reconcile/round.ts'
import { Recorder } from './recording/recorder.ts'
import { recordingMetrics } from './recording/recordingMetrics.ts'
import { recordingRoutes } from './recording/recordingRoutes.ts'
import { WorldObserver } from './recording/worldObserver.ts'

export interface OrchestratorParts extends Pick<ReconcilerParts, 'ticketKey' | 'newId' | 'plan'> {
  directory: Directory
  store: PostgresStore
  fleets: Fleets
  replica: Pick<CensusReplica, 'census' | 'onChange' | 'ready'>
  policies: () => Policies
  /** Path of the game's placement code. */
  placementCode?: string | undefined
  /** The same policies as text. */
  policyTexts: PolicyTexts
  /** Removed policies that can still be read. */
  removedPolicies?: () => Policies
  /** Problem of the newest policy, per map; the last valid policy stays in force (rule D4). */
  policyErrors: () => ReadonlyMap<MapName, string>
  clock: Clock
  log: Logger
  host: string
  port: number
  /** Operator token of the admin API. Without it, only service tokens with the scope `operator` are accepted. */
  adminToken: string | undefined
  console: ConsoleOptions
  /** Whether the population is recorded, and for how long it is kept. */
  recording: { on: boolean; keepMs: DurationMs }
  /** Accepted public keys of service tokens. */
  serviceKeys?: () => readonly CryptoKey[]
  /** Elects the leader; without it, the holder of the store's lock leads. */
  election?: Pick<Store, 'tryLead'>
  /** Called with each decision, in addition to its record in the store. */
  onDecision?: (decision: Decision) => void
  /** Called when a policy is removed while people are on its map. */
  onPolicyHeld?: (map: MapName, people: number) => void
  /** Runs beside the rounds while this process leads; must return when the signal aborts. */
  whileLeading?: (replica: Pick<CensusReplica, 'census' | 'ready'>, signal: AbortSignal) => Promise<void>
  /** Endpoint of Agones' FleetAutoscaler webhook. Without it, the orchestrator scales the fleets itself. */
  autoscaler?: AutoscalerEndpoint
}

/** Interval of the samples for totals that no event reports (seats over the hard cap, split parties). */
const SAMPLE_EVERY_MS = 1_000
/** Deadline of calls to the fleets and the store for operators and probes. */
const CALL_DEADLINE_MS = 3_000

/** Starts one orchestrator: it serves the admin API immediately and leads when it can. Disposing it releases the lead first. */
export async function startOrchestrator(given: OrchestratorParts): Promise<{ url: string; leading(): boolean } & AsyncDisposable> {
  const registry = createRegistry('orchestrator')
  const parts = withMeasuredCalls(given, registry)
  const { store, fleets, replica, clock, log } = parts
  const census = () => replica.census()
  const held = new HeldPolicies({
    whileCopies: true,
    ...defined({ removed: parts.removedPolicies }),
    onHeld: (map, people) => {
      log.warn({ map, people }, 'a policy was removed while people are on its map; it stays in force until they have left')
      parts.onPolicyHeld?.(map, people)
    },
  })
  const coded = new CodedPolicies(await watchedPlacementCode(parts.placementCode, { registry, log }))
  const policies = () => coded.withCode(held.inForce(parts.policies(), census(), clock.now()))
  const stopping = new AbortController()
  const totals = new Totals()
  const alarm = new Alarm()
  const stored = new DecisionWriter({ store, log, registry })
  const decisions = {
    add(decision: Decision): void {
      stored.add(decision)
      parts.onDecision?.(decision)
    },
  }
  let leading = false
  clockGauge(registry, parts.directory)
  const metrics = new OrchestratorMetrics(registry, { census, policies, leading: () => leading, totals })

  const friendsOf = async (characters: readonly CharacterId[]) =>
    new Map((await store.profiles(characters)).map(({ character, friends }) => [character, friends]))
  // Without a recording nobody needs a pseudonym.
  const saltsOf = async (characters: readonly CharacterId[]) =>
    parts.recording.on ? store.recordings.recordingSalts(characters) : new Map<CharacterId, string>()
  const watching = { census, policies, friendsOf, saltsOf, clock }
  const score = new LiveScore(watching)
  figureMetrics(registry, () => score.sums())
  const { recordings } = store
  const recorder = new Recorder({ ...parts.recording, store: recordings, clock, log, onChunk: recordingMetrics(registry) })
  const observer = new WorldObserver({ ...watching, score, recorder })

  const unsubscribe = replica.onChange((event) => {
    totals.onEvent(event)
    metrics.onEvent(event)
    if (event.type === 'moveSettled') score.settled(event.outcome)
    wakeOn(event, alarm)
  })
  // While the directory does not answer, the replica's census may be old: no round acts on it.
  const freshCensus = (): Census => {
    if (!replica.ready()) throw new StrataError('DEPENDENCY_DOWN', { what: 'The directory' })
    return census()
  }
  const holderKeys: ReconcilerParts['holderKeys'] = (characters) => store.holderKeys(characters)
  const holds = new HoldKeeper(store.operatorHolds, clock, log)
  const reconciling = { ...parts, holderKeys, policies, census: freshCensus, decisions, observer: metrics, holds: () => holds.inForce() }
  const advisor = new FleetAdvisor(reconciling)
  const lead = async (signal: AbortSignal): Promise<void> => {
    await holds.ready()
    const reconciler = await beginTerm({ ...reconciling, plan: advisor.recordingFrom(parts.plan) }, store)
    leading = true
    const background = parts.whileLeading?.(replica, signal)
    await reconcileLoop(reconciler, alarm, log, signal).finally(() => {
      leading = false
    })
    await background
  }
  const view = () => ({ leader: leading, census: census(), policies: policies(), policyErrors: parts.policyErrors(), totals: totals.get() })
  const status = async (): Promise<StatusResponse> => {
    const servers = await fleets.list(AbortSignal.timeout(CALL_DEADLINE_MS)).catch(() => [])
    return statusOf({ ...view(), now: clock.now(), servers })
  }

  const ready = async (): Promise<void> => {
    if (!replica.ready()) throw new StrataError('DEPENDENCY_DOWN', { what: 'The directory' })
    await Promise.all([store.ping(AbortSignal.timeout(CALL_DEADLINE_MS)), parts.directory.ping()])
  }
  const http = createHttp(log, { registry, ready }, { access: orchestratorAccess, measured: true })
  const callers = new ServiceCallers(defined({ clock, keys: parts.serviceKeys ?? (() => []), operatorToken: parts.adminToken }))
  const feed = new LiveFeed({
    view: () => ({ ...view(), ready: replica.ready(), holds: holds.holds() }),
    servers: async () => (await status()).servers,
    clock,
    log,
  })
  const timeline = new Timeline(clock)
  const guard = await serveConsole(http, { options: parts.console, ticketKey: parts.ticketKey, store, callers, census, feed, timeline, clock })
  adminRoutes(http, {
    status,
    drain: (server) => fleets.drain(server, AbortSignal.timeout(CALL_DEADLINE_MS)),
    close: (copy, reason) => operatorClose({ ...parts, census, decisions }, copy, reason),
    store,
    guard,
    audit: (entry) => store.accounts.audit(entry),
  })
  holdRoutes(http, {
    holds,
    census,
    policies,
    reopen: (copy, reason) => operatorReopen({ ...parts, policies, census, decisions }, copy, reason),
    newId: parts.newId,
    clock,
    guard,
    audit: (entry) => store.accounts.audit(entry),
  })
  policyRoutes(http, {
    texts: parts.policyTexts,
    policies,
    policyErrors: parts.policyErrors,
    day: (folder) => {
      const { console, recording, placementCode: code } = parts
      const world = { policies: policies(), census: census(), timeline, now: clock.now() }
      return dayOfTrials({ ...world, file: console.day, code, recordings, recording: recording.on }, folder)
    },
    guard,
    audit: (entry) => store.accounts.audit(entry),
  })
  recordingRoutes(http, { ...parts.recording, store: recordings, guard, audit: (entry) => store.accounts.audit(entry) })
  worldRoutes(http, {
    census,
    policies,
    directory: parts.directory,
    clock,
    orders: new OperatorOrders(reconciling),
    guard,
    audit: (entry) => store.accounts.audit(entry),
  })
  await using starting = new AsyncDisposableStack()
  if (parts.autoscaler !== undefined) starting.use(await serveAutoscaler(parts.autoscaler, (fleet) => advisor.wantedServers(fleet, stopping.signal), log))
  const url = await http.listen({ host: parts.host, port: parts.port })
  const sampling = setInterval(() => {
    totals.sample(census(), policies(), clock.now())
    if (!leading) observer.pause()
    else observer.sample().catch((error: unknown) => log.warn({ err: error }, 'the figures and the recording of the world skipped a sample'))
  }, SAMPLE_EVERY_MS)
  const drawing = setInterval(() => timeline.sample(census(), totals.get().movesOrdered, score.sums()), SAMPLE_MS)
  const leadership = leadWhenPossible({ election: parts.election ?? store, name: 'orchestrator', duty: lead, log, stopping: stopping.signal })
  const endpoints = starting.move()

  return {
    url,
    leading: () => leading,
    async [Symbol.asyncDispose]() {
      stopping.abort()
      clearInterval(sampling)
      clearInterval(drawing)
      feed[Symbol.dispose]()
      unsubscribe()
      // The lead is released first, so that a follower can begin while this process shuts down.
      await leadership
      observer.pause()
      await http.close()
      await endpoints.disposeAsync()
      await holds[Symbol.asyncDispose]()
      await recorder[Symbol.asyncDispose]()
      await stored[Symbol.asyncDispose]()
    },
  }
}

/** The same parts; the calls to Redis, PostgreSQL and the fleets are timed. */
function withMeasuredCalls(parts: OrchestratorParts, registry: Registry): OrchestratorParts {
  const { directory, store, fleets } = parts
  return {
    ...parts,
    directory: measuredDirectory(directory, registry),
    store: measuredStore(store, registry),
    fleets: measured(fleets, fleetCalls(registry)),
  }
}
