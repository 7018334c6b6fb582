// People, each in a browser of their own, before the real thing: an administrator makes their accounts, a token and an
// address for alarms; they choose their passwords and enrol an authenticator, as they must, by whose code they sign in;
// one proposes what a guard asks two for, the other agrees to it, and the first makes it; so they cut off the trail.
// Once more by keys alone, reading only what a screen reader is told. `npm run console`.

import { strict as assert } from 'node:assert'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { TOTP } from 'otpauth'
import type { Page } from 'playwright-core'
import { freshFolder } from '../harness/place.js'
import { ROOT } from '../harness/root.js'
import { openStage, type Stage, signIn } from './stage.js'

const FIRST = 'maji ya kunde 1961'
const OWN = 'samaki wa nchanga 1962'
const endings: (() => unknown)[] = []
const ending = { teardown: (end: () => unknown) => void endings.unshift(end) }
let held = 0
let shown: Page | undefined

const sees = async (page: Page, selector: string): Promise<void> => {
  await page.waitForSelector(selector)
  held++
}

async function open(page: Page, url: string): Promise<void> {
  await page.goto(url)
  await page.waitForSelector('html[data-live]')
}

const field = (page: Page, form: string, name: string) => page.locator(`${form} input[name=${name}]`)

async function makeAccounts(page: Page, { url }: Stage): Promise<void> {
  await open(page, `${url}/people`)
  await page.click('details:has(#add-account) > summary')
  for (const [id, ...roles] of [
    ['asha', 'operator', 'auditor'],
    ['baraka', 'approver'],
    // A service has no password.
    ['zabbix', 'viewer'],
  ] as const) {
    await field(page, '#add-account', 'id').fill(id)
    await field(page, '#add-account', 'name').fill(id)
    await field(page, '#add-account', 'password').fill(id === 'zabbix' ? '' : FIRST)
    for (const role of roles) await page.check(`#add-account input[name=role][value=${role}]`)
    await page.click('#add-account button.main')
    await sees(page, `#accounts tr:has-text("${id}")`)
  }
}

/** Of a service, on the page of people; of one's own account on one's own page. */
async function makeToken(page: Page, { url }: Stage, path: '/people' | '/me'): Promise<void> {
  await open(page, `${url}${path}`)
  await page.click('details:has(#add-token) > summary')
  if (path === '/people') await field(page, '#add-token', 'user').fill('zabbix')
  await field(page, '#add-token', 'name').fill('zabbix')
  await field(page, '#add-token', 'expires').fill(`${new Date().getUTCFullYear() + 1}-01-01`)
  await page.click('#add-token button.main')
  await sees(page, '#tokens tr:has-text("zabbix")')
  const secret = (await page.textContent('#secret'))?.trim() ?? ''
  const asked = () => fetch(`${url}/v1/status`, { headers: { authorization: `Bearer ${secret}` } })
  assert.equal((await asked()).status, 200, 'what is shown once lets in')
  await page.click('#tokens tr:has-text("zabbix") button')
  await page.waitForSelector('#tokens tr:has-text("zabbix")', { state: 'detached' })
  assert.equal((await asked()).status, 401, 'and no longer than somebody wants')
  held += 3
}

async function makeWebhook(page: Page, { url }: Stage): Promise<void> {
  await open(page, `${url}/told`)
  await page.click('#add-webhook')
  await page.fill('input[name=url]', 'no address')
  await page.press('input[name=url]', 'Enter')
  await sees(page, '.notice.bad')
  await page.fill('input[name=url]', 'https://alarms.example.invalid/mizani')
  await page.selectOption('select[name=severity]', 'major')
  await page.press('input[name=url]', 'Enter')
  await sees(page, '#webhooks tr:has-text("alarms.example.invalid")')
  await sees(page, '#secret')
  await page.click('#webhooks tbody button:first-child')
  await sees(page, '#notice:not(:has-text("told from now on"))')
  console.log(`a webhook that cannot be reached: ${await page.textContent('#notice')}`)
  await page.click('#webhooks tbody button.danger')
  await page.waitForSelector('#webhooks', { state: 'detached' })
  held++
}

interface Person {
  readonly page: Page
  /** Of the authenticator: each time another one. */
  code(): string
}

/** The first time: a password of their own, and an authenticator; then again by both. */
async function arrive(stage: Stage, user: string): Promise<Person> {
  const page = await (await stage.visit()).newPage()
  await page.goto(stage.url)
  const enter = async (password: string): Promise<void> => {
    await page.waitForSelector('#sign-in button.main:enabled')
    await page.fill('#user', user)
    await page.fill('#password', password)
    await page.press('#password', 'Enter')
  }
  await enter(FIRST)
  await page.waitForSelector('#choose-password')
  await page.fill('#present', FIRST)
  for (const id of ['#password', '#again']) await page.fill(id, OWN)
  await page.press('#again', 'Enter')
  await enrolled(page)
  const secret = (await page.textContent('#confirm-totp .raw'))?.trim() ?? ''
  // A code answers once; the next is taken a little early.
  let step = -1
  const code = (): string => new TOTP({ secret }).generate({ timestamp: Date.now() + 30_000 * Math.min(1, ++step) })
  await page.fill('#totp-code', code())
  await page.press('#totp-code', 'Enter')
  await sees(page, '#codes')
  await page.click('#kept-codes button')
  await page.click('#who')
  await page.click('#sign-out')
  await enter(OWN)
  await sees(page, '#factor')
  await page.fill('#code', code())
  await page.press('#code', 'Enter')
  await sees(page, '#board')
  return { page, code }
}

/** Whoever has to have a second factor gets no further without one, and enrols it there. */
async function enrolled(page: Page): Promise<void> {
  await sees(page, '#enrol')
  await page.click('#enrol #add-totp')
  await page.waitForSelector('#confirm-totp')
}

async function agree(asha: Page, baraka: Page, stage: Stage): Promise<void> {
  const guard = { name: { en: 'Who is promised what', sw: 'Nani anaahidiwa nini' }, touches: ['/tiers'] }
  await fetch(`${stage.url}/v1/policy/guards/two?reason=two`, {
    ...{ method: 'PUT', body: JSON.stringify(guard) },
    headers: { authorization: `Bearer ${stage.token}`, 'content-type': 'application/json', 'if-none-match': '*' },
  })
  const ceiling = '[id="/tiers/hospital-national/services/internet/down/ceiling"]'
  await open(asha, `${stage.url}/policy/tiers/hospital-national`)
  await asha.waitForSelector(ceiling)
  await asha.fill(ceiling, '250Mbps')
  await asha.fill('#reason', 'ticket 4713')
  await sees(asha, '#save button.main:enabled:has-text("Propose")')
  await asha.click('#save button.main')
  await sees(asha, '#notice:has-text("second person")')

  await open(baraka, `${stage.url}/proposals`)
  await baraka.click('tbody th a')
  await sees(baraka, '#board:has-text("ticket 4713")')
  await baraka.click('#approve')
  await sees(baraka, 'h1:has-text("agreed"), h1:has-text("approved")')
  await open(asha, baraka.url())
  await asha.click('#commit')
  await asha.press('input[name=minutes]', 'Enter')
  await sees(asha, 'h1:has-text("made")')
  const { items } = (await (
    await fetch(`${stage.url}/v1/policy/revisions?pageSize=1`, { headers: { authorization: `Bearer ${stage.token}` } })
  ).json()) as { items: { author: string; approvedBy: string }[] }
  assert.deepEqual([items[0]?.author, items[0]?.approvedBy], ['asha', 'baraka'])
  held++
}

/** One exports the trail and asks, the other agrees. */
async function cutTrail(asha: Page, baraka: Page, { url }: Stage): Promise<void> {
  shown = asha
  await open(asha, `${url}/audit`)
  const [file] = await Promise.all([asha.waitForEvent('download'), asha.click('#export')])
  const lines = readFileSync(await file.path(), 'utf8')
    .trimEnd()
    .split('\n')
  assert.ok(lines.length > 10 && lines.every((line) => JSON.parse(line)), 'line by line, as the command writes them')
  await asha.click('#trim')
  await asha.fill('input[name=reason]', 'the year is over')
  await asha.press('input[name=reason]', 'Enter')
  await sees(asha, '#notice:has-text("waits for an approver")')
  shown = baraka
  await open(baraka, `${url}/audit`)
  await baraka.click('#verify')
  await sees(baraka, '.notice:has-text("the year is over")')
  await baraka.click('#agree-trim')
  await sees(baraka, '#notice:has-text("cut off")')
  await baraka.click('#verify')
  await sees(baraka, '#verdict:has-text("whole")')
}

/** Tab goes on to what is looked for, as the tree says what it is. */
async function tabTo(page: Page, selector: string): Promise<void> {
  for (let n = 0; n < 400; n++) {
    await page.keyboard.press('Tab')
    if (await page.evaluate(`document.activeElement.matches(${JSON.stringify(selector)})`)) return
  }
  throw new Error(`Tab never comes to ${selector}`)
}

const told = (page: Page, selector = 'main'): Promise<string> => page.locator(selector).ariaSnapshot()

/** No pointer: from the first page to why a hospital is slow, what would help it, and the policy frozen and freed. */
async function byKeysAlone(stage: Stage): Promise<Page> {
  const page = await (await stage.visit()).newPage()
  shown = page
  await page.goto(stage.url)
  await page.waitForSelector('#sign-in button.main:enabled')
  await tabTo(page, '#token')
  await page.keyboard.type(stage.token)
  await page.keyboard.press('Enter')
  await page.waitForSelector('#board')
  assert.match(await told(page), /heading "\d+ gets? all (it|they) asks?.*" \[level=1\]/, 'the sentence is the heading')
  await page.keyboard.press('Control+k')
  await page.waitForSelector('#palette:focus')
  await page.keyboard.type('muhimbili')
  await page.waitForSelector('#palette-found li:has-text("Muhimbili")')
  assert.match(await told(page, 'dialog'), /combobox .*\n[\s\S]*option "Muhimbili/, 'what is found is told as options')
  await page.keyboard.press('ArrowDown')
  await page.keyboard.press('ArrowUp')
  await page.keyboard.press('Enter')
  await page.waitForSelector('#why')
  assert.equal(await page.evaluate('document.activeElement.id'), 'main', 'reading goes on at the new page')
  const read = await told(page)
  for (const part of [/heading "Muhimbili.*" \[level=1\]/, /heading "Why this rate"/, /region "Step by step"/])
    assert.match(read, part)
  await tabTo(page, '#what-if input')
  await page.keyboard.press('ArrowRight')
  await page.waitForSelector('#what-if .sentence')
  assert.match(await told(page, '#what-if'), /status:[\s\S]*It would have/, 'the answer is told when it comes')
  await page.keyboard.press('Tab')
  await page.keyboard.press('Escape')
  await tabTo(page, '#add-override')
  await page.keyboard.type('gx')
  await page.waitForSelector('#freeze')
  await tabTo(page, '#freeze')
  await page.keyboard.press('Enter')
  await page.waitForSelector('input[name=reason]:focus')
  await page.keyboard.type('the budget is read')
  await page.keyboard.press('Enter')
  await sees(page, 'button:has-text("Lift the freeze")')
  assert.match(await told(page), /status:[\s\S]*The policy is frozen/, 'what was done is told')
  await tabTo(page, 'button')
  while (!(await page.evaluate('document.activeElement.textContent === "Lift the freeze"'))) await tabTo(page, 'button')
  await page.keyboard.press('Enter')
  await sees(page, '#freeze')
  assert.notEqual(await page.evaluate('document.activeElement.tagName'), 'BODY', 'nobody is thrown back to the top')
  held += 8
  return page
}

/** A file is chosen where the keys stand, seen to be, told to be, and read. */
async function sheetByKeys(page: Page, { url }: Stage): Promise<void> {
  const button = '#choose button[aria-describedby]'
  await open(page, `${url}/import`)
  await tabTo(page, button)
  const ring = await page.evaluate(`getComputedStyle(document.activeElement).outlineStyle`)
  assert.notEqual(ring, 'none', 'where the keys stand is seen')
  assert.match(await told(page), /button "Choose a sheet \(CSV\)"[\s\S]*status: no file is chosen/, 'and told')
  // That a chooser is asked for is seen at the field: Chromium without a window does not always open one for keys.
  await page.evaluate(`document.querySelector('#file').addEventListener('click', (event) => {
    event.preventDefault()
    document.body.dataset.asked = document.activeElement.textContent + (document.body.dataset.asked ?? '')
  })`)
  await page.keyboard.press('Space')
  await page.waitForSelector('body[data-asked="Choose a sheet (CSV)"]')
  await page.keyboard.press('Enter')
  await page.waitForSelector('body[data-asked="Choose a sheet (CSV)Choose a sheet (CSV)"]')
  const csv = 'id,name,category,region,tier,internet,govnet\nshule-mpya,Shule Mpya,no such,dodoma,council,yes,yes\n'
  await page.setInputFiles('#file', { name: 'Enter.csv', mimeType: 'text/csv', buffer: Buffer.from(csv) })
  await sees(page, '#file-chosen:text-is("Enter.csv")')
  assert.ok(await page.evaluate(`document.activeElement.matches(${JSON.stringify(button)})`), 'the keys stay there')
  assert.match(await told(page), /status: Enter\.csv/, 'which one it is, is told')
  await tabTo(page, '#choose button.main')
  await page.keyboard.press('Enter')
  await sees(page, '#wrong-rows fieldset:has-text("no such")')
  held += 5
}

/** The shipped settings, with a host that may be told of alarms, and a second factor that whoever decides must have. */
function settings(): string {
  const file = join(freshFolder(ending), 'mizani.yaml')
  const shipped = readFileSync(join(ROOT, 'config', 'mizani.yaml'), 'utf8')
  const changed = shipped.replace('secondFactor: []', 'secondFactor: [operator, approver]')
  writeFileSync(file, changed.replace('  allow: []', "  allow: ['alarms.example.invalid']"))
  return file
}

try {
  const stage = await openStage(ending, ['--config', settings()])
  const page = await (await stage.visit()).newPage()
  shown = page
  await signIn(page, stage)
  await makeAccounts(page, stage)
  await makeToken(page, stage, '/people')
  await makeWebhook(page, stage)
  const asha = await arrive(stage, 'asha')
  await makeToken(asha.page, stage, '/me')
  const baraka = await arrive(stage, 'baraka')
  await open(baraka.page, `${stage.url}/me`)
  await sees(baraka.page, '.warn:has-text("vouched")')
  // The first approver there is the machine's owner answers for.
  await open(page, `${stage.url}/people/baraka`)
  await page.click('#vouch')
  await sees(page, '#notice:has-text("vouched")')
  shown = baraka.page
  await agree(asha.page, baraka.page, stage)
  await cutTrail(asha.page, baraka.page, stage)
  await sheetByKeys(await byKeysAlone(stage), stage)
} catch (error) {
  console.log(`shown: ${(await shown?.textContent('main').catch(() => 'nothing'))?.slice(-1_500)}`)
  throw error
} finally {
  for (const end of endings) await end()
}
console.log(`people: ${held} held`)
