import { pino } from 'pino'
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { FrameReport } from '../../client/demo/src/scene/frameTimes.ts'
import { buildDemo, type DemoServer, serveDemo } from '../../local/demo.ts'
import { hasBrowser, launch, screenshot } from './chromium.ts'

declare global {
  /** What the page crowd.html shows to tests (client/demo/src/crowd.ts). */
  var crowd: { report(): FrameReport; parts(): number; change(people: number): void } | undefined
}

const CHARACTERS = 300
/** Frames that are measured. The first ones load textures. */
const FRAMES = 120

let browser: Browser
let demo: DemoServer

/** Without a server: no world on one machine brings 300 players into one picture. */
describe.skipIf(!hasBrowser)('the demo with 300 characters in sight', () => {
  beforeAll(async () => {
    await buildDemo(() => undefined, new AbortController().signal)
    const served = await serveDemo({ matchmaker: 'http://127.0.0.1:9', port: 0, log: pino({ level: 'silent' }) })
    if (served === undefined) throw new Error('the demo is not built')
    demo = served
    browser = await launch()
  })
  afterAll(async () => {
    await browser?.close()
    await demo?.[Symbol.asyncDispose]()
  })

  it('draws all of them in every frame', async () => {
    const page = await browser.newPage({ viewport: { width: 1280, height: 800 } })
    await page.goto(`${demo.url}/crowd.html?count=${CHARACTERS}`)
    await expect.poll(() => page.evaluate(() => crowd?.report().frames ?? 0), { timeout: 100_000 }).toBeGreaterThanOrEqual(FRAMES)
    const report = await page.evaluate(() => crowd?.report())
    await screenshot(page, 'demo-crowd')
    process.stdout.write(`${JSON.stringify({ characters: CHARACTERS, ...report })}\n`)
    expect(report?.drawn).toBe(CHARACTERS)
    // The body of a character that has left is used again for one that comes. At the first change the new ones appear before the old ones are gone; after it there are enough bodies.
    expect(await page.evaluate(() => crowd?.parts())).toBeGreaterThan(CHARACTERS * 9)
    let parts: number | undefined
    for (let times = 0; times < 4; times++) {
      await page.evaluate(async () => {
        crowd?.change(100)
        // A frame that is drawn with them, and one after it.
        for (let frame = 0; frame < 2; frame++) await new Promise(requestAnimationFrame)
      })
      expect(await page.evaluate(() => crowd?.report().drawn)).toBe(CHARACTERS)
      const made = await page.evaluate(() => crowd?.parts())
      parts ??= made
      expect(made).toBe(parts)
    }
  })
})
