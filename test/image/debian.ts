import { spawnSync } from 'node:child_process'

/** Debian's package of each program. */
const packages = {
  buildah: 'buildah',
  runc: 'runc',
  mmdebstrap: 'mmdebstrap',
  busybox: 'busybox-static',
  containerd: 'containerd',
  iptables: 'iptables',
  conntrack: 'conntrack',
  bridge: 'containernetworking-plugins',
  ip: 'iproute2',
} as const
export type Program = keyof typeof packages

/** CNI plugins are not on the PATH. */
export const CNI_BIN = '/usr/lib/cni'
const INSTALL_TIMEOUT_MS = 600_000

const path = `${process.env['PATH']}:/usr/sbin:/sbin:${CNI_BIN}`
const has = (program: Program): boolean => spawnSync('which', [program], { env: { PATH: path } }).status === 0

/** Installs these programs from Debian's packages where they are missing. Returns a sentence about what cannot be had. */
export function installPrograms(wanted: readonly Program[]): { missing: string } | undefined {
  if (process.getuid?.() !== 0) return { missing: 'containers need root' }
  const absent = wanted.filter((program) => !has(program))
  if (absent.length === 0) return undefined
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }
  const apt = (...args: string[]) => spawnSync('apt-get', args, { env, stdio: 'ignore', timeout: INSTALL_TIMEOUT_MS }).status === 0
  process.stderr.write(`installing ${absent.join(', ')}\n`)
  apt('update', '-q')
  apt('install', '-y', '-q', '--no-install-recommends', ...absent.map((program) => packages[program]))
  const still = absent.filter((program) => !has(program))
  return still.length === 0 ? undefined : { missing: `${still.join(', ')} cannot be installed` }
}
