// Changes of the policy by hand, before the whole nation: a tier is changed in its form, who loses is seen, a reload
// loses nothing, it is saved, runs down, is confirmed; a sheet with five mistakes is mended where it stands.
// `npm run console`.

import { strict as assert } from 'node:assert'
import type { Page } from 'playwright-core'
import { openStage, type Stage, signIn } from './stage.js'

/** The whole nation is previewed, four times, on whatever machine this is. */
const PATIENCE = 120_000
const endings: (() => unknown)[] = []
const ending = { teardown: (end: () => unknown) => void endings.unshift(end) }

const CEILING = '[id="/tiers/hospital-national/services/internet/down/ceiling"]'

async function changeTier(page: Page, { url }: Stage): Promise<void> {
  await page.goto(`${url}/policy/tiers/hospital-national`)
  await page.waitForSelector(CEILING)
  const before = await page.inputValue(CEILING)
  await page.fill(CEILING, 'much')
  await page.waitForSelector(`${CEILING}[aria-invalid]`)
  console.log('what is wrong stands at its field')
  await page.fill(CEILING, '20Mbps')
  await page.waitForSelector('#tried .impact .sentence.bad')
  console.log(`before ${before}: ${await page.textContent('#tried .sentence')}`)
  await page.waitForSelector('#tried table a[href^="/institutions/hosp"]')
  await page.reload()
  await page.waitForSelector(CEILING)
  assert.equal(await page.inputValue(CEILING), '20Mbps', 'a reload loses nothing')
  const address = page.url()
  assert.match(address, /#draft=/, 'it stands in the address')
  await page.fill('#reason', 'ticket 4711')
  await page.waitForSelector('#save button.main:enabled')
  await page.click('#save button.main')
  await page.waitForSelector('#pending .countdown')
  const left = await page.textContent('.countdown')
  await page.waitForSelector(`.countdown:not(:text-is("${left}"))`)
  console.log(`it runs down from ${left}`)
  assert.doesNotMatch(page.url(), /#draft=/, 'nothing is left to save')
  await page.click('#confirm')
  await page.waitForSelector('#pending', { state: 'detached' })
  await page.goto(`${url}/policy`)
  await page.waitForSelector('#revisions tbody tr:nth-child(2)')
  await page.click('#revisions tbody tr:first-child th a')
  await page.waitForSelector('code:has-text("/tiers/hospital-national/services/internet/down/ceiling")')
  console.log('its history has it')
}

const SHEET = [
  'Jina;category;region;tier;internet;govnet;edge;prefixes;down;up;Mkataba',
  'Kituo cha Afya Nala;hospital;dodoma;hospital-district;ndiyo;yes;dom-1;10.250.1.0/24;20Mbps;20Mbps;K-1',
  'Kituo cha Afya Hombolo;hospitali ya mbali;dodoma;hospital-district;yes;yes;dom-1;10.250.2.0/24;20Mbps;20Mbps;K-2',
  'Kituo cha Afya Msalato;hospital;dodomma;hospital-district;yes;yes;dom-1;10.250.3.0/24;20Mbps;20Mbps;K-3',
  'Kituo cha Afya Veyula;hospital;dodoma;hospital-district;labda;yes;dom-1;10.250.4.0/24;20Mbps;20Mbps;K-4',
  'Kituo cha Afya Ipagala;hospital;dodoma;hospital-district;yes;yes;dom-1;10.250.5.0/99;20Mbps;20Mbps;K-5',
  'Kituo cha Afya Makole;hospital;dodoma;hospital-district;yes;yes;dom-1;10.250.6.0/24;kasi;20Mbps;K-6',
].join('\r\n')

async function mendSheet(page: Page, { url }: Stage): Promise<void> {
  await page.goto(`${url}/import`)
  await page.fill('#text', SHEET)
  await page.click('#choose button.main')
  await page.waitForSelector('#wrong-rows fieldset.card')
  const wrong = await page.locator('#wrong-rows fieldset.card').count()
  console.log(`${wrong} rows have to be mended: ${await page.textContent('#wrong-rows > p')}`)
  const mend = async (line: number, header: string, text: string): Promise<void> => {
    const row = page.locator(`fieldset.card:has(legend:text-is("Line ${line}"))`)
    const cell = row.locator(`label:has-text("${header}") input`).last()
    await cell.fill(text)
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
  await page.fill('#reason', 'ticket 4712')
  await page.click('#save button.main')
  await page.waitForSelector('#choose')
  await page.goto(`${url}/institutions?q=Nala`)
  await page.waitForSelector('#institutions a:has-text("Nala")')
}

try {
  const stage = await openStage(ending)
  const context = await stage.visit()
  context.setDefaultTimeout(PATIENCE)
  const page = await context.newPage()
  page.on('pageerror', ({ message }) => assert.fail(message))
  await signIn(page, stage)
  await changeTier(page, stage)
  await mendSheet(page, stage)
} finally {
  for (const end of endings) await end()
}
console.log('changes: all hold')
