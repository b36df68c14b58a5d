import { execFileSync } from 'node:child_process'
import { chmodSync, cpSync, existsSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { build, imageFolder, SOURCE_DATE_EPOCH } from './buildah.ts'

const CERTIFICATES = '/etc/ssl/certs/ca-certificates.crt'
const NPM = '/usr/local/lib/node_modules/npm'
const RELEASE = 'bookworm'
const BOOTSTRAP_TIMEOUT_MS = 600_000

/** Packages of the image for the processes: what the base image that the Dockerfile names contains, and no shell. */
const runtimePackages = ['libc6', 'libgcc-s1', 'libstdc++6', 'base-files', 'tzdata']

const runtime = `FROM scratch
ADD runtime.tar /
COPY ca-certificates.crt ${CERTIFICATES}
`
/** What the Dockerfile's build stages need besides. */
const buildPackages = [...runtimePackages, 'binutils']

const withNode = `FROM scratch
ADD build.tar /
COPY ca-certificates.crt ${CERTIFICATES}
COPY busybox /bin/busybox
RUN ["/bin/busybox", "--install", "-s", "/bin"]
COPY node /usr/local/bin/node
COPY npm.sh /usr/local/bin/npm
COPY npm ${NPM}
ENV PATH=/usr/local/bin:/usr/bin:/bin NODE_EXTRA_CA_CERTS=${CERTIFICATES} npm_config_prefer_offline=true
`

/** Extracts Debian's packages into an archive of a root file system. Kept for later runs. */
export function debianRoot(name: string, packages: readonly string[]): string {
  const archive = join(imageFolder, `${name}.tar`)
  if (existsSync(archive)) return archive
  mkdirSync(imageFolder, { recursive: true })
  const part = join(imageFolder, `${name}.${process.pid}.tar`)
  const env = { ...process.env, SOURCE_DATE_EPOCH: String(SOURCE_DATE_EPOCH) }
  const args = ['--mode=root', '--variant=extract', `--include=${packages.join(',')}`, RELEASE, part]
  execFileSync('mmdebstrap', args, { env, stdio: 'pipe', timeout: BOOTSTRAP_TIMEOUT_MS })
  renameSync(part, archive)
  return archive
}

/**
 * Builds base images from Debian's packages, this machine's npm and the npm package `node`, for machines that cannot pull the images that the Dockerfile names.
 * Returns their tags as build arguments of the Dockerfile.
 */
export async function baseImages(): Promise<{ NODE_IMAGE: string; RUNTIME_IMAGE: string }> {
  const context = join(imageFolder, 'context')
  rmSync(context, { recursive: true, force: true })
  mkdirSync(context, { recursive: true })
  const file = (name: string): string => join(context, name)
  cpSync(debianRoot('runtime', runtimePackages), file('runtime.tar'))
  cpSync(debianRoot('build', buildPackages), file('build.tar'))
  cpSync(CERTIFICATES, file('ca-certificates.crt'))
  cpSync(process.execPath, file('node'))
  cpSync(npmFolder(), file('npm'), { recursive: true })
  cpSync(execFileSync('which', ['busybox']).toString().trim(), file('busybox'), { dereference: true })
  writeFileSync(file('npm.sh'), `#!/bin/sh\nexec /usr/local/bin/node ${NPM}/bin/npm-cli.js "$@"\n`)
  chmodSync(file('npm.sh'), 0o755)
  const made = async (name: string, text: string): Promise<string> => {
    const dockerfile = file(`Dockerfile.${name}`)
    writeFileSync(dockerfile, text)
    return build({ dockerfile, context, tag: `localhost/strata-base-${name}:test` })
  }
  const RUNTIME_IMAGE = await made('runtime', runtime)
  return { NODE_IMAGE: await made('node', withNode), RUNTIME_IMAGE }
}

/** The folder of the npm that runs this test, else of the npm on the PATH. */
function npmFolder(): string {
  const program = process.env['npm_execpath'] ?? execFileSync('sh', ['-c', 'readlink -f "$(which npm)"']).toString().trim()
  return dirname(dirname(program))
}
