import { mkdirSync } from 'node:fs'
import { homedir } from 'node:os'
import { join, resolve } from 'node:path'
import { baseImages } from './baseImages.ts'
import { build } from './buildah.ts'

export const root = resolve(import.meta.dirname, '../..')

/** npm's cache inside the build stage of the Dockerfile, which runs as root. */
const CACHE_IN_STAGE = '/root/.npm'

/** Builds the image of this checkout from the Dockerfile, on base images of `baseImages`. */
export async function buildStrata(tag: string, { cache = true } = {}): Promise<string> {
  // Downloaded packages are kept between builds.
  const packages = process.env['npm_config_cache'] ?? join(homedir(), '.npm')
  mkdirSync(packages, { recursive: true })
  return build({ dockerfile: join(root, 'Dockerfile'), context: root, tag, args: await baseImages(), volumes: { [packages]: CACHE_IN_STAGE }, cache })
}
