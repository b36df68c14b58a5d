import { stringify } from 'yaml'
import { burns, ratioName, type Slo, slos, windows } from './slos.ts'

/** Where the alerts' chapters are. */
const RUNBOOK = 'https://github.com/strata-dev/strata/blob/main/docs/how-to/runbook.md'

/** Text of k8s/components/monitoring/slos.yaml: recording rules of the error ratios, and burn-rate alerts on them. */
export function sloRulesText(): string {
  const rule = {
    apiVersion: 'monitoring.coreos.com/v1',
    kind: 'PrometheusRule',
    metadata: { name: 'strata-slos' },
    spec: {
      groups: [
        { name: 'strata-slo-ratios', rules: [...slos.map(objectiveOf), ...slos.flatMap((slo) => windows.map((window) => ratioOf(slo, window)))] },
        { name: 'strata-slo-alerts', rules: slos.flatMap((slo) => burns.map((burn) => alertOf(slo, burn))) },
      ],
    },
  }
  return `# Made by npm run generate from k8s/monitoring/slos.ts; do not edit. docs/reference/slos.md explains it.\n${stringify(rule, { lineWidth: 0 })}`
}

function objectiveOf({ name, objective }: Slo): object {
  return { record: 'strata:slo_objective', expr: `vector(${objective})`, labels: { slo: name } }
}

/** No traffic is no error: 0/0 would be NaN, which a graph shows as a gap. */
function ratioOf({ name, errors, total }: Slo, window: string): object {
  return { record: ratioName(window), expr: `(${errors(window)}) / ((${total(window)}) > 0) or vector(0)`, labels: { slo: name } }
}

function alertOf({ name, alert, objective, promise }: Slo, burn: (typeof burns)[number]): object {
  const budget = Number((1 - objective).toPrecision(6))
  const above = (window: string): string => `${ratioName(window)}{slo="${name}"} > ${burn.rate} * ${budget}`
  return {
    alert,
    expr: `${above(burn.long)} and ${above(burn.short)}`,
    for: burn.for,
    labels: { severity: burn.severity, burn: `${burn.rate}x` },
    annotations: {
      summary: `The error budget of ${name} burns ${burn.rate} times as fast as it may. Promised: ${promise}`,
      runbook_url: `${RUNBOOK}#${alert.toLowerCase()}`,
    },
  }
}
