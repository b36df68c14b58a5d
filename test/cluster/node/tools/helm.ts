import { join } from 'node:path'
import { helmBinary } from '../../harness/binaries.ts'

const found = helmBinary()
/** Why there is no Helm; undefined when there is. */
export const noHelm = 'missing' in found ? found.missing : undefined
export const helm = 'missing' in found ? 'helm' : join(found.bin, 'helm')

/** The shell command that runs Helm with other addresses for these repositories. */
export function helmWith(repositories: Readonly<Record<string, string>>): string {
  const replaced = Object.entries(repositories).map(([from, to]) => `set -- "\${@/#${from.replaceAll('/', '\\/')}/${to}}"`)
  return [...replaced, `exec ${helm} "$@"`].join('\n')
}
