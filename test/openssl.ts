import { execFileSync } from 'node:child_process'
import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** Writes a self-signed certificate for `localhost` as tls.crt and tls.key. Returns their folder; each call makes a new one. */
export function selfSigned(): string {
  const folder = mkdtempSync(join(tmpdir(), 'strata-tls-'))
  const name = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost']
  const files = ['-keyout', join(folder, 'tls.key'), '-out', join(folder, 'tls.crt')]
  execFileSync('openssl', ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '1', ...name, ...files], {
    stdio: 'pipe',
  })
  return folder
}
