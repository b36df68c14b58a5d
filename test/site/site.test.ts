import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { FastifyInstance } from 'fastify'
import type { Browser, BrowserContextOptions, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { linkedSources, sourceName } from '../../site/links.ts'
import { addressOf, pages, root, titleOf } from '../../site/pages.ts'
import { hasBrowser, launch, pageErrors, screenshot, seriousProblems } from '../browser/chromium.ts'
import { buildSite, serveSite } from './site.ts'

const wide = { viewport: { width: 1366, height: 850 }, colorScheme: 'light' } as const
const phone = { viewport: { width: 390, height: 780 }, colorScheme: 'light', hasTouch: true, isMobile: true } as const
/** One page of each kind: start, tutorial, how-to with a table, generated tables, diagrams, decision, file. */
const kinds = {
  start: '/',
  tutorial: '/docs/tutorial/first-zone.html',
  'how-to': '/docs/how-to/policies.html',
  policy: '/docs/reference/policy.html',
  http: '/docs/reference/http.html',
  protocol: '/docs/reference/protocol.html',
  sdk: '/docs/reference/sdk-client.html',
  decision: '/docs/decisions/0040-the-console.html',
  file: `/site/source/${sourceName('gameserver/zone/hooks.ts')}.html`,
}
const searched = { 'a setting': 'DISCONNECT_GRACE_MS', 'a field of a policy': 'merge.patience' }

let site: { app: FastifyInstance; url: string }
let browser: Browser
const opened: string[][] = []
/** Requests that left the machine: the site needs no service. */
const foreign: string[] = []

describe.skipIf(!hasBrowser)('the site of docs/', () => {
  beforeAll(async () => {
    await buildSite()
    site = await serveSite()
    browser = await launch()
  })
  afterAll(async () => {
    await browser?.close()
    await site?.app.close()
  })

  async function open(path: string, options: BrowserContextOptions = wide): Promise<Page> {
    const page = await (await browser.newContext(options)).newPage()
    opened.push(pageErrors(page))
    page.on('request', (request) => void (/^(data:|blob:)/.test(request.url()) || request.url().startsWith(site.url) || foreign.push(request.url())))
    await page.goto(site.url + path)
    return page
  }

  it('has every page of docs/ in its navigation, with its title', async () => {
    const page = await open('/')
    const links = await page.locator('.VPSidebar a').evaluateAll((all) => all.map((link) => new URL((link as HTMLAnchorElement).href).pathname))
    const missing = pages().filter((one) => !links.includes(addressOf(one)) && !links.includes(addressOf(one).replace(/\.html$/, '')))
    expect(missing).toEqual([])
    expect(pages().length).toBeGreaterThan(70)
    await page.context().close()
  })

  it('shows every page at phone width without scrolling sideways, and none reports an error', async () => {
    const page = await open('/', phone)
    const wrong: string[] = []
    for (const one of pages()) {
      await page.goto(site.url + addressOf(one))
      const [title, overflow] = await page.evaluate(() => [
        document.querySelector('h1')?.textContent ?? '',
        document.documentElement.scrollWidth - document.documentElement.clientWidth,
      ])
      if (!String(title).startsWith(titleOf(one).slice(0, 20))) wrong.push(`${one} shows "${title}"`)
      if (Number(overflow) > 0) wrong.push(`${one} is ${overflow} px too wide`)
    }
    expect(wrong).toEqual([])
    await page.context().close()
  })

  it('shows the files that pages link to', async () => {
    for (const file of linkedSources()) {
      const answer = await fetch(`${site.url}/site/source/${sourceName(file)}.html`)
      expect(answer.status, file).toBe(200)
    }
    const page = await open(kinds.file)
    const [line = ''] = readFileSync(join(root, 'gameserver/zone/hooks.ts'), 'utf8').split('\n')
    await expect.poll(() => page.locator('.vp-doc').textContent()).toContain(line)
    await page.context().close()
  })

  it.each(Object.entries(searched))('finds %s by its name, and opens the page', async (_kind, name) => {
    const page = await open('/docs/tutorial/own-game.html')
    const box = page.locator('.VPLocalSearchBox input')
    // The page listens to the keys once its script runs.
    await expect.poll(async () => (await box.count()) > 0 || page.keyboard.press('Control+k'), { interval: 500 }).toBe(true)
    await box.fill(name)
    const first = page.locator('.VPLocalSearchBox .result').first()
    await first.waitFor()
    await screenshot(page, `docs-search-${name}`)
    await page.keyboard.press('Enter')
    await expect.poll(() => page.locator('.vp-doc').textContent()).toContain(name)
    expect(page.url()).not.toContain('own-game')
    await page.context().close()
  })

  it.each(['light', 'dark'] as const)('draws the diagrams in %s colours', async (colorScheme) => {
    for (const [path, least] of [
      [kinds.protocol, 4],
      ['/docs/explanation/design.html', 1],
    ] as const) {
      const page = await open(path, { ...wide, colorScheme })
      const drawn = page.locator('.diagram svg')
      await expect.poll(() => drawn.count()).toBe(least)
      expect((await drawn.first().textContent())?.trim().length).toBeGreaterThan(20)
      expect(await drawn.first().evaluate((svg) => svg.getBoundingClientRect().height)).toBeGreaterThan(100)
      await drawn.first().scrollIntoViewIfNeeded()
      await screenshot(page, `docs-diagram-${colorScheme}-${least}`)
      await page.context().close()
    }
  })

  it('switches to dark and keeps it on the next page', async () => {
    const page = await open('/')
    await page.locator('.VPNavBarAppearance .VPSwitchAppearance').click()
    const isDark = () => page.evaluate(() => document.documentElement.classList.contains('dark'))
    await expect.poll(isDark).toBe(true)
    await page.goto(site.url + kinds.policy)
    expect(await isDark()).toBe(true)
    await page.context().close()
  })

  it.each([
    ['light', Object.entries(kinds)],
    // What differs is the colours: a page with code, one with tables, one with diagrams.
    ['dark', Object.entries(kinds).filter(([kind]) => ['tutorial', 'policy', 'protocol'].includes(kind))],
  ] as const)('axe finds nothing serious in %s colours', async (colorScheme, checked) => {
    const problems: string[] = []
    for (const [kind, path] of checked) {
      const page = await open(path, { ...wide, colorScheme })
      await page.locator('.vp-doc h1').waitFor()
      await screenshot(page, `docs-${kind}-${colorScheme}`)
      problems.push(...(await seriousProblems(page)))
      await page.context().close()
    }
    expect(problems).toEqual([])
  })

  it('has its navigation behind a button on a phone', async () => {
    const page = await open(kinds['how-to'], phone)
    await screenshot(page, 'docs-phone')
    await page.locator('.VPLocalNav .menu').click()
    await page.locator('.VPSidebar.open').waitFor()
    await screenshot(page, 'docs-phone-navigation')
    await page.locator('.VPSidebar a', { hasText: 'Metrics' }).first().click()
    await expect.poll(() => page.locator('h1').textContent()).toContain('Metrics')
    await page.context().close()
  })

  it('has reported no error, and asked no other host', () => {
    expect(opened.flat()).toEqual([])
    expect(foreign).toEqual([])
  })
})
