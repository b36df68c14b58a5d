import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { crdText } from '../k8s/crd/generate.ts'
import { errorsReference } from './reference/errors.ts'
import { policyReference } from './reference/policy.ts'
import { policySchemaText } from './reference/policySchema.ts'

/** Files that are made from the code, and never edited: by path, what they have to say. */
const generated: Record<string, () => string> = {
  'fleets/schema/map-policy.schema.json': policySchemaText,
  'docs/reference/errors.md': errorsReference,
  'docs/reference/policy.md': policyReference,
  'k8s/base/crd.mappolicy.yaml': crdText,
}

export async function checkGenerated(root: string): Promise<string> {
  const stale: string[] = []
  for (const [file, text] of Object.entries(generated)) {
    const present = await readFile(join(root, file), 'utf8').catch(() => undefined)
    if (present !== text()) stale.push(`${file} is not what the code makes: run npm run generate`)
  }
  return stale.join('\n')
}

export async function writeGenerated(root: string): Promise<void> {
  for (const [file, text] of Object.entries(generated)) {
    await mkdir(dirname(join(root, file)), { recursive: true })
    await writeFile(join(root, file), text())
  }
}
