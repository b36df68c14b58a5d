import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { chartFiles } from '../k8s/chart/chart.ts'
import { crdText } from '../k8s/crd/crdText.ts'
import { dashboards, dashboardText } from '../k8s/monitoring/dashboards/dashboards.ts'
import { sloRulesText } from '../k8s/monitoring/sloRules.ts'
import { apiReports } from '../packages/apiReport.ts'
import { accessReference } from './reference/access.ts'
import { cliReference } from './reference/cli.ts'
import { compatibilityReference } from './reference/compatibility.ts'
import { entitiesReference } from './reference/entities.ts'
import { errorsJson, errorsReference, pythonErrorCodes } from './reference/errors.ts'
import { fairPlayReference } from './reference/fairPlay.ts'
import { figuresReference } from './reference/figures.ts'
import { designPage } from './reference/houses.ts'
import { httpReference } from './reference/http/page.ts'
import { metricsReference } from './reference/metricsPage.ts'
import { policyReference } from './reference/policy.ts'
import { policySchemaText } from './reference/policySchema.ts'
import { protocolPage } from './reference/protocol.ts'
import { settingsReference } from './reference/settings.ts'
import { slosReference } from './reference/slos.ts'

/** Generated files by path. Each function returns the whole text; a page that is generated in part gets its present text. */
const generated: Record<string, (present: string) => string | Promise<string>> = {
  'fleets/schema/map-policy.schema.json': policySchemaText,
  'clients/python/strata_client/error_codes.py': pythonErrorCodes,
  'docs/explanation/design.md': designPage,
  'docs/reference/access.md': accessReference,
  'docs/reference/cli.md': cliReference,
  'docs/reference/compatibility.md': compatibilityReference,
  'docs/reference/demo-entities.md': entitiesReference,
  'docs/reference/errors.json': errorsJson,
  'docs/reference/errors.md': errorsReference,
  'docs/reference/fair-play.md': fairPlayReference,
  'docs/reference/figures.md': figuresReference,
  'docs/reference/http.md': httpReference,
  'docs/reference/metrics.md': metricsReference,
  'docs/reference/policy.md': policyReference,
  'docs/reference/protocol.md': protocolPage,
  'docs/reference/settings.md': settingsReference,
  'docs/reference/slos.md': slosReference,
  ...chartFiles,
  'k8s/base/crd.mappolicy.yaml': crdText,
  'k8s/components/monitoring/slos.yaml': sloRulesText,
  ...Object.fromEntries(dashboards.map((one) => [`k8s/components/monitoring/dashboards/${one.name}.json`, () => dashboardText(one)])),
}

export async function checkGenerated(root: string): Promise<string> {
  const stale: string[] = []
  for (const [file, text] of Object.entries(generated)) {
    const present = await presentText(join(root, file))
    if (present !== (await text(present))) stale.push(`${file} differs from what the code generates: run npm run generate`)
  }
  return stale.join('\n')
}

export async function writeGenerated(root: string): Promise<void> {
  for (const [file, text] of Object.entries(generated)) {
    const path = join(root, file)
    await mkdir(dirname(path), { recursive: true })
    await writeFile(path, await text(await presentText(path)))
  }
  for (const [file, text] of await apiReports()) await writeFile(join(root, file), text)
}

/** Empty when the file does not exist yet. */
function presentText(path: string): Promise<string> {
  return readFile(path, 'utf8').catch(() => '')
}
