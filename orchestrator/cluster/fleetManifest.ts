import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { LineCounter, parseAllDocuments } from 'yaml'
import { z } from 'zod'
import { StrataError } from '../../model/errors.ts'
import { offsetOf, type PolicyProblem } from '../../model/policy/parse.ts'
import { plainProblem } from '../../model/policy/plainProblem.ts'

/** What of an Agones Fleet matters on one machine. The manifest is the very one that goes to Kubernetes. */
export interface FleetManifest {
  name: string
  replicas: number
  /** Never more processes than this here, whatever the plan asks for; annotation `strata.dev/local-max`. */
  maxReplicas: number
  /** Command and arguments for Node; annotation `strata.dev/local-command`. */
  command: string[]
  labels: Record<string, string>
  annotations: Record<string, string>
  /** Stamped on allocated servers that have to go: the sign to drain. */
  overflow: { labels: Record<string, string>; annotations: Record<string, string> }
  counters: Record<string, { count: number; capacity: number }>
  portName: string
  health: { disabled: boolean; initialDelaySeconds: number; periodSeconds: number; failureThreshold: number }
  terminationGraceMs: number
  env: Record<string, string>
}

const texts = z.record(z.string(), z.string())
const counter = z.object({ count: z.int().min(0).default(0), capacity: z.int().min(0).default(1000) })
const meta = z.object({ labels: texts.default({}), annotations: texts.default({}) }).prefault({})

/** Unknown keys are let through: Agones checks its own manifests. Defaults are Agones'. */
const fleetSchema = z.object({
  apiVersion: z.literal('agones.dev/v1'),
  kind: z.literal('Fleet'),
  metadata: z.object({ name: z.string().min(1) }),
  spec: z.object({
    replicas: z.int().min(0).default(1),
    allocationOverflow: meta,
    template: z.object({
      metadata: meta,
      spec: z.object({
        ports: z.array(z.object({ name: z.string().default('default') })).default([]),
        health: z
          .object({
            disabled: z.boolean().default(false),
            initialDelaySeconds: z.number().min(0).default(5),
            periodSeconds: z.number().positive().default(5),
            failureThreshold: z.int().min(1).default(3),
          })
          .prefault({}),
        counters: z.record(z.string(), counter).default({}),
        template: z
          .object({
            spec: z.object({
              terminationGracePeriodSeconds: z.number().min(0).default(30),
              containers: z.array(z.object({ env: z.array(z.object({ name: z.string(), value: z.string().optional() })).default([]) })).default([]),
            }),
          })
          .optional(),
      }),
    }),
  }),
})

export const LOCAL_COMMAND = 'strata.dev/local-command'
export const LOCAL_MAX = 'strata.dev/local-max'
const DEFAULT_MAX_REPLICAS = 8

/** All Fleets of `*.fleet.yaml` in a folder, by name. Throws POLICY_INVALID for a broken one. */
export async function readFleetManifests(folder: string): Promise<FleetManifest[]> {
  const files = (await readdir(folder)).filter((file) => file.endsWith('.fleet.yaml')).sort()
  const fleets: FleetManifest[] = []
  for (const file of files) {
    for (const fleet of parseFleetManifests(await readFile(join(folder, file), 'utf8'), file)) {
      if (fleets.some((other) => other.name === fleet.name)) throw invalid(file, 'metadata.name', `the fleet "${fleet.name}" is there twice; rename one`)
      fleets.push(fleet)
    }
  }
  return fleets
}

/** Throws POLICY_INVALID at the first mistake. */
export function parseFleetManifests(text: string, file: string): FleetManifest[] {
  const { fleets, problems } = checkFleets(text, file)
  const [first] = problems
  if (first !== undefined) throw invalid(file, first.path, first.problem, first.line, first.column)
  return fleets.map((fleet) => toManifest(fleet, file))
}

/** All Fleets of a text, and all that is wrong with them, each mistake at its place. */
export function checkFleets(text: string, file: string): { fleets: z.infer<typeof fleetSchema>[]; problems: PolicyProblem[] } {
  const lines = new LineCounter()
  const fleets: z.infer<typeof fleetSchema>[] = []
  const problems: PolicyProblem[] = []
  const add = (offset: number, path: string, problem: string): void => {
    const { line, col: column } = lines.linePos(offset)
    problems.push({ file, line, column, path, problem })
  }
  for (const document of parseAllDocuments(text, { lineCounter: lines, prettyErrors: false })) {
    for (const error of document.errors) add(error.pos[0], '', error.message)
    // A FleetAutoscaler may stand in the same file: on one machine the orchestrator scales by itself.
    if (document.errors.length > 0 || document.contents === null || document.get('kind') !== 'Fleet') continue
    const result = fleetSchema.safeParse(document.toJS(), { error: plainProblem })
    if (result.success) fleets.push(result.data)
    for (const issue of result.error?.issues ?? []) {
      const path = issue.path.map((part) => (typeof part === 'symbol' ? String(part) : part))
      const missing = issue.code === 'invalid_type' && document.getIn(path) === undefined
      add(offsetOf(document, path), path.join('.'), missing ? `is missing (${issue.expected})` : issue.message)
    }
  }
  return { fleets, problems }
}

function toManifest({ metadata, spec }: z.infer<typeof fleetSchema>, file: string): FleetManifest {
  const { template } = spec
  const command = template.metadata.annotations[LOCAL_COMMAND]?.trim().split(/\s+/) ?? []
  if (command.length === 0) throw invalid(file, `spec.template.metadata.annotations`, `add "${LOCAL_COMMAND}": the script to run on this machine`)
  const pod = template.spec.template?.spec
  const env = Object.fromEntries((pod?.containers[0]?.env ?? []).flatMap(({ name, value }) => (value === undefined ? [] : [[name, value]])))
  return {
    name: metadata.name,
    replicas: spec.replicas,
    maxReplicas: Number(template.metadata.annotations[LOCAL_MAX] ?? DEFAULT_MAX_REPLICAS),
    command,
    labels: template.metadata.labels,
    annotations: template.metadata.annotations,
    overflow: spec.allocationOverflow,
    counters: template.spec.counters,
    portName: template.spec.ports[0]?.name ?? 'default',
    health: template.spec.health,
    terminationGraceMs: (pod?.terminationGracePeriodSeconds ?? 30) * 1000,
    env,
  }
}

function invalid(file: string, path: string, problem: string, line = 1, column = 1): StrataError {
  return new StrataError('POLICY_INVALID', { file, line, column, path, problem })
}
