import { execFileSync } from 'node:child_process'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

export interface Pki {
  file(name: string): string
  /** Certificate of the only certificate authority. */
  ca: string
  /** Issues a certificate for 127.0.0.1, these names and addresses; returns the paths of its files. */
  issue(name: string, dnsNames: readonly string[], addresses?: readonly string[]): { certificate: string; key: string }
}

const newKey = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '30']
const openssl = (...args: string[]): Buffer => execFileSync('openssl', args, { stdio: 'pipe' })

/** Creates a certificate authority for a cluster on loopback; valid for 30 days. */
export function makePki(folder: string): Pki {
  mkdirSync(folder, { recursive: true })
  const file = (name: string): string => join(folder, name)
  openssl('req', '-x509', ...newKey, '-keyout', file('ca.key'), '-out', file('ca.crt'), '-subj', '/CN=cluster-ca')
  openssl('genrsa', '-out', file('sa.key'), '2048')
  writeFileSync(file('sa.pub'), openssl('rsa', '-in', file('sa.key'), '-pubout'))
  return openPki(folder)
}

/** Opens an authority that `makePki` created. */
export function openPki(folder: string): Pki {
  const file = (name: string): string => join(folder, name)
  const issue = (name: string, dnsNames: readonly string[], addresses: readonly string[] = []) => {
    const [certificate, key] = [file(`${name}.crt`), file(`${name}.key`)]
    const names = [
      'IP:127.0.0.1',
      'IP:10.96.0.1',
      'DNS:localhost',
      ...addresses.map((address) => `IP:${address}`),
      ...dnsNames.map((dns) => `DNS:${dns}`),
    ].join(',')
    const extensions = [`subjectAltName=${names}`, 'extendedKeyUsage=serverAuth,clientAuth', 'basicConstraints=critical,CA:FALSE']
    const added = extensions.flatMap((extension) => ['-addext', extension])
    openssl('req', '-x509', '-CA', file('ca.crt'), '-CAkey', file('ca.key'), ...newKey, '-keyout', key, '-out', certificate, '-subj', `/CN=${name}`, ...added)
    return { certificate, key }
  }
  return { file, ca: readFileSync(file('ca.crt'), 'utf8'), issue }
}
