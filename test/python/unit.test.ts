import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { describe, expect, it } from 'vitest'
import { clientFolder, pythonWithPackages } from './venv.ts'

const python = await pythonWithPackages()
const run = promisify(execFile)

describe.skipIf(python === undefined)('the Python client', () => {
  it('passes its own tests: it reads the published vectors that are right, and refuses those that are wrong', async () => {
    const { stderr } = await run(python ?? '', ['-m', 'unittest', '-v'], { cwd: clientFolder })
    expect(stderr).toMatch(/^OK$/m)
    expect(stderr).toMatch(/test_wrong_snapshots_are_refused .* ok/)
    expect(stderr).toMatch(/test_wrong_ones_are_refused_with_their_code .* ok/)
  })

  it('has no problem of types', async () => {
    await run(python ?? '', ['-m', 'mypy', '--no-incremental'], { cwd: clientFolder })
  })
})
