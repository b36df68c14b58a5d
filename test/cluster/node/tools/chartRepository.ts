import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'

export interface Chart {
  name: string
  version: string
  /** Values that the templates may leave out of account. */
  values: string
  /** Templates by file name. */
  templates: Readonly<Record<string, string>>
}

/** A repository of charts over HTTP that Helm can add, with these charts. */
export async function serveCharts(helm: string, charts: readonly Chart[]): Promise<{ url: string } & AsyncDisposable> {
  const folder = mkdtempSync(join(tmpdir(), 'strata-charts-'))
  for (const { name, version, values, templates } of charts) {
    const chart = join(folder, name)
    mkdirSync(join(chart, 'templates'), { recursive: true })
    writeFileSync(join(chart, 'Chart.yaml'), `apiVersion: v2\nname: ${name}\nversion: ${version}\n`)
    writeFileSync(join(chart, 'values.yaml'), values)
    for (const [file, text] of Object.entries(templates)) writeFileSync(join(chart, 'templates', file), text)
    execFileSync(helm, ['package', chart, '--destination', folder], { stdio: 'pipe' })
  }
  execFileSync(helm, ['repo', 'index', folder], { stdio: 'pipe' })
  const server = createServer((request, response) => {
    try {
      response.end(readFileSync(join(folder, basename(request.url ?? ''))))
    } catch {
      response.writeHead(404).end()
    }
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, // a TCP server's address is never a string
    async [Symbol.asyncDispose]() {
      server.close()
      server.closeAllConnections()
      rmSync(folder, { recursive: true })
    },
  }
}
