import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { kubernetes } from '../../k8s/chart/chart.ts'
import { PROTOCOL_RANGE } from '../../model/server.ts'
import { schemaVersion } from '../../store/database/migrate.ts'
import { root } from '../build.ts'

/** What one version of Strata works with. */
export interface Compatibility {
  strata: string
  kubernetes: string
  agones: string
  /** Versions of the room protocol that its game servers speak. */
  protocol: string
  /** The newest migration: older processes start on it, and its own processes start on nothing older. */
  schema: string
}

/** Oldest Agones that the tutorial installs. */
const AGONES_OLDEST = '1.60'

/** The row of this checkout, from the code. */
export function present(): Compatibility {
  const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string; dependencies: Record<string, string> }
  const sdk = manifest.dependencies['@google-cloud/agones-sdk']?.split('.').slice(0, 2).join('.')
  return {
    strata: manifest.version,
    kubernetes: `1.${kubernetes.oldest} – 1.${kubernetes.newest}`,
    agones: `${AGONES_OLDEST} or newer (SDK ${sdk})`,
    protocol: PROTOCOL_RANGE.min === PROTOCOL_RANGE.max ? String(PROTOCOL_RANGE.max) : `${PROTOCOL_RANGE.min} – ${PROTOCOL_RANGE.max}`,
    schema: schemaVersion,
  }
}
