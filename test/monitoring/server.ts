import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createWriteStream } from 'node:fs'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { stringify } from 'yaml'
import { z } from 'zod'
import { freePort } from '../../local/agones/freePorts.ts'
import { ruleFiles, ruleText } from './rules.ts'

export interface Target {
  /** `HOST:PORT`. */
  address: string
  job: string
  pod: string
}

const answer = z.object({ status: z.literal('success'), data: z.object({ result: z.array(z.object({ metric: z.record(z.string(), z.string()) })) }) })
const targetsAnswer = z.object({ data: z.object({ activeTargets: z.array(z.object({ health: z.string(), lastError: z.string() })) }) })
const metadataAnswer = z.object({ data: z.record(z.string(), z.array(z.object({ type: z.string(), help: z.string() }))) })
const rulesAnswer = z.object({
  data: z.object({ groups: z.array(z.object({ rules: z.array(z.object({ name: z.string(), health: z.string(), lastError: z.string().optional() })) })) }),
})

/** A Prometheus that scrapes these targets each second and evaluates all rules. */
export class PrometheusServer implements AsyncDisposable {
  readonly #url: string
  readonly #process: ChildProcess

  private constructor(url: string, child: ChildProcess) {
    this.#url = url
    this.#process = child
  }

  static async start(program: string, folder: string, targets: readonly Target[]): Promise<PrometheusServer> {
    await mkdir(folder, { recursive: true })
    for (const file of ruleFiles) await writeFile(join(folder, file), ruleText(file))
    const scrape = Map.groupBy(targets, ({ job }) => job)
    const config = {
      global: { scrape_interval: '1s', evaluation_interval: '1s' },
      rule_files: [...ruleFiles],
      scrape_configs: [...scrape].map(([job, some]) => ({
        job_name: job,
        static_configs: some.map(({ address, pod }) => ({ targets: [address], labels: { pod, namespace: 'strata' } })),
      })),
    }
    await writeFile(join(folder, 'prometheus.yml'), stringify(config))
    const address = `127.0.0.1:${await freePort('127.0.0.1')}`
    const options = [`--config.file=${join(folder, 'prometheus.yml')}`, `--storage.tsdb.path=${join(folder, 'data')}`, `--web.listen-address=${address}`]
    const child = spawn(program, options, { stdio: ['ignore', 'pipe', 'pipe'] })
    const log = createWriteStream(join(folder, 'prometheus.log'))
    child.stdout.pipe(log)
    child.stderr.pipe(log)
    const server = new PrometheusServer(`http://${address}`, child)
    while (child.exitCode === null && !(await fetch(`${server.#url}/-/ready`).catch(() => undefined))?.ok) await pause(100)
    if (child.exitCode !== null) throw new Error(`Prometheus ended with ${child.exitCode}; see ${folder}/prometheus.log`)
    return server
  }

  async #get<T>(path: string, schema: z.ZodType<T>): Promise<T> {
    const response = await fetch(this.#url + path)
    return schema.parse(await response.json())
  }

  /** The labels of all series that a query finds now. */
  async query(query: string): Promise<Record<string, string>[]> {
    const { data } = await this.#get(`/api/v1/query?query=${encodeURIComponent(query)}`, answer)
    return data.result.map(({ metric }) => metric)
  }

  /** The errors of targets that are not up. Empty: all are. */
  async problems(): Promise<string[]> {
    const { data } = await this.#get('/api/v1/targets', targetsAnswer)
    return data.activeTargets.filter(({ health }) => health !== 'up').map(({ health, lastError }) => `${health} ${lastError}`)
  }

  /** Type and help of every metric that was scraped. */
  async metadata(): Promise<Map<string, { type: string; help: string }[]>> {
    const { data } = await this.#get('/api/v1/metadata?limit=100000', metadataAnswer)
    return new Map(Object.entries(data))
  }

  /** The health of each rule: `ok` when it was evaluated without an error. */
  async rules(): Promise<{ name: string; health: string; lastError?: string | undefined }[]> {
    const { data } = await this.#get('/api/v1/rules', rulesAnswer)
    return data.groups.flatMap(({ rules }) => rules)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#process.exitCode !== null) return
    const ended = once(this.#process, 'exit')
    this.#process.kill('SIGTERM')
    await ended
  }
}
