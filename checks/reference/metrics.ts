import { type Counter, type Gauge, type Histogram, Registry } from 'prom-client'
import { droppedCounter } from '../../gameserver/hosting/violationLog.ts'
import { agonesCalls, createGameServerMetrics } from '../../gameserver/metrics.ts'
import { createChatMetrics } from '../../gameserver/zone/chat/chatMetrics.ts'
import { runningGauge } from '../../matchmaker/access/requestsAtOnce.ts'
import { createMetrics } from '../../matchmaker/metrics.ts'
import { webhookMetrics } from '../../matchmaker/webhooks/webhookMetrics.ts'
import { fleetCalls, OrchestratorMetrics } from '../../orchestrator/admin/metrics.ts'
import { Totals } from '../../orchestrator/admin/totals.ts'
import { figureMetrics } from '../../orchestrator/figures/figureMetrics.ts'
import { recordingMetrics } from '../../orchestrator/recording/recordingMetrics.ts'
import { noSums } from '../../score/day/daySums.ts'
import { createLogger } from '../../service/log.ts'
import { clockGauge } from '../../service/metrics.ts'
import { measuredDirectory, measuredStore } from '../../service/observe/dependencies.ts'
import { requestMetrics } from '../../service/observe/requests.ts'
import { watchedPlacementCode } from '../../service/placementCode.ts'
import { decisionMetrics } from '../../store/decisions/decisionMetrics.ts'
import { sourceMetrics } from '../../store/source/sourceMetrics.ts'

const zero = (): number => 0
const log = createLogger('reference', 'silent')

/** Registers the metrics of each process, as its start does. The monitoring suite compares them with what the processes serve. */
const processes: Record<string, (registry: Registry) => void | Promise<void>> = {
  async matchmaker(registry) {
    await watchedPlacementCode(undefined, { registry, log })
    createMetrics(registry, () => [])
    runningGauge(registry, zero)
    requestMetrics(registry)
    decisionMetrics(registry, zero)
    sourceMetrics(registry)
    webhookMetrics(registry)
  },
  async orchestrator(registry) {
    await watchedPlacementCode(undefined, { registry, log })
    new OrchestratorMetrics(registry, {
      census: () => ({ at: 0, maps: new Map(), servers: new Map(), whereabouts: new Map() }),
      policies: () => new Map(),
      leading: () => false,
      totals: new Totals(),
    })
    figureMetrics(registry, noSums)
    fleetCalls(registry)
    recordingMetrics(registry)
    requestMetrics(registry)
    decisionMetrics(registry, zero)
  },
  'game server'(registry) {
    createGameServerMetrics(registry)
    createChatMetrics(registry)
    agonesCalls(registry)
    droppedCounter(registry)
    sourceMetrics(registry)
  },
}

export interface DocumentedMetric {
  name: string
  type: string
  help: string
  labels: { name: string; values: string[] }[]
  processes: string[]
  /** Upper bounds of a histogram. */
  buckets: number[]
}

/** What the registry holds, although its types say that it holds descriptions. */
type Registered = (Counter | Gauge | Histogram) & { name: string; help: string; labelNames?: string[]; upperBounds?: number[] }

/** All metrics named `strata_…`, by name. */
export async function allMetrics(): Promise<DocumentedMetric[]> {
  const found = new Map<string, DocumentedMetric>()
  for (const [process, register] of Object.entries(processes)) {
    const registry = new Registry()
    await register(registry)
    clockGauge(registry, { clockOffsetMs: undefined })
    measuredDirectory({}, registry)
    measuredStore({}, registry)
    for (const metric of registry.getMetricsAsArray() as unknown as Registered[]) {
      const { name, help, labelNames = [], upperBounds = [] } = metric
      const known = found.get(name)
      if (known !== undefined) {
        if (known.help !== help) throw new Error(`two processes describe ${name} in different words`)
        known.processes.push(process)
        continue
      }
      const { type, values } = await metric.get()
      const valuesOf = (label: string): string[] =>
        [...new Set(values.flatMap(({ labels }) => String((labels as Record<string, unknown>)[label] ?? '')))].filter((value) => value !== '').sort()
      found.set(name, {
        name,
        type: String(type),
        help,
        labels: labelNames.map((label) => ({ name: label, values: valuesOf(label) })),
        processes: [process],
        buckets: upperBounds,
      })
    }
  }
  return [...found.values()].sort((one, other) => (one.name < other.name ? -1 : 1))
}
