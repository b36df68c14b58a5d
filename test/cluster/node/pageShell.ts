import { spawn } from 'node:child_process'
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { commandsIn, type TutorialCommand } from '../../docs/commandsIn.ts'
import { root } from '../../image/strataImage.ts'
import { environment } from '../world/kubectl.ts'

/** How long a command runs that watches until it is interrupted. */
const WATCHED_SECONDS = 10
/** Limit of all other commands, in seconds; the tutorial says that removing everything takes up to ten minutes. */
const LIMIT_SECONDS = 720

export interface PageShellOptions {
  /** Programs by the name that the page has: the shell command that gets the arguments. */
  programs?: Readonly<Record<string, string>>
  /** Folder in which the commands run; the checkout without it. */
  folder?: string
  /** What a reader writes for a word of the page, such as the name of a node. */
  words?: readonly (readonly [written: string, run: string])[]
}

/** The commands in the `sh` blocks of a page of docs/. */
export const pageCommands = (page: string): TutorialCommand[] => commandsIn(readFileSync(join(root, page), 'utf8'))

/** Runs commands of pages as they are written, in the checkout, against the cluster of the test. */
export class PageShell implements Disposable {
  readonly #folder = mkdtempSync(join(tmpdir(), 'strata-pages-'))
  readonly #bin = join(this.#folder, 'bin')
  readonly #words: NonNullable<PageShellOptions['words']>
  readonly #cwd: string

  constructor({ programs = {}, words = [], folder = root }: PageShellOptions) {
    this.#words = words
    this.#cwd = folder
    mkdirSync(this.#bin)
    for (const [name, command] of Object.entries(programs)) {
      writeFileSync(join(this.#bin, name), `#!/bin/bash\n${command.includes('$@') ? command : `exec ${command} "$@"`}\n`)
      chmodSync(join(this.#bin, name), 0o755)
    }
  }

  /** Runs all commands in one shell, because some set variables and some run in the background. Returns their output; throws with its end when one fails. */
  async run(all: readonly { text: string }[]): Promise<string> {
    const lines = all.flatMap(({ text: written }) => {
      const text = this.#words.reduce((one, [from, to]) => one.replaceAll(from, to), written)
      const watched = / (--watch|-w|-f)$/.test(text)
      const shown = `printf '%s\\n' ${quoted(`+ ${text}`)}`
      const failed = `{ code=$?; echo "failed with $code: "${quoted(text)}; exit 1; }`
      // They set what the next commands use.
      if (/^(export|alias|set) /.test(text)) return [shown, text.replace(/^alias (\w+)='(.*)'$/, '$1() { $2 "$@"; }; export -f $1')]
      // A reader takes a moment to type the next command.
      if (text.endsWith('&')) return [shown, text, 'sleep 2']
      const limited = `timeout ${watched ? WATCHED_SECONDS : LIMIT_SECONDS} bash -c ${quoted(text)}`
      // A watch ends by the limit, with 124.
      return [shown, watched ? `${limited} || [ $? = 124 ] || ${failed}` : `${limited} || ${failed}`]
    })
    const script = ['trap "kill 0" EXIT', ...lines, 'trap - EXIT', 'kill $(jobs -p) 2>/dev/null', 'exit 0'].join('\n')
    const child = spawn('bash', ['-c', script], {
      cwd: this.#cwd,
      env: { ...environment, ...helmFolders(this.#folder), PATH: `${this.#bin}:${environment.PATH}` },
      detached: true,
    })
    let output = ''
    for (const stream of [child.stdout, child.stderr])
      stream.on('data', (data: Buffer) => {
        output += data.toString()
      })
    const code = await new Promise((done) => child.once('exit', done))
    if (code !== 0) throw new Error(`the commands ended with ${String(code)}:\n${output.slice(-4_000)}`)
    return output
  }

  [Symbol.dispose](): void {
    rmSync(this.#folder, { recursive: true, force: true })
  }
}

/** Helm keeps repositories and what it downloads there. */
const helmFolders = (folder: string) => ({
  HELM_CACHE_HOME: join(folder, 'helm/cache'),
  HELM_CONFIG_HOME: join(folder, 'helm/config'),
  HELM_DATA_HOME: join(folder, 'helm/data'),
})

const quoted = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`
