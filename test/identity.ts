// Signing in as people do it: Debian's Chromium with a virtual authenticator (WebAuthn, by the DevTools protocol)
// opens the page of a real server, enrols a passkey, signs in by it and by the code of an authenticator, in both
// languages. `npm run identity`; MIZANI_SEED chooses the names. Installs the browser where there is none.

import { TOTP } from 'otpauth'
import { type Browser, type CDPSession, chromium, type Page } from 'playwright-core'
import { seeded } from '../bench/harness.js'
import { type Api, startApi } from './api/api-fixture.js'

const PASSWORD = 'maji ya kunde 1961'
const SEED = Number(process.env.MIZANI_SEED ?? 1)
const PATIENCE = 10_000
const begun = performance.now()
let checks = 0

function check(holds: boolean, what: string): void {
  if (!holds) throw new Error(what)
  checks++
}

/** A key in the device of whoever sits at this page. */
async function plug(devtools: CDPSession): Promise<string> {
  await devtools.send('WebAuthn.enable')
  const options = { protocol: 'ctap2', transport: 'internal', hasResidentKey: true, hasUserVerification: true } as const
  const { authenticatorId } = await devtools.send('WebAuthn.addVirtualAuthenticator', {
    options: { ...options, isUserVerified: true, automaticPresenceSimulation: true },
  })
  return authenticatorId
}

/** What the page's own scripts would get. */
const fetched = (page: Page, path: string): Promise<Record<string, unknown>> =>
  page.evaluate(`fetch('${path}').then(async (answer) => ({ status: answer.status, ...(await answer.json()) }))`)

const shown = (page: Page, selector: string) => page.locator(selector).waitFor({ timeout: PATIENCE })
const signedIn = (page: Page, user: string) => shown(page, `#who:has-text("${user} (")`)
const refused = (page: Page) => shown(page, '#notice:not(:empty)')

async function byPassword(page: Page, user: string): Promise<void> {
  await shown(page, '#sign-in button.main:enabled')
  await page.fill('#user', user)
  await page.fill('#password', PASSWORD)
  await page.press('#password', 'Enter')
}

/** Of the account; what is open stays so. */
async function openMenu(page: Page): Promise<void> {
  if (!(await page.isVisible('#sign-out'))) await page.click('#who')
}

async function signOut(page: Page): Promise<void> {
  await openMenu(page)
  await page.click('#sign-out')
  await shown(page, '#sign-in')
}

async function passkeys(page: Page, devtools: CDPSession, user: string): Promise<void> {
  const device = await plug(devtools)
  await byPassword(page, user)
  await signedIn(page, user)
  await openMenu(page)
  await page.click('#add-passkey')
  const kept = () => devtools.send('WebAuthn.getCredentials', { authenticatorId: device })
  await shown(page, '#kept-codes')
  check(((await fetched(page, '/v1/me/factors')).items as unknown[]).length === 1, 'it is enrolled')
  const [credential] = (await kept()).credentials
  const codes = (await page.textContent('#codes'))?.split('\n') ?? []
  check(codes.length === 10 && (await page.isVisible('#kept-codes')), 'codes for its loss are shown')
  check(credential?.isResidentCredential === true && credential.rpId === 'localhost', 'the device keeps the passkey')
  await signOut(page)
  check((await page.locator('#codes').count()) === 0, 'and gone with whoever has seen them')

  await byPassword(page, user)
  await shown(page, '#factor')
  check(
    (await page.evaluate(async () => (await fetch('/v1/status')).status)) === 403,
    'the password alone opens nothing',
  )
  await page.reload()
  await shown(page, '#factor')
  await signOut(page)

  await page.click('#by-passkey')
  await shown(page, '#board')
  await signOut(page)
  await byPassword(page, user)
  await page.click('#then-passkey')
  await shown(page, '#board')
  const { via, factor, lacks } = await fetched(page, '/v1/me')
  check(via === 'passkey' && factor !== null && lacks === null, 'the passkey is both factors')
  await signOut(page)

  await devtools.send('WebAuthn.setUserVerified', { authenticatorId: device, isUserVerified: false })
  await page.click('#by-passkey')
  await refused(page)
  check(!(await page.isVisible('#board')), 'without PIN or finger nobody is let in')
  await devtools.send('WebAuthn.removeVirtualAuthenticator', { authenticatorId: device })
}

async function codes(page: Page, api: Api, user: string): Promise<void> {
  const { factors } = api.accounts
  const { secret } = await factors.addTotp(user)
  const code = () => new TOTP({ secret }).generate({ timestamp: api.clock.wall() })
  await factors.confirmTotp(user, code(), { login: null, address: '192.0.2.1' })
  await page.goto(page.url())
  await byPassword(page, user)
  for (const [typed, isRight] of [
    [code(), false],
    ['000000', false],
    [null, true],
  ] as const) {
    await shown(page, '#factor')
    if (isRight) await api.clock.advance(30_000)
    await page.fill('#code', typed ?? code())
    await page.press('#code', 'Enter')
    if (isRight) await shown(page, '#board')
    else await refused(page)
    check((await page.isVisible('#board')) === isRight, `the code ${typed ?? 'of the next step'}`)
  }
  await signOut(page)
}

async function main(browser: Browser): Promise<void> {
  // Browsers keep no cookie that ended before today.
  const api = await startApi({}, [], Date.now())
  try {
    const chance = seeded(SEED)
    const users = ['asha', 'neema', 'juma', 'zawadi'].map((name) => `${name}-${Math.floor(chance() * 1e6)}`)
    for (const id of users)
      await api.accounts.administration.addUser(
        { id, name: id, roles: ['admin'], scope: null, password: PASSWORD, chosen: true },
        'identity',
      )
    for (const [n, lang] of ['en', 'sw'].entries()) {
      const page = await (await browser.newContext()).newPage()
      const errors: string[] = []
      page.on('pageerror', ({ message }) => errors.push(message))
      const url = api.url.replace('127.0.0.1', 'localhost')
      await page.context().addCookies([{ name: 'lang', value: lang, url }])
      await page.goto(url)
      check((await page.getAttribute('html', 'lang')) === lang, `the page speaks ${lang}`)
      await passkeys(page, await page.context().newCDPSession(page), users[2 * n]!)
      await codes(page, api, users[2 * n + 1]!)
      check(errors.length === 0, `the page has no fault of its own: ${errors.join('; ')}`)
      await page.close()
    }
  } finally {
    await api.close()
  }
}

const browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args: ['--no-sandbox'] })
let verdict = 'all hold'
try {
  await main(browser)
} catch (error) {
  verdict = `FAILED: ${(error as Error).message}`
  process.exitCode = 1
} finally {
  await browser.close()
}
const seconds = ((performance.now() - begun) / 1000).toFixed(1)
console.log(`identity: seed ${SEED}, ${checks} checks, ${seconds} s: ${verdict}`)
