import { execFileSync, spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { root } from '../build.ts'
import { present } from './compatibility.ts'
import { files, planRelease, type Sources } from './plan.ts'

const names = Object.keys(files) as (keyof Sources)[]
const sources = Object.fromEntries(names.map((name) => [name, readFileSync(join(root, files[name]), 'utf8')])) as unknown as Sources
const release = { version: '99.1.0', date: '2030-01-31', row: present() }

describe('a release', () => {
  it('sets the version, the changelog, the image tags and the compatibility row, and nothing else', () => {
    const changed = planRelease(release, sources)
    const { version } = JSON.parse(sources.manifest) as { version: string }
    expect(JSON.parse(changed.manifest)).toEqual({ ...JSON.parse(sources.manifest), version: '99.1.0' })
    const lock = JSON.parse(changed.lock)
    expect([lock.version, lock.packages[''].version]).toEqual(['99.1.0', '99.1.0'])
    expect(changed.lock.split('99.1.0').length).toBe(3)
    expect(changed.changelog).toContain('## [Unreleased]\n\n## [99.1.0] - 2030-01-31\n')
    expect(changed.changelog.replace('\n## [99.1.0] - 2030-01-31\n', '')).toBe(sources.changelog)
    expect(changed.overlay).toBe(sources.overlay.replace(`newTag: ${version}`, 'newTag: 99.1.0'))
    expect(JSON.parse(changed.released).at(-1)).toEqual({ ...present(), strata: '99.1.0' })
  })

  it.each([
    ['1.2', /three numbers/],
    ['v1.2.3', /three numbers/],
    ['0.0.9', /not newer/],
  ])('refuses the version %s', (version, message) => {
    expect(() => planRelease({ ...release, version }, sources)).toThrow(message)
  })

  it('refuses a changelog without entries', () => {
    const changed = planRelease(release, sources)
    expect(() => planRelease({ ...release, version: '99.2.0' }, changed)).toThrow(/no section ## \[Unreleased\] with entries/)
  })

  it('`npm run release -- --dry-run` prints the plan and changes no file', () => {
    const status = (): string => execFileSync('git', ['status', '--porcelain'], { cwd: root }).toString()
    const before = status()
    const { stdout, status: code, stderr } = spawnSync(process.execPath, ['packages/release/main.ts', '--dry-run', '99.1.0'], { cwd: root })
    expect(code, stderr.toString()).toBe(0)
    for (const text of [
      'would change package.json',
      'would change CHANGELOG.md',
      'sbom.cdx.json',
      'strata:99.1.0',
      'git tag v99.1.0',
      'node test/upgrade/pack.ts v99.1.0',
    ])
      expect(stdout.toString()).toContain(text)
    expect(status()).toBe(before)
  })
})
