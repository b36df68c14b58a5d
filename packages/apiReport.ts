import { readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { Extractor, ExtractorConfig, ExtractorLogLevel } from '@microsoft/api-extractor'
import { type ApiItem, apiPage } from './apiPage.ts'
import { buildDeclarations, builtIn, root } from './build.ts'
import { type PackageSource, packages } from './packages.ts'

/** Committed reports: what each package exports. A review sees every public change as a change of these files. */
const reports = join(root, 'packages', 'reports')

/** Reports and reference pages of all packages that export something, by path from the root, as the code is now. */
export async function apiReports(): Promise<Map<string, string>> {
  const texts = new Map<string, string>()
  for (const source of packages.filter(({ exports }) => Object.keys(exports).length > 0)) {
    const { report, page } = await apiReport(source)
    texts.set(join('packages', 'reports', `${source.folder}.api.md`), report)
    texts.set(join('docs', 'reference', `sdk-${source.folder}.md`), page)
  }
  return texts
}

/** Lines about reports and pages that differ from the code; empty when all are equal. */
export async function checkApiReports(): Promise<string> {
  const stale: string[] = []
  for (const [file, text] of await apiReports()) {
    const committed = await readFile(join(root, file), 'utf8').catch(() => '')
    if (committed === text) continue
    const first = text.split('\n').find((line, index) => line !== committed.split('\n')[index]) ?? ''
    stale.push(
      `${file}: what the package exports, or a comment on it, has changed, first at "${first.trim()}". If you want that, run npm run generate, and name it in CHANGELOG.md`,
    )
  }
  return stale.join('\n')
}

async function apiReport(source: PackageSource): Promise<{ report: string; page: string }> {
  const folder = builtIn(join('api', source.folder))
  await rm(folder, { recursive: true, force: true })
  await buildDeclarations(source, folder)
  const [entry = 'index'] = Object.values(source.exports)
  const reportFileName = `${source.folder}.api.md`
  const config = ExtractorConfig.prepare({
    configObjectFullPath: undefined,
    packageJsonFullPath: join(root, 'package.json'),
    configObject: {
      projectFolder: root,
      mainEntryPointFilePath: join(folder, `${entry}.d.ts`),
      compiler: { overrideTsconfig: { extends: join(root, 'tsconfig.json'), include: [], files: [join(folder, `${entry}.d.ts`)] } },
      newlineKind: 'lf',
      apiReport: { enabled: true, reportFileName, reportFolder: reports, reportTempFolder: folder },
      docModel: { enabled: true, apiJsonFilePath: join(folder, 'api.json') },
      dtsRollup: { enabled: false },
      tsdocMetadata: { enabled: false },
      messages: {
        compilerMessageReporting: { default: { logLevel: ExtractorLogLevel.Error } },
        // These are about release tags and comments in its own syntax, which this repository does not use.
        extractorMessageReporting: { default: { logLevel: ExtractorLogLevel.None } },
        tsdocMessageReporting: { default: { logLevel: ExtractorLogLevel.None } },
      },
    },
  })
  const problems: string[] = []
  Extractor.invoke(config, {
    localBuild: false,
    messageCallback: (message) => {
      message.handled = true
      if (message.logLevel === ExtractorLogLevel.Error) problems.push(message.text)
    },
  })
  if (problems.length > 0) throw new Error(`API Extractor cannot read the declarations of ${source.name}:\n${problems.join('\n')}`)
  const text = await readFile(join(folder, reportFileName), 'utf8')
  const model = JSON.parse(await readFile(join(folder, 'api.json'), 'utf8')) as ApiItem // API Extractor wrote it a moment ago
  return { report: text.replace('"strata"', `"${source.name}"`), page: apiPage(source, model) }
}
