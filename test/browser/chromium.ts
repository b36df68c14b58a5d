import { existsSync } from 'node:fs'
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { AxeBuilder } from '@axe-core/playwright'
import { type Browser, chromium, type Page } from 'playwright-core'

const candidates = [process.env['CHROMIUM'], '/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome']
const executablePath = candidates.find((path) => path !== undefined && existsSync(path))

/** False: there is no browser, and the suite is skipped. */
export const hasBrowser = executablePath !== undefined
if (!hasBrowser) process.stderr.write('SKIPPED: there is no browser. Install one (apt-get install chromium), or name one with CHROMIUM.\n')

export async function launch(): Promise<Browser> {
  // As root, and in most containers, Chromium has no sandbox. It only loads pages of this test. Without a GPU, WebGL is drawn by SwiftShader and the rest of the page
  // by the CPU: blurs and gradients over SwiftShader take seconds.
  const withoutGpu = ['--use-angle=swiftshader', '--enable-unsafe-swiftshader', '--disable-gpu-compositing', '--disable-gpu-watchdog']
  return chromium.launch({ executablePath: executablePath ?? '', args: ['--no-sandbox', ...withoutGpu] })
}

const pictures = process.env['BROWSER_PICTURES'] ?? '.bench/browser'

export async function screenshot(page: Page, name: string): Promise<void> {
  await mkdir(pictures, { recursive: true })
  await page.screenshot({ path: join(pictures, `${name}.png`) })
}

/** What axe finds on the page that is serious or critical, one line each. */
export async function seriousProblems(page: Page): Promise<string[]> {
  const { violations } = await new AxeBuilder({ page }).analyze()
  return violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .map(({ id, nodes }) => `${page.url()} ${id}: ${nodes.map(({ target }) => target.join(' ')).join(', ')}`)
}

/** Collects errors of the page: exceptions, refused styles and scripts. Refusals of the API that a test provokes are no errors of the page. */
export function pageErrors(page: Page, errors: string[] = []): string[] {
  page.on('pageerror', (error) => errors.push(String(error)))
  page.on('console', (message) => {
    if (message.type() === 'error' && !message.text().startsWith('Failed to load resource')) errors.push(message.text())
  })
  return errors
}
