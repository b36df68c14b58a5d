import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { rolldown } from 'rolldown'

/**
 * Writes the Kubernetes client that the image contains: one file with what Strata uses of it, instead of 870 files with 25 MB, which every process that talks to Kubernetes would load. Run by the
 * Dockerfile. Its argument is the file to write.
 *
 * A name that is missing here stops the build of the image: a role that imports it does not start there.
 */
const names = ['CoordinationV1Api', 'CustomObjectsApi', 'EventsV1Api', 'KubeConfig', 'PatchStrategy', 'V1MicroTime', 'makeInformer', 'setHeaderOptions']

const [output] = process.argv.slice(2)
if (output === undefined) throw new Error('name the file to write')
const client = resolve(import.meta.dirname, '../../node_modules/@kubernetes/client-node/dist/index.js')
const input = join(mkdtempSync(join(tmpdir(), 'strata-client-')), 'entry.js')
writeFileSync(input, `export { ${names.join(', ')} } from ${JSON.stringify(client)}\n`)
const bundle = await rolldown({
  input,
  platform: 'node',
  // Other packages stay packages.
  external: (id) => !id.startsWith('.') && !id.startsWith('/'),
  // The generated modules only declare classes.
  treeshake: { moduleSideEffects: false },
})
await bundle.write({ file: output, format: 'esm' })
