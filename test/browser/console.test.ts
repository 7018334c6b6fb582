// The console in Debian's Chromium, before a server that a test moves on: who signs in sees the sentence, finds and
// chooses by keys alone, reads it in the other language, and is told how old it is when the line is cut. No page breaks
// a rule of axe-core, asks anybody else for anything, or has a fault of its own.

import axe from 'axe-core'
import { TOTP } from 'otpauth'
import { chromium, type Page } from 'playwright-core'
import t, { type Test } from 'tap'
import type { Role } from '../../src/model/principal.js'
import { ADMIN_TOKEN, type Api, empty, startApi } from '../api/api-fixture.js'
import { fixtureBoard } from '../api/board-fixture.js'
import { openLine } from './line.js'
import { FLAT } from './stage.js'

// Each has a server and a browser's context of its own, and waits for them: two at a time.
t.jobs = 2

/** As in `until`: it ends what has failed already. */
const PATIENCE = 60_000
/** After all that is under way in a page: its language. */
const SOON =
  'new Promise((done) => setTimeout(() => requestAnimationFrame(() => done(document.documentElement.lang)), 200))'
/** `npm run console`: every page in both languages and schemes. */
const IS_LONG = process.env.MIZANI_CONSOLE_LONG === '1'
const browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args: ['--no-sandbox'] })
t.teardown(() => browser.close())

const alarm = {
  ...{ id: 'a-1', code: 'LINK_FULL', severity: 'major', subject: 'link transit-a.down', since: Date.now() - 60_000 },
  ...{ gone: null, cleared: null, acknowledged: null, members: [], regions: [], note: null },
  detail: { en: 'transit-a.down is full.', sw: 'transit-a.down kimejaa.' },
  remedy: { en: 'Call the carrier.', sw: 'Mpigie mtoa huduma.' },
}

/** A server whose time goes on: a tick a second, as long as the test lasts. */
async function ticking(
  t: Test,
  factorRoles: readonly Role[] = [],
): Promise<Api & { readonly solver: { isStuck: boolean } }> {
  const alarms = [alarm]
  const memory = empty<never>({
    ...{ counters: empty({ latest: () => null }), webhooks: empty({ list: () => [] }) },
    recorder: { failing: null, size: 0 },
    alarms: empty({
      open: () => alarms,
      async acknowledge(_id: string, by: string, note: string) {
        alarms[0] = { ...alarm, acknowledged: { by, note } as never }
        return alarms[0]
      },
    }),
  })
  const api = await startApi({ memory }, factorRoles, Date.now())
  const solver = { isStuck: false }
  let seq = 4_300
  const timer = setInterval(() => {
    const board = fixtureBoard()
    if (!solver.isStuck) api.show({ ...board, at: Date.now(), serial: { ...board.serial, seq: ++seq } })
    void api.clock.advance(1_000)
  }, 1_000)
  t.teardown(async () => {
    clearInterval(timer)
    await api.close()
  })
  return { ...api, solver }
}

interface Looking {
  readonly page: Page
  /** What its own scripts got wrong, what its policy refused, whom else it asked. */
  readonly faults: string[]
}

async function look(t: Test, url: string, options: Parameters<typeof browser.newContext>[0] = {}): Promise<Looking> {
  const context = await browser.newContext(options)
  context.setDefaultTimeout(PATIENCE)
  t.teardown(() => context.close())
  const page = await context.newPage()
  const faults: string[] = []
  page.on('pageerror', ({ message }) => faults.push(message))
  page.on('console', (said) => {
    if (said.type() === 'error' && !/Failed to load resource|ERR_/.test(said.text())) faults.push(said.text())
  })
  page.on('request', (request) => {
    if (!request.url().startsWith(url) && !request.url().startsWith('data:')) faults.push(`asked ${request.url()}`)
  })
  return { page, faults }
}

async function signIn(page: Page, url: string): Promise<void> {
  await page.goto(url)
  await page.waitForSelector('#sign-in button.main:enabled')
  await page.fill('#token', ADMIN_TOKEN)
  await page.press('#token', 'Enter')
  await page.waitForSelector('#sentence')
}

/** Rules of axe-core that the page breaks; its policy allows no script of ours, the DevTools protocol does. */
async function broken(page: Page): Promise<string[]> {
  await page.evaluate(`${axe.source}; undefined`)
  await page.evaluate(FLAT)
  const found = (await page.evaluate(`axe.run(document, { resultTypes: ['violations'] })`)) as axe.AxeResults
  return found.violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html.slice(0, 120)).join(' | ')}`)
}

t.test('the first administrator is made by a link that works once, and types the password twice', async (t) => {
  const api = await ticking(t)
  const { page, faults } = await look(t, api.url)
  await page.goto(`${api.url}/#/first/${api.accounts.secrets.firstSecret()}`)
  await page.waitForSelector('#again')
  t.equal(new URL(page.url()).hash, '', 'the secret is out of the address bar at once')
  await page.reload()
  await page.fill('#user', 'asha')
  await page.fill('#password', 'maji ya kunde 1961')
  await page.fill('#again', 'maji ya kunde 1962')
  await page.press('#again', 'Enter')
  await page.waitForSelector('#notice:has-text("differ")')
  t.equal(api.accounts.administration.user('asha'), null, 'a slip makes nobody')
  for (const field of ['#password', '#again']) await page.fill(field, 'maji ya kunde 1961')
  await page.press('#again', 'Enter')
  await page.waitForSelector('#who:has-text("asha")')
  t.strictSame(faults, [])
})

t.test('who comes next in the same tab finds nothing of whoever was there', async (t) => {
  const api = await ticking(t)
  const password = 'maji ya kunde 1961'
  const viewer = { id: 'juma', name: 'Juma', roles: ['viewer' as const], scope: null, password, chosen: true }
  await api.accounts.administration.addUser(viewer, 'test')
  const { page, faults } = await look(t, api.url)
  await signIn(page, api.url)
  await page.keyboard.type('gu')
  await page.waitForSelector('#accounts:has-text("juma")')
  await page.evaluate(`sessionStorage.setItem('draft /import', 'a sheet')`)
  await page.click('#who')
  await page.click('#sign-out')
  await page.waitForSelector('#notice:has-text("signed out")')
  await page.waitForSelector('#sign-in button.main:enabled')
  t.equal(await page.evaluate('sessionStorage.length'), 0, 'the tab remembers nothing')
  await page.fill('#user', 'juma')
  await page.fill('#password', password)
  await page.press('#password', 'Enter')
  await page.waitForSelector('#who:has-text("juma")')
  await page.waitForSelector('#board h1')
  t.match(await page.textContent('#board h1'), /may not see this/)
  t.equal(await page.locator('#accounts').count(), 0, 'nor does the page')
  t.strictSame(faults, [])
})

t.test('whoever must have a second factor takes an authenticator where they are asked for one', async (t) => {
  const api = await ticking(t, ['operator'])
  const password = 'maji ya kunde 1961'
  const operator = { id: 'baraka', name: 'Baraka', roles: ['operator' as const], scope: null, password, chosen: true }
  await api.accounts.administration.addUser(operator, 'test')
  const { page, faults } = await look(t, api.url)
  await page.goto(api.url)
  await page.waitForSelector('#sign-in button.main:enabled')
  await page.fill('#user', 'baraka')
  await page.fill('#password', password)
  await page.press('#password', 'Enter')
  await page.click('#enrol #add-totp')
  const secret = (await page.textContent('#confirm-totp .raw'))?.trim() ?? ''
  t.equal(await page.locator('.notice.bad').count(), 0, 'nothing is said to be refused')
  await page.fill('#totp-code', new TOTP({ secret }).generate({ timestamp: api.clock.wall() }))
  await page.press('#totp-code', 'Enter')
  await page.waitForSelector('#sentence')
  t.equal((await page.textContent('#codes'))?.trim().split('\n').length, 10, 'with the codes for the day it is lost')
  await page.click('#kept-codes button')
  await page.waitForSelector('#kept-codes', { state: 'detached' })
  t.strictSame(faults, [])
})

t.test('somebody reads, finds and chooses by keys alone, in both languages', async (t) => {
  const api = await ticking(t)
  const { page, faults } = await look(t, api.url)
  await signIn(page, api.url)
  t.match(await page.textContent('#sentence'), /get all they ask|gets all it asks/)
  const [first = ''] = /\d+/.exec((await page.textContent('#tick')) ?? '') ?? []
  await page.waitForSelector(`#tick:not(:has-text("${first}"))`)
  t.pass('what changes is shown without a reload')
  await page.evaluate(`new MutationObserver((found) => { touched += found.length })
    .observe(document.documentElement, { attributes: true }), globalThis.touched = 0`)
  const [second = ''] = /\d+/.exec((await page.textContent('#tick')) ?? '') ?? []
  await page.waitForSelector(`#tick:not(:has-text("${second}"))`)
  t.equal(await page.evaluate('touched'), 0, 'a tick touches nothing that makes a browser work out the whole page anew')

  const line = page.locator('#lines tbody a').first()
  const name = await line.textContent()
  await line.press('Enter')
  await page.waitForSelector('#lines tr.chosen')
  t.match(page.url(), `link=${name}`, 'what is chosen stands in the address')
  t.equal(await page.locator('svg a[aria-current]').count(), 0, 'a plane that places no node has a table')

  t.strictSame(await broken(page), [], 'axe-core: light, English')
  await page.click('#lang')
  await page.waitForSelector('#sentence:has-text("Taasisi")')
  await page.emulateMedia({ colorScheme: 'dark' })
  t.strictSame(await broken(page), [], 'axe-core: dark, Swahili')
  t.match(page.url(), `link=${name}`, 'the other language is the same page')
  await page.reload()
  await page.waitForSelector('#sentence:has-text("Taasisi")')

  await page.keyboard.press('Control+k')
  await page.waitForSelector('dialog[open] #palette')
  t.strictSame(await broken(page), [], 'axe-core: what lies over the page')
  await page.keyboard.press('Escape')
  await page.waitForSelector('dialog', { state: 'detached' })
  await page.keyboard.type('?')
  await page.waitForSelector('dialog[open] kbd')
  await page.keyboard.press('Escape')
  t.strictSame(faults, [])
})

t.test('an alarm is seen, with a note, by whoever may', async (t) => {
  const api = await ticking(t)
  const { page } = await look(t, api.url)
  await signIn(page, api.url)
  await page.click('.alarm button')
  await page.fill('.alarm input', 'ticket 4711')
  await page.press('.alarm input', 'Enter')
  await page.waitForSelector('.alarm:has-text("seen by")')
})

t.test('a line that is cut is told within two seconds, and found again without a reload', async (t) => {
  const api = await ticking(t)
  const line = await openLine(api.url)
  t.teardown(() => line.close())
  const { page, faults } = await look(t, line.url)
  await signIn(page, line.url)
  await page.waitForSelector('.live:not(.old)')
  await page.evaluate(`window.before = true`)
  /** What the page says first: whoever asks it may come a second later. */
  const firstSaid = async (): Promise<unknown> => {
    await page.waitForSelector('#silence')
    return await page.evaluate('window.said')
  }
  await page.evaluate(`new MutationObserver(() => { said ??= document.querySelector('#silence')?.textContent })
    .observe(document.body, { childList: true, subtree: true }), window.said = null`)
  line.cut()
  t.match(await firstSaid(), /No news for [12] s/, 'at once')
  t.ok(await page.isVisible('#sentence'), 'what there was stays')
  line.mend()
  await page.waitForSelector('#silence', { state: 'detached', timeout: 20_000 })
  await page.evaluate('window.said = null')
  api.solver.isStuck = true
  t.match(await firstSaid(), /No news for [12] s/, 'a server that answers and moves nothing is late too')
  api.solver.isStuck = false
  await page.waitForSelector('#silence', { state: 'detached', timeout: 20_000 })
  t.equal(await page.evaluate('window.before'), true, 'without a reload')
  t.strictSame(faults, [])
})

const PAGES = [
  ...['/', '/institutions', '/institutions/min-afya', '/links', '/links/transit-a', '/edges', '/edges/dar-1'],
  ...['/in-force', '/emergency'],
]

t.test('no page breaks a rule of axe-core, or is wider than a phone', async (t) => {
  const api = await ticking(t)
  const looks = [
    ['en', 'light', 360],
    ['sw', 'dark', 1_280],
    ['sw', 'light', 360],
    ['en', 'dark', 360],
  ] as const
  for (const [lang, colorScheme, width] of IS_LONG ? looks : looks.slice(0, 1)) {
    const { page, faults } = await look(t, api.url, { colorScheme, viewport: { width, height: 740 } })
    await page.context().addCookies([{ name: 'lang', value: lang, url: api.url }])
    await signIn(page, api.url)
    for (const path of PAGES) {
      await page.goto(api.url + path)
      await page.waitForSelector('#board h1')
      t.strictSame(await broken(page), [], `${path}, ${lang}, ${colorScheme}, ${width}`)
      const wide = await page.evaluate('Math.max(0, document.documentElement.scrollWidth - innerWidth)')
      t.equal(wide, 0, `${path} at ${width}`)
    }
    t.strictSame(faults, [])
  }
})

t.test('from anywhere to why a hospital is slow: six keys', async (t) => {
  const api = await ticking(t)
  const { page, faults } = await look(t, api.url)
  await signIn(page, api.url)
  await page.keyboard.press('Control+k')
  await page.waitForSelector('#palette')
  // Faster than any answer: what the letters find is opened, not what fewer of them found.
  await page.keyboard.type('muh')
  await page.keyboard.press('Enter')
  await page.waitForSelector('#why .sentence')
  t.match(page.url(), /\/institutions\/hosp-mnh-upanga$/)
  await page.click('#add-override')
  await page.waitForSelector('#overrides input[name=ceiling]')
  await page.keyboard.press('Control+k')
  await page.waitForSelector('#palette')
  await page.keyboard.type('min-afya')
  await page.waitForSelector('#palette-found li[aria-selected=true]:has-text("Ministry of Health")')
  await page.keyboard.press('Enter')
  await page.waitForURL(/min-afya/)
  await page.waitForSelector('#add-override')
  t.pass('what was begun for one hospital is not done to another')
  await page.keyboard.type('gx')
  await page.waitForSelector('#freeze')
  t.pass('an emergency is two keys away')
  await page.keyboard.type('gi')
  await page.waitForSelector('#institutions')
  await page.fill('#q', 'muh')
  await page.waitForSelector('#institutions tbody tr:only-child')
  t.match(page.url(), 'q=muh', 'what is looked for stands in the address')
  await page.fill('#q', '192.0.2.7')
  await page.waitForSelector('#institutions', { state: 'detached' })
  t.strictSame(faults, [])
})

t.test(
  'what may be done is found by letters and done as by hand; whoever looks for something does nothing',
  async (t) => {
    const api = await ticking(t)
    const { page, faults } = await look(t, api.url)
    await signIn(page, api.url)
    const find = async (letters: string, row: string): Promise<void> => {
      await page.keyboard.press('Control+k')
      await page.waitForSelector('#palette')
      await page.keyboard.type(letters)
      await page.waitForSelector(`#palette-found li[aria-selected=true]:has-text("${row}")`)
      await page.keyboard.press('Enter')
    }
    await find('freeze the', 'Freeze the policy')
    await page.waitForSelector('input[name=reason]')
    t.match(page.url(), /\/emergency$/, 'where it is done; and the reason is asked for first')
    await find('afya', 'Ministry of Health')
    await page.waitForSelector('#add-override')
    await find('another ceiling', 'Give it another ceiling')
    await page.waitForSelector('#overrides input[name=ceiling]')
    const rest = page.waitForResponse(/\/v1\/edges\?/)
    await page.keyboard.press('Control+k')
    await page.waitForSelector('#palette')
    await page.keyboard.type('kisw')
    await page.keyboard.press('Enter')
    await page.waitForSelector('html[lang=sw] #why')
    await rest
    t.equal(await page.evaluate(SOON), 'sw', 'who presses Enter before the answer does it, and does it once')
    await find('ondok', 'Ondoka')
    await page.waitForSelector('#sign-in')
    t.strictSame(faults, [])
  },
)

t.test('at 360 pixels, and with letters four times as large, nothing is lost at the side', async (t) => {
  const api = await ticking(t)
  for (const [width, height] of [
    [360, 740],
    [320, 256],
  ] as const) {
    const { page } = await look(t, api.url, { viewport: { width, height } })
    await signIn(page, api.url)
    t.equal(await page.evaluate('Math.max(0, document.documentElement.scrollWidth - innerWidth)'), 0, `${width} wide`)
  }
})
