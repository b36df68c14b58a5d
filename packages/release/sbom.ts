import { execFileSync } from 'node:child_process'
import { root } from '../build.ts'

export interface BillOfMaterials {
  /** CycloneDX, as JSON. */
  text: string
  components: { name: string; version: string }[]
}

/** The packages of the image, from the lock file: those that `npm ci --omit=dev --omit=optional` installs. */
export function billOfMaterials(): BillOfMaterials {
  const args = ['sbom', '--sbom-format', 'cyclonedx', '--package-lock-only', '--omit', 'dev', '--omit', 'optional']
  const text = execFileSync('npm', args, { cwd: root, maxBuffer: 1 << 26 }).toString()
  const { components } = JSON.parse(text) as { components: { group?: string; name: string; version: string }[] } // the format of CycloneDX
  return { text, components: components.map(({ name, version }) => ({ name, version })) }
}
