import { join } from 'node:path'
import { stringify } from 'yaml'
import { manifestsIn, root } from '../k8s/manifests.ts'

export const monitoring = 'k8s/components/monitoring'
/** The files with PrometheusRule objects. */
export const ruleFiles = ['alerts.yaml', 'slos.yaml'] as const

export interface Rule {
  alert?: string
  record?: string
  expr: string
  labels?: Record<string, string>
  annotations?: Record<string, string>
}

interface Groups {
  groups: { name: string; rules: Rule[] }[]
}

/** The groups of one file, in the form that Prometheus itself reads. */
export function groupsOf(file: string): Groups {
  const [manifest] = manifestsIn(join(monitoring, file))
  return manifest?.object['spec'] as unknown as Groups // promtool checks its form
}

export const rules: readonly Rule[] = ruleFiles.flatMap((file) => groupsOf(file).groups.flatMap((group) => group.rules))

export function ruleText(file: string): string {
  return stringify(groupsOf(file))
}

export const testFolder = join(root, monitoring, 'tests')
