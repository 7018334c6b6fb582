// Changes of the policy by hand, before the whole nation: a tier is changed in its form, who loses is seen, a reload
// loses nothing, it is saved, runs down, is confirmed; a sheet with five mistakes is mended where it stands.
// `npm run console`.

import { strict as assert } from 'node:assert'
import axe from 'axe-core'
import type { Page } from 'playwright-core'
import { openStage, type Stage, signIn } from './stage.js'

/** The whole nation is previewed, four times, on whatever machine this is. */
const PATIENCE = 120_000
let failed = 0
const endings: (() => unknown)[] = []
const ending = { teardown: (end: () => unknown) => void endings.unshift(end) }

const CEILING = '[id="/tiers/hospital-national/services/internet/down/ceiling"]'

/** No rule of axe-core is broken, in light and dark. */
async function held(page: Page, what: string): Promise<void> {
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme })
    await page.evaluate(`${axe.source}; undefined`)
    const found = (await page.evaluate(`axe.run(document, { resultTypes: ['violations'] })`)) as axe.AxeResults
    const broken = found.violations.map(({ id, nodes }) => `${id}: ${nodes[0]?.html.slice(0, 160)}`)
    if (broken.length > 0) console.log(`FAILED axe-core, ${what}, ${colorScheme}: ${broken.join('; ')}`)
    failed += broken.length
  }
}

/** Changes another field of the same tier. */
async function somebodyElse({ url, token }: Stage): Promise<void> {
  const address = `${url}/v1/policy/tiers/hospital-national`
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' }
  const read = await fetch(address, { headers })
  const part = (await read.json()) as object
  const body = JSON.stringify({ ...part, name: { en: 'Hospitals of the nation', sw: 'Hospitali za taifa' } })
  const ifMatch = { 'if-match': read.headers.get('etag') ?? '' }
  const made = await fetch(`${address}?reason=renamed&confirmWithin=0`, {
    ...{ method: 'PUT', headers: { ...headers, ...ifMatch }, body },
  })
  assert.equal(made.status, 200, await made.text())
}

async function changeTier(page: Page, stage: Stage): Promise<void> {
  await page.goto(`${stage.url}/policy/tiers/hospital-national`)
  await page.waitForSelector(CEILING)
  const before = await page.inputValue(CEILING)
  await page.fill(CEILING, 'much')
  await page.waitForSelector(`${CEILING}[aria-invalid]`)
  console.log('what is wrong stands at its field')
  await page.fill(CEILING, '61Mbps')
  await page.waitForSelector('#tried .impact .sentence')
  console.log(`before ${before}: ${await page.textContent('#tried .sentence')}`)
  await held(page, 'a form with a preview')
  await page.reload()
  await page.waitForSelector(CEILING)
  assert.equal(await page.inputValue(CEILING), '61Mbps', 'a reload loses nothing')
  assert.match(page.url(), /#draft=/, 'it stands in the address')
  await page.goto(`${stage.url}/policy/tiers/hospital-national?as=text`)
  await page.waitForSelector('#save button.main:enabled')
  const text = await page.inputValue('textarea.code')
  await page.fill('textarea.code', text.slice(0, -1))
  await page.waitForSelector('#save button.main:disabled')
  console.log('what cannot be read is not saved as what it was before')
  await page.fill('textarea.code', text)
  await page.waitForSelector('#save button.main:enabled')
  await somebodyElse(stage)
  await page.waitForSelector('.editor .notice.bad button')
  await page.waitForSelector('#save button.main:disabled')
  await page.click('.editor .notice.bad button')
  console.log('what somebody else has changed meanwhile is seen first')
  await page.waitForSelector('.editor .notice.bad', { state: 'detached' })
  await page.fill('#reason', 'ticket 4711')
  await page.fill('#minutes', '10')
  await page.waitForSelector('#save button.main:enabled')
  await page.click('#save button.main')
  await page.waitForSelector('#pending .countdown')
  const left = await page.textContent('.countdown')
  await page.waitForSelector(`.countdown:not(:text-is("${left}"))`)
  console.log(`it runs down from ${left}`)
  assert.doesNotMatch(page.url(), /#draft=/, 'nothing is left to save')
  await page.click('#confirm')
  await page.waitForSelector('#pending', { state: 'detached' })
  await page.goto(`${stage.url}/policy`)
  await page.waitForSelector('html[data-live]')
  await page.waitForSelector('#revisions tbody tr:nth-child(2)')
  await held(page, 'the policy')
  await page.click('#revisions tbody tr:first-child th a')
  await page.waitForSelector('code:has-text("/tiers/hospital-national/services/internet/down/ceiling")')
  const theirs = 'code:has-text("/tiers/hospital-national/name")'
  await page.selectOption('select[name=against]', '1')
  await page.waitForSelector(theirs)
  await page.selectOption('select[name=against]', '')
  await page.waitForSelector(theirs, { state: 'detached' })
  console.log('its history has it')
  await page.goto(`${stage.url}/institutions/hosp-mnh-upanga`)
  await page.waitForSelector('html[data-live]')
  await page.click('#policy-changes summary')
  await page.waitForSelector('#policy-changes tbody tr:has-text("ticket 4711"):has-text("Tier")')
  console.log('and so does whoever is of that tier')
}

const SHEET = [
  'Jina;category;region;tier;internet;govnet;edge;prefixes;down;up;Mkataba',
  'Kituo cha Afya Nala;hospital;dodoma;hospital-district;ndiyo;yes;dodoma-1;10.250.1.0/24;20Mbps;20Mbps;K-1',
  'Kituo cha Afya Hombolo;hospitali ya mbali;dodoma;hospital-district;yes;yes;dodoma-1;10.250.2.0/24;20Mbps;20Mbps;K-2',
  'Kituo cha Afya Msalato;hospital;dodomma;hospital-district;yes;yes;dodoma-1;10.250.3.0/24;20Mbps;20Mbps;K-3',
  'Kituo cha Afya Veyula;hospital;dodoma;hospital-district;labda;yes;dodoma-1;10.250.4.0/24;20Mbps;20Mbps;K-4',
  'Kituo cha Afya Ipagala;hospital;dodoma;hospital-district;yes;yes;dodoma-1;10.250.5.0/99;20Mbps;20Mbps;K-5',
  'Kituo cha Afya Makole;hospital;dodoma;hospital-district;yes;yes;dodoma-1;10.250.6.0/24;kasi;20Mbps;K-6',
].join('\r\n')

async function mendSheet(page: Page, { url }: Stage): Promise<void> {
  await page.goto(`${url}/import`)
  // What is pressed before the scripts are there does nothing.
  await page.waitForSelector('html[data-live]')
  await page.fill('#text', SHEET)
  await page.click('#choose button.main')
  await page.waitForSelector('#wrong-rows fieldset.card')
  const wrong = await page.locator('#wrong-rows fieldset.card').count()
  console.log(`${wrong} rows have to be mended: ${await page.textContent('#wrong-rows > p')}`)
  await held(page, 'rows to be mended')
  const mend = async (line: number, header: string, text: string): Promise<void> => {
    const row = page.locator(`fieldset.card:has(legend:text-is("Line ${line}"))`)
    const cell = row.locator(`label:has-text("${header}") input`).last()
    await cell.fill(text)
    // A tick does not touch what somebody is writing.
    const at = await page.textContent('.live')
    await page.waitForSelector(`.live:not(:text-is("${at}"))`)
    await cell.blur()
    await row.waitFor({ state: 'detached' })
  }
  await mend(3, 'category', 'hospital')
  await mend(4, 'region', 'dodoma')
  await page.reload()
  await page.waitForSelector('#wrong-rows fieldset.card')
  await mend(5, 'internet', 'yes')
  await mend(6, 'prefixes', '10.250.5.0/24')
  await mend(7, 'down', '20Mbps')
  await page.waitForSelector('#result .sentence')
  console.log(await page.textContent('#result .sentence'))
  await held(page, 'what a sheet would change')
  await page.fill('#reason', 'ticket 4712')
  await page.click('#save button.main')
  await page.waitForSelector('#choose')
  await page.goto(`${url}/institutions?q=Nala`)
  await page.waitForSelector('#institutions a:has-text("Nala")')
}

/** Pages that are only read here. */
const READ = [
  ...[
    '/alarms',
    '/audit',
    '/wall',
    '/policy/tiers',
    '/policy/bands',
    '/policy/plane',
    '/policy/links/transit-a?as=text',
  ],
  ...['/policy/revisions/1', '/proposals', '/people', '/me', '/told'],
]

async function readAll(page: Page, { url }: Stage): Promise<void> {
  for (const path of READ) {
    await page.goto(url + path)
    await page.waitForSelector('#board h1')
    await held(page, path)
  }
}

let page: Page | undefined
try {
  const stage = await openStage(ending)
  const context = await stage.visit()
  context.setDefaultTimeout(PATIENCE)
  page = await context.newPage()
  page.on('pageerror', ({ message }) => assert.fail(message))
  await signIn(page, stage)
  await changeTier(page, stage)
  await mendSheet(page, stage)
  await readAll(page, stage)
} catch (error) {
  const shown = await page?.textContent('main').catch(() => 'nothing')
  console.log(`shown: ${shown?.slice(-1_500)}`)
  throw error
} finally {
  for (const end of endings) await end()
}
console.log(failed === 0 ? 'changes: all hold' : `changes: ${failed} FAILED`)
process.exitCode = failed === 0 ? 0 : 1
