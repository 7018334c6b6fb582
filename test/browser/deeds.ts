// What a person does on the console, against the real thing: an override is put and ended, and another ends by itself;
// a cable is said to be cut and whole again, the policy is frozen and freed, another ceiling is tried, also of an
// institution with several edges; what was done by a slip is undone; a simulated edge falls silent and comes back, and
// is drained; each is seen to hold.
// `npm run console`.

import { strict as assert } from 'node:assert'
import type { Page } from 'playwright-core'
import { openStage, type Stage, signIn } from './stage.js'

/** So long an override lasts that ends by itself. */
const SHORT_SECONDS = 15

const endings: (() => unknown)[] = []
const ending = { teardown: (end: () => unknown) => void endings.unshift(end) }
let held = 0

const sees = async (page: Page, selector: string): Promise<void> => {
  await page.waitForSelector(selector)
  held++
}

/** What is pressed before the scripts are there does nothing. */
async function open(page: Page, url: string): Promise<void> {
  await page.goto(url)
  await page.waitForSelector('html[data-live]')
}

async function overrides(page: Page, url: string): Promise<void> {
  await open(page, `${url}/institutions/hosp-mnh-upanga`)
  await page.click('#add-override')
  await page.fill('input[name=ceiling]', '150 bananas')
  await page.fill('input[name=reason]', 'an operation is shown to students')
  await page.press('input[name=reason]', 'Enter')
  await sees(page, '.notice.bad:has-text("bananas")')
  await page.fill('input[name=ceiling]', '150Mbps')
  await page.press('input[name=ceiling]', 'Enter')
  await sees(page, '#overrides tbody tr:has-text("150 Mbit/s")')
  await sees(page, '.figures div:has-text("Ceiling"):has-text("150 Mbit/s")')
  await page.click('#overrides tbody button')
  await sees(page, '.figures div:has-text("Ceiling"):has-text("200 Mbit/s")')
}

/** Nobody ends it: the page shows that it is over when it is. */
async function expires(page: Page, url: string): Promise<void> {
  await open(page, `${url}/institutions/hosp-mnh-upanga`)
  await page.click('#add-override')
  await page.fill('input[name=ceiling]', '140Mbps')
  await page.fill('input[name=hours]', String(SHORT_SECONDS / 3_600))
  await page.fill('input[name=reason]', 'a quarter of a minute')
  await page.press('input[name=reason]', 'Enter')
  await sees(page, '.figures div:has-text("Ceiling"):has-text("140 Mbit/s")')
  await page.waitForSelector('#overrides tbody tr:has-text("a quarter of a minute")', { state: 'detached' })
  await sees(page, '.figures div:has-text("Ceiling"):has-text("200 Mbit/s")')
}

/** The slider moves the whole ceiling of an institution, and says what it gets by all its edges together. */
async function severalEdges(page: Page, { url, token }: Stage): Promise<void> {
  const read = async <Body>(path: string): Promise<Body> =>
    (await (await fetch(url + path, { headers: { authorization: `Bearer ${token}` } })).json()) as Body
  type Row = { id: string; edges: string[]; flows: { ceiling: number; need: number }[] }
  const { items } = await read<{ items: Row[] }>('/v1/institutions?pageSize=1000&service=internet&direction=down')
  const several = items.filter(({ edges, flows }) => edges.length > 1 && flows.length > 0)
  assert.ok(several.length > 0, 'the nation has institutions with several edges')
  const busiest = several.sort((a, b) => b.flows[0]!.need - a.flows[0]!.need)[0]!
  await open(page, `${url}/institutions/${busiest.id}?service=internet`)
  await page.focus('#what-if input[type=range]')
  await page.keyboard.press('Home')
  await sees(page, '#what-if .sentence')
  const said = await page.textContent('#what-if .sentence')
  console.log(`${busiest.id} by ${busiest.edges.join(' and ')}, a quarter of its ceiling: ${said}`)
  const [, amount = '', unit = ''] = /would have ([\d.]+) ([kMG]?)bit/.exec(said ?? '') ?? []
  const most = busiest.flows[0]!.ceiling / 4
  assert.ok(Number(amount) * 1_000 ** ' kMG'.indexOf(unit || ' ') <= most + 1_000, `${amount} ${unit}bit/s of ${most}`)
}

async function whatIf(page: Page): Promise<void> {
  await page.focus('#what-if input[type=range]')
  await page.keyboard.press('ArrowRight')
  await sees(page, '#what-if .sentence')
  await page.focus('#what-if select')
  await page.waitForSelector('#what-if option[value="ministry-small"], #what-if option:nth-child(3)', {
    state: 'attached',
  })
  held++
}

/** Imagined, where it is looked at: who would have less; and nothing is less. */
async function imaginedCut(page: Page, url: string): Promise<void> {
  await open(page, `${url}/?link=transit-b`)
  await page.click('#link-what-if button:first-child')
  await sees(page, '#link-what-if .impact .sentence')
  console.log(`if transit-b were cut: ${await page.textContent('#link-what-if .sentence')}`)
  await sees(page, '#chosen:has-text("up")')
  await open(page, `${url}/links/transit-b`)
  await page.click('#link-what-if button:nth-child(2)')
  await sees(page, '#link-what-if button[aria-pressed=true]:nth-child(2)')
  await sees(page, '#link-what-if .impact .sentence')
}

async function cables(page: Page, url: string): Promise<void> {
  await open(page, `${url}/emergency`)
  await page.click('#link-state')
  await page.selectOption('select[name=link]', 'transit-b')
  await page.fill('input[name=reason]', 'cable cut')
  await page.press('input[name=reason]', 'Enter')
  await open(page, `${url}/?link=transit-b`)
  await sees(page, '#chosen:has-text("down")')
  await sees(page, '#lines tbody tr:first-child:has-text("transit-b")')
  await sees(page, '.edge[aria-current] path.line.broken')
  await open(page, `${url}/in-force`)
  await page.click('#held tr:has-text("transit-b") button')
  await page.waitForSelector('#held tr:has-text("transit-b")', { state: 'detached' })
  held++
}

async function freezes(page: Page, url: string): Promise<void> {
  await open(page, `${url}/emergency`)
  await page.click('#freeze')
  await page.fill('input[name=reason]', 'the budget is read')
  await page.press('input[name=reason]', 'Enter')
  await sees(page, 'button:has-text("Lift the freeze")')
  await page.click('nav.pages a[href="/"]')
  await sees(page, '#in-force:has-text("the budget is read")')
  await open(page, `${url}/emergency`)
  await page.click('button:has-text("Lift the freeze")')
  await sees(page, '#freeze')
}

/** What was done is taken back where it is said that it was, by keys; of what stood there before nothing is lost. */
async function undoes(page: Page, url: string): Promise<void> {
  const undo = async (): Promise<void> => {
    await sees(page, '#undo')
    await page.focus('#undo')
    await page.keyboard.press('Enter')
    await sees(page, '#notice:has-text("It is undone")')
    await page.waitForSelector('#undo', { state: 'detached' })
    assert.notEqual(await page.evaluate('document.activeElement.tagName'), 'BODY', 'the keys stay on the page')
  }
  await open(page, `${url}/emergency`)
  await page.click('#freeze')
  await page.fill('input[name=reason]', 'a slip')
  await page.press('input[name=reason]', 'Enter')
  await undo()
  await sees(page, '#freeze')
  await open(page, `${url}/links/transit-c`)
  const say = async (state: string): Promise<void> => {
    await page.click('#link-state')
    await page.selectOption('select[name=state]', state)
    await page.fill('input[name=reason]', 'a slip')
    await page.press('input[name=reason]', 'Enter')
    await page.waitForSelector('#link-state')
  }
  await say('half')
  await sees(page, '.figures div:has-text("State"):has-text("derated")')
  await say('quarter')
  await page.waitForSelector('#notice:not(:empty)')
  assert.equal(await page.locator('#undo').count(), 0, 'whole again is not what it was')
  await say('up')
  await open(page, `${url}/policy/tiers/hospital-national`)
  const name = '[id="/tiers/hospital-national/name/en"]'
  await page.waitForSelector(name)
  const before = await page.inputValue(name)
  await page.fill(name, 'A slip')
  await page.fill('#reason', 'a slip')
  await page.waitForSelector('#save button.main:enabled')
  await page.click('#save button.main')
  await undo()
  await open(page, `${url}/policy/tiers/hospital-national`)
  assert.equal(await page.inputValue(name), before)
}

async function orders(page: Page, url: string): Promise<void> {
  await open(page, `${url}/edges/dar-1`)
  await page.click('#edge-order')
  await page.selectOption('select[name=enforcement]', 'observe')
  await page.fill('input[name=reason]', 'to compare')
  await page.press('input[name=reason]', 'Enter')
  await sees(page, '.figures div:has-text("Enforcement"):has-text("observe")')
}

/** Two edges together: whom it touches is said before anybody is told, and they have one end. */
async function batches(page: Page, { url, token }: Stage): Promise<void> {
  await open(page, `${url}/edges`)
  await page.click('#edge-batch summary')
  await page.click('#edge-batch button.danger')
  assert.equal(await page.locator('#notice').textContent(), '', 'a reason is asked for')
  await page.fill('#edge-batch input[name=reason]', 'the west first')
  await page.click('#edge-batch button.danger')
  await sees(page, '#notice:has-text("Choose the edges first")')
  for (const id of ['kigoma-1', 'tabora-1']) await page.check(`#edge-batch input[value=${id}]`)
  await page.click('#edge-batch button[value=try]')
  await sees(page, '#edge-batch [role=status]:has-text("Edges: 2; institutions that they would hold back now")')
  await page.click('#edge-batch button.danger')
  await sees(page, '#notice:has-text("The edges are told")')
  const asked = await fetch(`${url}/v1/in-force?kind=ENFORCEMENT`, { headers: { authorization: `Bearer ${token}` } })
  const { items } = (await asked.json()) as { items: { ref: string; state: string; until: string }[] }
  const west = items.filter(({ ref }) => /^(kigoma|tabora)/.test(ref))
  assert.deepEqual([west.length, new Set(west.map(({ until }) => until)).size, west[0]?.state], [2, 1, 'trial'])
}

/** A router that a person configures: its text is shown, and copied to be pasted there. */
async function copies(page: Page, { url, token }: Stage): Promise<void> {
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' }
  const change = async (place: string, more: object): Promise<void> => {
    const address = `${url}/v1/policy/${place}`
    const read = await fetch(address, { headers })
    const body = JSON.stringify({ ...((await read.json()) as object), ...more })
    const put = { method: 'PUT', headers: { ...headers, 'if-match': read.headers.get('etag') ?? '' }, body }
    const made = await fetch(`${address}?reason=by+hand&confirmWithin=0`, put)
    assert.equal(made.status, 200, await made.text())
  }
  const behind = await fetch(`${url}/v1/edges/mbeya-1`, { headers })
  const [site] = ((await behind.json()) as { sites: { id: string; institution: string }[] }).sites
  await change('edges/mbeya-1', { pace: 'static' })
  await change(`sites/${site!.id}`, { vlan: 105 })
  await page.context().grantPermissions(['clipboard-read', 'clipboard-write'])
  await open(page, `${url}/edges/mbeya-1`)
  await page.click('#edge-text button')
  await page.click('#copy-text')
  await sees(page, '#notice:has-text("It is copied")')
  const copied = (): Promise<unknown> => page.evaluate('navigator.clipboard.readText()')
  assert.equal(await copied(), await page.textContent('#edge-whole'))
  await sees(page, '#edge-text:not(:has(#edge-difference))')

  // Once somebody has said what is in force there, what has changed since is copied alone.
  for (const left of await page.$$('#edge-text input[name=left]')) await left.check()
  await page.click('#edge-text button.danger')
  await sees(page, '#notice:has-text("has been confirmed")')
  const whose = await fetch(`${url}/v1/institutions/${site!.institution}`, { headers })
  const { flows } = (await whose.json()) as { flows: { service: string; direction: string; guarantee: number }[] }
  const least = flows.filter(({ service }) => service === 'internet').map((flow) => [flow.direction, flow.guarantee])
  await change(`institutions/${site!.institution}`, { ceilings: { internet: Object.fromEntries(least) } })
  await sees(page, '.notice:has-text("mizani render mbeya-1 --for ios-xe --since")')
  await page.click('#edge-text form button')
  await page.click('#copy-difference')
  const changes = await page.textContent('#edge-difference')
  assert.equal(await copied(), changes)
  assert.match(changes!, /from revision \d+ to revision \d+[\s\S]*\n {2}shape average \d+/)
  assert.doesNotMatch(changes!, /^(?:class-map|interface) /m)
  held++
}

async function silent(page: Page, url: string): Promise<void> {
  const state = (said: string) => `.figures div:has-text("State"):has-text("${said}")`
  await open(page, `${url}/edges/mwanza-1`)
  await page.click('#stop-edge')
  await sees(page, state('stale'))
  await page.click('#start-edge')
  await sees(page, state('fresh'))
  await page.click('#drain')
  await page.fill('input[name=reason]', 'it is exchanged')
  await page.press('input[name=reason]', 'Enter')
  await sees(page, '#notice:has-text("drained")')
  await open(page, `${url}/in-force`)
  await page.click('#held tr:has-text("it is exchanged") button')
  await page.waitForSelector('#held tr:has-text("it is exchanged")', { state: 'detached' })
  held++
}

try {
  const stage = await openStage(ending)
  const page = await (await stage.visit()).newPage()
  page.on('pageerror', ({ message }) => {
    throw new Error(message)
  })
  await signIn(page, stage)
  await overrides(page, stage.url)
  await expires(page, stage.url)
  await whatIf(page)
  await severalEdges(page, stage)
  await imaginedCut(page, stage.url)
  await cables(page, stage.url)
  await freezes(page, stage.url)
  await undoes(page, stage.url)
  await orders(page, stage.url)
  await batches(page, stage)
  await silent(page, stage.url)
  await copies(page, stage)
} finally {
  for (const end of endings) await end()
}
console.log(`deeds: ${held} held`)
