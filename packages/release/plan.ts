import type { Compatibility } from './compatibility.ts'

/** Texts of the files that a release changes. */
export interface Sources {
  manifest: string
  lock: string
  changelog: string
  overlay: string
  values: string
  released: string
}

export interface Release {
  version: string
  /** Day of the release, as 2026-01-31. */
  date: string
  /** What the released version works with. */
  row: Compatibility
}

/** Paths in this repository. */
export const files: Record<keyof Sources, string> = {
  manifest: 'package.json',
  lock: 'package-lock.json',
  changelog: 'CHANGELOG.md',
  overlay: 'k8s/overlays/prod/kustomization.yaml',
  values: 'charts/strata/ci/prod-values.yaml',
  released: 'packages/release/released.json',
}

const UNRELEASED = '## [Unreleased]'
const VERSION = /^(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)$/

/** The files of a release: version, section of the changelog, tags of the image, row of the compatibility table. Throws when the release cannot be made. */
export function planRelease({ version, date, row }: Release, sources: Sources): Sources {
  if (!VERSION.test(version)) throw new Error(`"${version}" is no version: write three numbers, such as 0.2.0`)
  const { version: before } = JSON.parse(sources.manifest) as { version: string }
  const rows = JSON.parse(sources.released) as Compatibility[]
  const isFirst = rows.length === 0 && version === before
  if (!isFirst && !isNewer(version, before)) throw new Error(`${version} is not newer than ${before}`)
  return {
    manifest: replaced(sources.manifest, `"version": "${before}"`, `"version": "${version}"`),
    // Twice: of the file, and of the package in it.
    lock: replaced(replaced(sources.lock, `"version": "${before}"`, `"version": "\u0000"`), `"version": "${before}"`, `"version": "${version}"`).replace(
      '\u0000',
      version,
    ),
    changelog: changelogOf(sources.changelog, version, date),
    overlay: replaced(sources.overlay, `newTag: ${before}`, `newTag: ${version}`),
    values: replaced(sources.values, `tag: ${before}`, `tag: ${version}`),
    released: `${JSON.stringify([...rows, { ...row, strata: version }], undefined, 2)}\n`,
  }
}

function changelogOf(text: string, version: string, date: string): string {
  const [head = '', rest = ''] = text.split(`${UNRELEASED}\n`)
  const section = rest.split(/^## \[/m)[0]?.trim() ?? ''
  if (section === '') throw new Error(`CHANGELOG.md has no section ${UNRELEASED} with entries`)
  return `${head}${UNRELEASED}\n\n## [${version}] - ${date}\n${rest}`
}

function replaced(text: string, from: string, to: string): string {
  if (!text.includes(from)) throw new Error(`"${from}" is missing in a file of the release`)
  return text.replace(from, to)
}

function isNewer(version: string, before: string): boolean {
  const [a, b] = [version, before].map((one) => one.split('.').map(Number))
  const index = a?.findIndex((part, i) => part !== b?.[i]) ?? -1
  return index !== -1 && (a?.[index] ?? 0) > (b?.[index] ?? 0)
}

/** What a person, or a pipeline, does after the files are changed. Nothing here is done by the command itself: it publishes nothing. */
export function commandsOf(version: string): string[] {
  return [
    'npm run check && npm test && npm run test:upgrade && npm run check:holes',
    `git commit --all --message "Release ${version}" && git tag v${version}`,
    `docker build --build-arg SOURCE_DATE_EPOCH=$(git log -1 --format=%ct) -t strata:${version} .`,
    `helm package charts/strata --destination .strata/release`,
    'npm run build:packages',
    `git push --follow-tags && docker push REGISTRY/strata:${version} && helm push .strata/release/strata-${version}.tgz oci://REGISTRY/charts`,
    'for package in client gameserver cli create-strata; do npm publish ".strata/packages/$package"; done',
    // From then on, the tests upgrade from this release.
    `node test/upgrade/pack.ts v${version} && git commit --all --message "Upgrades are tested from ${version}"`,
  ]
}
