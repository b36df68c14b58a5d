import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pino } from 'pino'
import type { Browser, BrowserContextOptions, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { StrataClient, type World } from '../../client/index.ts'
import { buildDemo, type DemoServer, serveDemo } from '../../local/demo.ts'
import { type LocalWorld, startWorld } from '../../local/world.ts'
import { hasBrowser, launch, pageErrors, screenshot, seriousProblems } from './chromium.ts'
import { blinks, longestStep, record, stopRecord } from './demoFrames.ts'
import { hunt } from './demoHunt.ts'

/** The browser demo over a whole system. The tests build on each other and run in order. */
/** A slow machine needs long for what is eventual. */
const SOON = { timeout: 150_000 }
/** Small, because Chromium draws WebGL without a GPU here. */
const size = { width: 800, height: 560 }
const phone = { viewport: { width: 390, height: 780 }, hasTouch: true, isMobile: true }
/** Players without a page in the copy that stays: the copy with fewer players is merged. */
const RESIDENTS = 4

let folder: string
let world: LocalWorld
let demo: DemoServer
let browser: Browser
let ada: Page
let bela: Page
const errors: string[] = []
const residents: World[] = []

describe.skipIf(!hasBrowser)('the demo', () => {
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'strata-demo-'))
    const policies = join(folder, 'policies')
    await cp('fleets', policies, { recursive: true })
    await edit('forest', [
      ['copies: { min: 1, max: 12, warm: auto }', 'copies: { min: 2, max: 4, warm: 0 }'],
      ['perPlayerEvery: 1m', 'perPlayerEvery: 1s'],
    ])
    await edit('town', [
      ['capacity: { soft: 40, hard: 50, company: 8 }', 'capacity: { soft: 1, hard: 1, company: 0 }'],
      ['copies: { min: 1, max: 8 }', 'copies: { min: 1, max: 1 }'],
    ])
    const stopping = new AbortController().signal
    await buildDemo(() => undefined, stopping)
    const log = pino({ level: 'info' }, pino.destination({ dest: join(folder, 'supervisor.log'), sync: true }))
    const start = { bots: 0, speed: 1, scale: 1, seed: 1, fresh: true, view: false, state: folder, policies, matchmakerPort: 0, orchestratorPort: 0 }
    world = await startWorld(start, () => undefined, log, stopping)
    const served = await serveDemo({ matchmaker: world.matchmakerUrl, port: 0, log })
    if (served === undefined) throw new Error('the demo is not built')
    demo = served
    browser = await launch()
  })
  afterAll(async () => {
    await browser?.close()
    await Promise.all(residents.map((one) => one.leave()))
    await demo?.[Symbol.asyncDispose]()
    await world?.[Symbol.asyncDispose]()
    await rm(folder, { recursive: true, force: true })
  })

  it('signs in with a name, walks with keys, and shows the land', async () => {
    ada = await visit('/')
    await ada.getByLabel('Name').waitFor(SOON)
    expect(await seriousProblems(ada)).toEqual([])
    await screenshot(ada, 'demo-sign-in')
    await ada.getByLabel('Name').fill('Ada')
    await ada.getByRole('button', { name: 'Enter the forest' }).click()
    await playing(ada)
    await expect.poll(() => ada.evaluate(() => strata.view?.scene.times.report().frames ?? 0), SOON).toBeGreaterThan(5)
    const before = await place(ada)
    await ada.keyboard.down('KeyD')
    // The server has moved the body, and not only the page predicts it.
    await expect.poll(() => ada.evaluate(() => strata.game.world?.entities.get(strata.game.world.self)?.x ?? 0), SOON).toBeGreaterThan(before.x + 6)
    await ada.keyboard.up('KeyD')
    await screenshot(ada, 'demo-forest')
  })

  it('fights a boar and takes what it drops', async () => {
    await hunt(ada)
    await expect.poll(() => ada.evaluate(() => strata.game.store.get().bag['hide'] ?? 0), SOON).toBeGreaterThan(0)
    await screenshot(ada, 'demo-fight')
    await ada.getByRole('list', { name: 'Bag' }).getByText('hide').waitFor(SOON)
  })

  it('talks to another page over copies', async () => {
    bela = await visit('/?name=Bela')
    await playing(bela)
    await openCopies('forest')
    if ((await place(bela)).copy === (await place(ada)).copy) {
      // By the world map to the copy where Ada is not.
      await bela.keyboard.press('KeyM')
      await bela.locator('.copies button:enabled').first().click(SOON)
    }
    await expect.poll(async () => (await place(bela)).copy, SOON).not.toBe((await place(ada)).copy)
    await say(ada, 'Map', 'Hello from the other copy')
    await bela.getByRole('log').getByText('Hello from the other copy').waitFor(SOON)
  })

  it('asks for friendship, and the other one accepts', async () => {
    await ada.getByRole('button', { name: /^People/ }).click()
    await ada.getByLabel('Ask for friendship').fill('Bela')
    await ada.getByRole('button', { name: 'Ask', exact: true }).click()
    await bela.getByText('Ada asks to be your friend').waitFor(SOON)
    await bela.getByRole('button', { name: 'Accept' }).click(SOON)
    await ada.getByRole('dialog').getByRole('button', { name: 'Whisper to Bela' }).waitFor(SOON)
    expect(await seriousProblems(ada)).toEqual([])
    await screenshot(ada, 'demo-people')
  })

  it('makes a party, which comes together in one copy and talks', async () => {
    await ada.getByLabel('Invite to the party').fill('Bela')
    await ada.getByRole('dialog').getByRole('region', { name: 'Party' }).getByRole('button', { name: 'Invite' }).click()
    await bela.getByRole('button', { name: 'Join' }).click(SOON)
    await ada.keyboard.press('Escape')
    await ada.getByRole('list', { name: 'Your party' }).getByText('Bela').waitFor(SOON)
    await bela.getByRole('list', { name: 'Your party' }).getByText('Ada').waitFor(SOON)
    await expect.poll(async () => (await place(ada)).copy === (await place(bela)).copy, SOON).toBe(true)
    await say(ada, 'Party', 'Together')
    await bela.getByRole('log').getByText('Together').waitFor(SOON)
    // A whisper reaches members of the party and friends; strangers only if they show their presence to everybody.
    await bela.getByLabel('Channel').selectOption({ label: 'Whisper' })
    await bela.getByLabel('Whisper to').fill('Ada')
    await say(bela, 'Whisper', 'A secret')
    await ada.getByRole('log').getByText('A secret').waitFor(SOON)
  })

  it('M5: a merge while both walk: what is near stays on the screen in every frame, and the walk goes on', async () => {
    const from = (await place(ada)).copy
    const into = (await openCopies('forest')).find((copy) => copy !== from) ?? ''
    for (let index = 0; index < RESIDENTS; index++) residents.push(await reside(`Resident ${index + 1}`, into))
    for (const page of [ada, bela]) {
      await page.keyboard.down('KeyA')
      await record(page)
    }
    await edit('forest', [['copies: { min: 2,', 'copies: { min: 1,']])
    for (const page of [ada, bela]) await expect.poll(async () => (await place(page)).copy, SOON).toBe(into)
    await ada.getByText(/your copy was merged/).waitFor(SOON)
    await screenshot(ada, 'demo-merge')
    // What is kept over a move is kept for 3 s; a disappearance would come then.
    await new Promise((resolve) => setTimeout(resolve, 4_000))
    for (const page of [ada, bela]) {
      const frames = await stopRecord(page)
      await page.keyboard.up('KeyA')
      const [before, after] = [frames.filter(({ copy }) => copy === from), frames.filter(({ copy }) => copy === into)]
      expect(before.length).toBeGreaterThan(3)
      expect(after.length).toBeGreaterThan(3)
      const { compared, missing } = blinks(before, after)
      expect(missing).toEqual([])
      // The other one of the party, and things of the forest.
      expect(compared).toBeGreaterThan(1)
      // The walk goes on, without a jump: 6 m/s, and some slack for the time between a frame and its recording.
      expect(longestStep(frames).excessM).toBeLessThan(3)
      expect((before[0]?.x ?? 0) - (after.at(-1)?.x ?? 0)).toBeGreaterThan(6)
      process.stdout.write(`${JSON.stringify({ frames: frames.length, compared, ...longestStep(frames) })}\n`)
    }
  }, 240_000)

  it('explains why the player is in this copy', async () => {
    await ada.getByRole('button', { name: 'Why am I here?' }).click(SOON)
    await ada
      .getByRole('dialog')
      .getByRole('heading', { name: /You were moved: Forest/ })
      .first()
      .waitFor(SOON)
    expect(await seriousProblems(ada)).toEqual([])
    await screenshot(ada, 'demo-why')
    await ada.keyboard.press('Escape')
  })

  it('shows a place in line with its range on a phone, and enters when a seat comes free', async () => {
    const client = await signedIn('Holder')
    const holder = await client.enter({ map: 'town' })
    const page = await visit('/?name=Waiting&map=town', phone)
    await page.getByRole('heading', { name: 'Town is full' }).waitFor(SOON)
    await page.getByText('1 of 1 in line').waitFor(SOON)
    await page.getByText(/Nobody can tell yet|About \d+/).waitFor(SOON)
    expect(await seriousProblems(page)).toEqual([])
    await screenshot(page, 'demo-line-phone')
    await holder.leave()
    await playing(page)
    await expect.poll(async () => (await place(page)).map, SOON).toBe('town')
    await page.getByRole('button', { name: 'World' }).waitFor(SOON)
    expect(await seriousProblems(page)).toEqual([])
    expect(await page.evaluate(() => document.documentElement.scrollWidth <= window.innerWidth)).toBe(true)
    // The joystick walks.
    const [before, stick] = [await place(page), await page.locator('.joystick').boundingBox()]
    if (stick === null) throw new Error('a page that is touched has no joystick')
    await page.mouse.move(stick.x + stick.width / 2, stick.y + stick.height / 2)
    await page.mouse.down()
    await page.mouse.move(stick.x + stick.width, stick.y + stick.height / 2)
    await expect.poll(async () => (await place(page)).x - before.x, SOON).toBeGreaterThan(3)
    await page.mouse.up()
    await screenshot(page, 'demo-phone')
    await page.context().close()
  })

  it('travels by the world map', async () => {
    await bela.keyboard.press('KeyM')
    await bela.getByRole('button', { name: 'Travel to Hills' }).waitFor(SOON)
    expect(await seriousProblems(bela)).toEqual([])
    await screenshot(bela, 'demo-world')
    await bela.getByRole('button', { name: 'Travel to Hills' }).click()
    await expect.poll(async () => (await place(bela)).map, SOON).toBe('hills')
    await bela.getByRole('heading', { name: 'Hills' }).waitFor(SOON)
  })

  it('comes back by itself after its game server was killed', async () => {
    const { map, copy } = await place(ada)
    const server = world.replica.census().maps.get(map)?.copies.get(copy)?.copy
    const id = server !== undefined && 'server' in server ? server.server : ''
    process.kill(world.host.servers().find((one) => one.id === id)?.pid ?? 0, 'SIGKILL')
    await ada.getByRole('heading', { name: 'Connection lost' }).waitFor(SOON)
    await screenshot(ada, 'demo-reconnect')
    await ada.getByRole('heading', { name: 'Connection lost' }).waitFor({ state: 'detached', ...SOON })
    await playing(ada)
    const before = await place(ada)
    await ada.keyboard.down('KeyD')
    await expect.poll(async () => (await place(ada)).x - before.x, SOON).toBeGreaterThan(3)
    await ada.keyboard.up('KeyD')
  })

  it('no page threw an error or broke the Content Security Policy', () => {
    expect(errors).toEqual([])
  })
})

async function visit(path: string, options: BrowserContextOptions = { viewport: size }): Promise<Page> {
  const page = await (await browser.newContext(options)).newPage()
  pageErrors(page, errors)
  await page.goto(demo.url + path)
  return page
}

async function playing(page: Page): Promise<void> {
  await page.waitForFunction(
    () => strata.game.store.get().phase.name === 'playing' && strata.game.world !== undefined && (strata.view?.scene.times.report().frames ?? 0) > 0,
    undefined,
    SOON,
  )
}

function place(page: Page): Promise<{ map: string; copy: string; x: number; y: number }> {
  return page.evaluate(() => {
    const { world } = strata.game
    const me = world?.entityAt(world.self)
    return { map: world?.map ?? '', copy: world?.copy ?? '', x: me?.x ?? 0, y: me?.y ?? 0 }
  })
}

async function say(page: Page, channel: string, text: string): Promise<void> {
  await page.getByLabel('Channel').selectOption({ label: channel })
  await page.getByLabel('Message', { exact: true }).fill(text)
  await page.keyboard.press('Enter')
  await page.evaluate(() => (document.activeElement as HTMLElement | null)?.blur())
}

async function openCopies(map: string): Promise<string[]> {
  let open: string[] = []
  await expect
    .poll(() => {
      open = [...(world.replica.census().maps.get(map)?.copies.values() ?? [])].filter(({ copy }) => copy.state === 'open').map(({ copy }) => copy.id)
      return open.length
    }, SOON)
    .toBeGreaterThan(1)
  return open
}

async function signedIn(name: string): Promise<StrataClient> {
  const client = new StrataClient({ matchmaker: world.matchmakerUrl })
  await client.login(name)
  client.character = (await client.characters.create({ name })).character
  return client
}

/** A player without a page, in a copy of the forest. */
async function reside(name: string, copy: string): Promise<World> {
  const client = await signedIn(name)
  const inside = await client.enter({ copy })
  inside.input({ dx: 0, dy: 0 })
  return inside
}

/** Changes a policy; the running system takes it over. */
async function edit(map: string, changes: readonly (readonly [string, string])[]): Promise<void> {
  const file = join(folder, 'policies', `${map}.yaml`)
  let text = await readFile(file, 'utf8')
  for (const [before, after] of changes) {
    if (!text.includes(before)) throw new Error(`${map}.yaml has changed: it has no "${before}"`)
    text = text.replace(before, after)
  }
  await writeFile(file, text)
}
