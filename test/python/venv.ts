import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { homedir } from 'node:os'
import { join, resolve } from 'node:path'
import { promisify } from 'node:util'

export const clientFolder = resolve(import.meta.dirname, '../../clients/python')
/** Longest time for one command of the installation, in ms. */
const INSTALL_TIMEOUT_MS = 180_000
const execute = promisify(execFile)

/** Path of a Python with the packages of the client. Undefined, after a message that says what is missing, where there can be none. */
export async function pythonWithPackages(): Promise<string | undefined> {
  const system = process.env['PYTHON'] ?? 'python3'
  const requirements = join(clientFolder, 'requirements.txt')
  try {
    const version = await run(system, '-c', 'import sys; assert sys.version_info >= (3, 11), sys.version; print(sys.version)')
    const digest = createHash('sha256')
      .update(version)
      .update(await readFile(requirements))
      .digest('hex')
      .slice(0, 16)
    const folder = join(process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'strata', `python-${digest}`)
    const python = join(folder, 'bin', 'python')
    const complete = join(folder, 'complete')
    if (existsSync(complete)) return python
    await rm(folder, { recursive: true, force: true })
    await mkdir(folder, { recursive: true })
    await run(system, '-m', 'venv', folder)
    await run(python, '-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', '--requirement', requirements)
    await writeFile(complete, '')
    return python
  } catch (error) {
    process.stderr.write(`NOT TESTED: the Python client. It needs Python 3.11 with venv, and a package index at the first run: ${problemOf(error)}\n`)
    return undefined
  }
}

async function run(program: string, ...args: string[]): Promise<string> {
  return (await execute(program, args, { timeout: INSTALL_TIMEOUT_MS })).stdout
}

/** The last line of what a command printed says most. */
function problemOf(error: unknown): string {
  const text = error instanceof Error && 'stderr' in error && error.stderr !== '' ? String(error.stderr) : String(error)
  return text.trim().split('\n').at(-1) ?? ''
}
