import { writeFile } from 'node:fs/promises'
import { stringify } from 'yaml'
import { mapPolicyCrd } from './mapPolicyCrd.ts'

/** `node k8s/crd/generate.ts` writes k8s/base/crd.mappolicy.yaml anew; `npm run check` compares. */
export function crdText(): string {
  return `# Made by k8s/crd/generate.ts from model/policy/schema.ts; do not edit.\n${stringify(mapPolicyCrd(), { lineWidth: 0, aliasDuplicateObjects: false })}`
}

export const crdFile = new URL('../base/crd.mappolicy.yaml', import.meta.url)

if (import.meta.main) await writeFile(crdFile, crdText())
