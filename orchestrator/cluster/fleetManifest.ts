import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { LineCounter, parseAllDocuments } from 'yaml'
import { z } from 'zod'
import { StrataError } from '../../model/errors.ts'
import { offsetOf, type PolicyProblem } from '../../model/policy/parse.ts'
import { plainProblem } from '../../model/policy/plainProblem.ts'

/** The fields of an Agones Fleet that are used on one machine. The same manifest is applied to Kubernetes. */
export interface FleetManifest {
  name: string
  replicas: number
  /** Most processes on this machine, whatever the plan wants; annotation `strata.dev/local-max`. */
  maxReplicas: number
  /** Script and arguments for Node; annotation `strata.dev/local-command`. */
  command: string[]
  labels: Record<string, string>
  annotations: Record<string, string>
  /** Labels and annotations that Agones sets on surplus allocated servers; they mark a server as draining. */
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

/** Accepts unknown keys, because Agones checks its own manifests. The defaults are those of Agones. */
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
/** Most processes per fleet without the annotation: one machine does not hold many more. */
const DEFAULT_MAX_REPLICAS = 8

/** Reads all Fleets of `*.fleet.yaml` in a folder, sorted by file. Throws POLICY_INVALID for an invalid one. */
export async function readFleetManifests(folder: string): Promise<FleetManifest[]> {
  const files = (await readdir(folder)).filter((file) => file.endsWith('.fleet.yaml')).sort()
  const fleets: FleetManifest[] = []
  for (const file of files) {
    for (const fleet of parseFleetManifests(await readFile(join(folder, file), 'utf8'), file)) {
      if (fleets.some((other) => other.name === fleet.name)) throw invalid(file, 'metadata.name', `the fleet "${fleet.name}" is defined twice; rename one`)
      fleets.push(fleet)
    }
  }
  return fleets
}

/** Throws POLICY_INVALID for the first problem. */
export function parseFleetManifests(text: string, file: string): FleetManifest[] {
  const { fleets, problems } = checkFleets(text, file)
  const [first] = problems
  if (first !== undefined) throw new StrataError('POLICY_INVALID', { ...first })
  return fleets.map((fleet) => toManifest(fleet, file))
}

/** All valid Fleets of a text, and all problems with their positions. */
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
    // Skips other kinds, such as a FleetAutoscaler: on one machine the orchestrator scales the fleets itself.
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

/** Throws POLICY_INVALID when the command is missing. */
function toManifest({ metadata, spec }: z.infer<typeof fleetSchema>, file: string): FleetManifest {
  const { template } = spec
  const command = template.metadata.annotations[LOCAL_COMMAND]?.trim().split(/\s+/) ?? []
  if (command.length === 0) throw invalid(file, 'spec.template.metadata.annotations', `add "${LOCAL_COMMAND}": the script to run on this machine`)
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

function invalid(file: string, path: string, problem: string): StrataError {
  return new StrataError('POLICY_INVALID', { file, line: 1, column: 1, path, problem })
}
