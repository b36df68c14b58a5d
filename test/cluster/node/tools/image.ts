import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { buildah } from '../../../image/buildah.ts'
import { NODES } from '../network.ts'
import { nodeAction } from '../nodeWorld.ts'

/** Registry and folder of a name that has none, as Docker completes it. */
const DOCKER_HUB = 'docker.io/library/'

const hasRegistry = (name: string): boolean => (name.split('/')[0] ?? '').includes('.')

/** The name under which the nodes know an image. */
export const fullName = (name: string): string => (hasRegistry(name) ? name : DOCKER_HUB + name)

/** The name under which buildah keeps an image that was built here. */
export const builtName = (name: string): string => (hasRegistry(name) ? name : `localhost/${name}`)

/** Copies a built image into the containerd of every node. */
export async function loadIntoNodes(name: string): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'strata-load-'))
  try {
    const archive = join(folder, 'image.tar')
    await buildah('push', builtName(name), `docker-archive:${archive}:${fullName(name)}`)
    for (const node of NODES) await nodeAction('load', { node, archive })
  } finally {
    rmSync(folder, { recursive: true })
  }
}

/** Removes an image from every node, so that a pod with it starts only after it was loaded. */
export async function forgetOnNodes(name: string): Promise<void> {
  for (const node of NODES) await nodeAction('forget', { node, image: fullName(name) })
}
