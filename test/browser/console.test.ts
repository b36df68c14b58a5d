import { cp, mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pino } from 'pino'
import type { Browser, BrowserContextOptions, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startBots } from '../../local/bots.ts'
import { buildConsole } from '../../local/console.ts'
import { type LocalWorld, startWorld } from '../../local/world.ts'
import { type Role, roles } from '../../model/access/roles.ts'
import type { RecordingAnswer } from '../../model/wire/recording.ts'
import { LEAST_RECORDED_MS } from '../../orchestrator/console/recordedDay.ts'
import { hashPassword } from '../../service/keys/password.ts'
import { putConsoleAccount } from '../../store/accounts/consoleAccounts.ts'
import { hasBrowser, launch, pageErrors, screenshot, seriousProblems } from './chromium.ts'

/** The console over a whole system with bots. The tests build on each other and run in order. */
const bots = Number(process.env['BROWSER_BOTS'] ?? 60)
/** A slow machine needs long for what is eventual. */
const SOON = { timeout: 90_000 }
const password = 'password of the browser test'
const wide = { width: 1280, height: 800 }

let folder: string
let world: LocalWorld
let browser: Browser
let playing: ReturnType<typeof startBots>
const contexts: { page: Page; errors: string[] }[] = []

describe.skipIf(!hasBrowser)('the console', () => {
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'strata-browser-'))
    const policies = join(folder, 'policies')
    await cp('fleets', policies, { recursive: true })
    const stopping = new AbortController().signal
    await buildConsole(() => undefined, stopping)
    const log = pino({ level: 'info' }, pino.destination({ dest: join(folder, 'supervisor.log'), sync: true }))
    const start = { bots, speed: 1, scale: 1, seed: 1, fresh: true, view: false, state: folder, policies, matchmakerPort: 0, orchestratorPort: 0 }
    world = await startWorld(start, () => undefined, log, stopping)
    playing = startBots(start, world)
    const passwordHash = await hashPassword(password)
    for (const role of roles) await putConsoleAccount(world.services.postgres.url, { name: role, roles: [role], passwordHash })
    browser = await launch()
  })
  afterAll(async () => {
    await browser?.close()
    playing?.stop()
    await playing?.ended
    await world?.[Symbol.asyncDispose]()
    await rm(folder, { recursive: true, force: true })
  })

  async function visit(path: string, options: BrowserContextOptions = { viewport: wide, colorScheme: 'light' }): Promise<Page> {
    const page = await (await browser.newContext(options)).newPage()
    contexts.push({ page, errors: pageErrors(page) })
    await page.goto(world.orchestratorUrl + path)
    return page
  }
  async function signedIn(role: Role, path = '/console/', options?: BrowserContextOptions): Promise<Page> {
    const page = await visit(path, options)
    await page.getByLabel('Name').fill(role)
    await page.getByRole('textbox', { name: 'Password' }).fill(password)
    await page.getByRole('button', { name: 'Sign in' }).click()
    await page.getByRole('status').filter({ hasText: 'live' }).first().waitFor(SOON)
    return page
  }
  const open = (page: Page, path: string): Promise<unknown> => page.goto(world.orchestratorUrl + path)

  it('shows copies that open under a crowd, live, with a wrong password refused first', async () => {
    const page = await visit('/console/')
    await page.getByLabel('Name').fill('viewer')
    await page.getByRole('textbox', { name: 'Password' }).fill('wrong')
    await page.getByRole('button', { name: 'Sign in' }).click()
    await page.getByText('The name or the password is wrong').waitFor(SOON)
    await page.getByRole('textbox', { name: 'Password' }).fill(password)
    await page.getByRole('button', { name: 'Sign in' }).click()
    const picture = page.getByRole('application')
    await picture.waitFor(SOON)
    // One copy of each map at first; the crowd of the forest needs more.
    await expect.poll(async () => Number(/^\d+/.exec((await picture.getAttribute('aria-label')) ?? '')?.[0]), { timeout: 180_000 }).toBeGreaterThan(5)
    await screenshot(page, 'crowd-light')
    await picture.focus()
    await page.keyboard.press('ArrowRight')
    await page.keyboard.press('Enter')
    await page.waitForURL(/\/console\/copies\//)
    await page.getByRole('heading', { level: 1 }).waitFor()
  }, 300_000)

  it('keeps what is shown over a reload', async () => {
    const page = await signedIn('viewer', '/console/?view=table&map=forest')
    await page.getByRole('columnheader', { name: 'Copy' }).waitFor(SOON)
    await page.reload()
    await page.getByRole('columnheader', { name: 'Copy' }).waitFor(SOON)
    expect(await page.getByRole('combobox', { name: 'Map' }).inputValue()).toBe('forest')
  })

  it('explains why a player is where it is', async () => {
    const page = await signedIn('viewer')
    const someone = await anyPlayer()
    await page.getByLabel('Player by name or id').fill(someone)
    await page.keyboard.press('Enter')
    await page.getByRole('heading', { name: someone }).waitFor(SOON)
    await page
      .locator('button', { has: page.getByText('place', { exact: true }) })
      .first()
      .click()
    await page.getByRole('columnheader', { name: 'score' }).first().waitFor(SOON)
    await screenshot(page, 'player-light')
  })

  it('offers a viewer no action, and the server refuses one that is sent by hand', async () => {
    const page = await signedIn('viewer', '/console/servers')
    await page
      .getByRole('heading', { name: /^Fleet/ })
      .first()
      .waitFor(SOON)
    expect(await page.getByRole('button', { name: 'Drain' }).count()).toBe(0)
    const status = await page.evaluate(async () => {
      const session = (await (await fetch('/v1/session')).json()) as { person: { csrf: string } }
      const headers = { 'content-type': 'application/json', 'strata-csrf': session.person.csrf }
      return (await fetch('/v1/close', { method: 'POST', headers, body: JSON.stringify({ copy: 'x', reason: 'x' }) })).status
    })
    expect(status).toBe(403)
  })

  it('drains a copy with a reason, and the audit log names the person', async () => {
    const copy = await openCopy()
    const page = await signedIn('operator', `/console/copies/${copy}`)
    await page.getByRole('button', { name: 'Drain and close' }).click()
    const dialog = page.getByRole('dialog')
    await dialog.getByLabel('Reason').fill('browser test')
    await screenshot(page, 'drain-light')
    await dialog.getByRole('button', { name: 'Drain and close' }).click()
    await page
      .getByText(/closing: operator|There is no copy/)
      .first()
      .waitFor(SOON)
    await expect.poll(() => stateOf(copy), { timeout: 120_000 }).toBe('gone')
    await open(page, '/console/audit')
    await page.getByRole('row').filter({ hasText: 'console:operator' }).filter({ hasText: copy }).first().waitFor(SOON)
  }, 240_000)

  it('a designer edits a policy: a mistake is marked while typing, a draft is tried on the last minutes, and what is applied is in force and in the file', async () => {
    const page = await signedIn('designer', '/console/policies/forest')
    const editor = page.getByRole('textbox', { name: 'Policy of forest' })
    await editor.waitFor(SOON)
    await replaceIn(page, 'soft: 40', 'soft: 400')
    await page
      .getByText(/must not be above capacity.hard/)
      .first()
      .waitFor(SOON)
    expect(await page.getByRole('button', { name: 'Apply' }).count()).toBe(0)
    await replaceIn(page, 'soft: 400', 'soft: 30')
    await page.getByText('No problems.').waitFor(SOON)
    const recordedMs = async (): Promise<number> => {
      const { spans }: RecordingAnswer = await (await page.request.get(`${world.orchestratorUrl}/v1/recording`)).json()
      return spans.reduce((sum, { from, until }) => sum + until - from, 0)
    }
    await expect.poll(recordedMs, { timeout: 300_000, interval: 2_000 }).toBeGreaterThanOrEqual(LEAST_RECORDED_MS)
    await page.getByRole('button', { name: 'Try the draft' }).click()
    await page.getByText(/^On \d+ minutes of this world, recorded from .* with \d+ people\.$/).waitFor(SOON)
    await page.getByRole('cell', { name: 'Guild-mates together' }).waitFor({ timeout: 240_000 })
    await page.getByRole('img', { name: /^Players, copies and moves/ }).scrollIntoViewIfNeeded()
    await screenshot(page, 'policy-light')
    await page.getByRole('button', { name: 'Apply' }).click()
    await page.getByRole('dialog').getByLabel('Reason').fill('smaller crowds')
    await page.getByRole('dialog').getByRole('button', { name: 'Apply' }).click()
    await page.getByText('Apply: done').waitFor(SOON)
    expect(await readFile(join(folder, 'policies/forest.yaml'), 'utf8')).toContain('soft: 30')
    await expect.poll(() => world.policies.policies().get('forest')?.capacity.soft, SOON).toBe(30)
  }, 660_000)

  it('D3: goes on after the leader was killed, without a reload', async () => {
    const page = await signedIn('viewer')
    const orchestrator = world.children.find(({ name }) => name === 'orchestrator')
    const before = orchestrator?.pid
    process.kill(before ?? 0, 'SIGKILL')
    await page.getByText('reconnecting').waitFor(SOON)
    await page.getByRole('status').filter({ hasText: 'live' }).first().waitFor(SOON)
    expect(orchestrator?.pid).not.toBe(before)
    await page.getByRole('application').waitFor(SOON)
  })

  it('axe finds nothing serious, in dark and light and on a phone', async () => {
    const found: string[] = []
    const [copy, someone] = [await openCopy(), await anyPlayer()]
    const paths = [
      '/',
      '/?view=table',
      `/copies/${copy}`,
      `/players/${encodeURIComponent(someone)}`,
      '/servers',
      '/timelines',
      '/policies',
      '/policies/forest',
      '/audit',
    ]
    const looks: [name: string, options: BrowserContextOptions][] = [
      ['light', { viewport: wide, colorScheme: 'light' }],
      ['dark', { viewport: wide, colorScheme: 'dark' }],
      ['phone', { viewport: { width: 390, height: 844 }, colorScheme: 'light', hasTouch: true, isMobile: true }],
    ]
    for (const [look, options] of looks) {
      const outside = await visit('/console/', options)
      await outside.getByLabel('Name').waitFor(SOON)
      found.push(...(await seriousProblems(outside)))
      await outside.context().close()
      const page = await signedIn('operator', '/console/', options)
      for (const path of paths) {
        await open(page, `/console${path}`)
        await page.getByRole('heading', { level: 1 }).waitFor(SOON)
        await page.getByRole('status').filter({ hasText: 'live' }).first().waitFor(SOON)
        found.push(...(await seriousProblems(page)).map((problem) => `${look} ${problem}`))
        await screenshot(
          page,
          `${
            path
              .replaceAll(/\W+/g, '-')
              .replace(/^-/, '')
              .replace(/(copies|players)-.*/, '$1') || 'world'
          }-${look}`,
        )
        // Nothing is wider than the screen.
        expect(await page.evaluate(() => document.documentElement.scrollWidth <= window.innerWidth)).toBe(true)
      }
      await page.context().close()
    }
    expect(found).toEqual([])
  }, 600_000)

  it('no page threw an error or broke the Content Security Policy', () => {
    expect(contexts.flatMap(({ errors }) => errors)).toEqual([])
  })
})

async function anyPlayer(): Promise<string> {
  let name: string | undefined
  await expect
    .poll(() => {
      name = [...(world.replica.census().maps.get('forest')?.copies.values() ?? [])]
        .flatMap(({ seats }) => [...seats.values()])
        .find(({ state }) => state === 'taken')?.name
      return name
    }, SOON)
    .toBeDefined()
  return name ?? ''
}

/** An open copy of the forest: the youngest, which may end without harm. */
async function openCopy(): Promise<string> {
  let id: string | undefined
  await expect
    .poll(() => {
      const copies = [...(world.replica.census().maps.get('forest')?.copies.values() ?? [])].filter(({ copy }) => copy.state === 'open')
      id = copies.sort((a, b) => b.copy.created - a.copy.created)[0]?.copy.id
      return id
    }, SOON)
    .toBeDefined()
  return id ?? ''
}

function stateOf(copy: string): string {
  return world.replica.census().maps.get('forest')?.copies.get(copy)?.copy.state ?? 'gone'
}

/** Replaces text in the editor as a person does: finds it, and types. */
async function replaceIn(page: Page, before: string, after: string): Promise<void> {
  const line = page.locator('.cm-line').filter({ hasText: before }).last()
  await line.click()
  const text = (await line.textContent()) ?? ''
  await page.keyboard.press('Home')
  await page.keyboard.press('Home')
  await page.keyboard.press('Shift+End')
  await page.keyboard.insertText(text.replace(before, after))
}
