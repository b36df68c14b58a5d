import { execFile } from 'node:child_process'
import { mkdir, rm, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { gameFolder } from '../../service/installation.ts'
import { fixedOrchestrator } from './fixedWorld.ts'
import { scratchFolder } from './terminal.ts'

const run = promisify(execFile)
vi.setConfig({ testTimeout: 240_000, hookTimeout: 120_000 })

let orchestrator: Awaited<ReturnType<typeof fixedOrchestrator>>
let bin: string
let env: NodeJS.ProcessEnv

beforeAll(async () => {
  orchestrator = await fixedOrchestrator()
  bin = await scratchFolder()
  // Linked as npm does it for the `bin` of package.json.
  await symlink(join(gameFolder, 'cli/strata.sh'), join(bin, 'strata'))
  await symlink(join(gameFolder, 'cli/strata.sh'), join(bin, 'kubectl-strata'))
  await symlink(join(gameFolder, 'cli/completion/kubectlComplete.sh'), join(bin, 'kubectl_complete-strata'))
  await mkdir(join(bin, 'home'))
  env = {
    PATH: `${bin}:/usr/bin:/bin`,
    HOME: join(bin, 'home'),
    STRATA_STATE: '/nonexistent',
    STRATA_ORCHESTRATOR: orchestrator.url,
    OPERATOR_TOKEN: 't',
    NODE_COMPILE_CACHE: join(bin, 'compiled'),
  }
  const { stdout } = await run(join(bin, 'strata'), ['completion', 'bash'], { env })
  await writeFile(join(bin, 'completion.bash'), stdout)
})
afterAll(async () => {
  await orchestrator[Symbol.asyncDispose]()
  await rm(bin, { recursive: true })
})

/** What bash offers after these words, by the function that the script registers for `strata`. The last word is the one at the cursor. */
async function offered(...words: string[]): Promise<string[]> {
  const script = `source "${join(bin, 'completion.bash')}"
    [[ $(complete -p strata) == *__strata_complete* ]] || exit 9
    COMP_WORDS=(strata "$@") COMP_CWORD=$#
    __strata_complete
    printf '%s\\n' "\${COMPREPLY[@]}"`
  const { stdout } = await run('bash', ['-c', script, 'bash', ...words], { env, timeout: 60_000 })
  return stdout.trimEnd().split('\n').sort()
}

describe('completion in bash', () => {
  it('offers commands, options and their values', async () => {
    expect(await offered('de')).toEqual(['describe'])
    expect(await offered('config', 'use')).toEqual(['use-context'])
    expect(await offered('get', 'copies', '--wa')).toEqual(['--watch'])
    expect(await offered('get', 'copies', '-o', '')).toEqual(['json', 'name', 'wide', 'yaml'])
  })

  it('offers the names of the running world, those with blanks so that the shell takes them as one word', async () => {
    expect(await offered('describe', 'copy', 'f')).toEqual(['forest-1', 'forest-2'])
    expect(await offered('drain', '')).toEqual(['forest-1', 'forest-2', 'hills-1', 'overworld-a', 'overworld-b'])
    expect(await offered('open', 'h')).toEqual(['hills'])
    expect(await offered('explain', 'A')).toEqual(['Ada\\ 1'])
    expect(await offered('explain', '"A')).toEqual(['Ada 1'])
    expect(await offered('ban', 'Cato\\ ')).toEqual(['Cato\\ 3'])
  })

  it('offers nothing and prints nothing when no orchestrator answers', async () => {
    const { stdout, stderr } = await run(join(bin, 'strata'), ['complete', '--', 'describe', 'copy', ''], {
      env: { ...env, STRATA_ORCHESTRATOR: 'http://127.0.0.1:7' },
    })
    expect({ stdout, stderr }).toEqual({ stdout: ':4\n', stderr: '' })
  })

  it('the scripts for zsh and fish are printed', async () => {
    expect((await run(join(bin, 'strata'), ['completion', 'zsh'], { env })).stdout).toMatch(/^#compdef strata/)
    expect((await run(join(bin, 'strata'), ['completion', 'fish'], { env })).stdout).toContain('complete -c strata')
  })
})

describe('kubectl strata', () => {
  it('runs as a plug-in of kubectl, which also completes it', async ({ skip }) => {
    const kubectl = await run('bash', ['-c', 'command -v kubectl'], { env }).catch(() => undefined)
    if (kubectl === undefined) return skip('kubectl is not installed')
    expect((await run('kubectl', ['strata', 'get', 'copies'], { env })).stdout).toMatch(/^NAME +MAP +STATE/)
    await expect(run('kubectl', ['strata', 'sttus'], { env })).rejects.toMatchObject({ code: 2 })
    expect((await run('kubectl', ['__complete', 'strata', 'describe', 'copy', 'f'], { env })).stdout).toMatch(/^forest-1\t?.*\nforest-2\t?.*\n:4/)
  })
})
