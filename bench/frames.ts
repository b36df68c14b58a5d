import { pino } from 'pino'
import { buildDemo, serveDemo } from '../local/demo.ts'
import { hasBrowser, launch } from '../test/browser/chromium.ts'
import type { Report } from './report.ts'

export const summary = 'Script time of a frame of the browser demo with 300 characters in sight, and frames a second without a GPU.'

const CHARACTERS = 300
/** Time for the first frames, which load textures and compile the code, in ms. */
const WARM_UP_MS = 4_000
const MEASURED_MS = 12_000
/** Without a GPU the time of drawing grows with the pixels, so one size is small. */
const SIZES = [
  { width: 1280, height: 800 },
  { width: 320, height: 200 },
]

/** The page crowd.html in Chromium. The script's time is that of the demo and PixiJS; drawing is done by SwiftShader on the CPU, in another process. */
export async function run(stack: AsyncDisposableStack): Promise<Report> {
  if (!hasBrowser) return { skipped: 'there is no browser; install one (apt-get install chromium)' }
  await buildDemo(() => undefined, new AbortController().signal)
  const served = await serveDemo({ matchmaker: 'http://127.0.0.1:9', port: 0, log: pino({ level: 'silent' }) })
  if (served === undefined) throw new Error('the demo is not built')
  stack.use(served)
  const browser = await launch()
  stack.defer(() => browser.close())
  const figures: Report = { characters: CHARACTERS }
  for (const viewport of SIZES) {
    const page = await browser.newPage({ viewport })
    await page.goto(`${served.url}/crowd.html?count=${CHARACTERS}`)
    await page.waitForTimeout(WARM_UP_MS)
    await page.evaluate('crowd.restart()')
    await page.waitForTimeout(MEASURED_MS)
    const report: unknown = await page.evaluate('crowd.report()')
    figures[`${viewport.width} × ${viewport.height}`] = report as Report // crowd.ts returns a FrameReport
    await page.close()
  }
  return figures
}
