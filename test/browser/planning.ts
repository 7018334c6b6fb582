// A planner in a browser: asks by a form, watches, reads the calendar, moves the slider and asks exactly that, compares
// two answers, takes back a question that runs. `npm run console`.

import { strict as assert } from 'node:assert'
import axe from 'axe-core'
import type { Page } from 'playwright-core'
import { openStage, signIn } from './stage.js'

const DAY = '2026-12-01'
const endings: (() => unknown)[] = []
const ending = { teardown: (end: () => unknown) => void endings.unshift(end) }
let held = 0

/** An answer takes what the machine has left for it. */
const ANSWER = { timeout: 600_000 }

const sees = async (page: Page, selector: string): Promise<void> => {
  await page.waitForSelector(selector, ANSWER)
  held++
}
const holds = (found: boolean, what: string): void => {
  assert.ok(found, what)
  held++
}

/** That the page breaks no rule of axe-core. */
async function isFair(page: Page): Promise<void> {
  await page.evaluate(`${axe.source}; undefined`)
  const found = (await page.evaluate(`axe.run(document, { resultTypes: ['violations'] })`)) as axe.AxeResults
  const broken = found.violations.map(({ id, nodes }) => `${id}: ${nodes[0]?.html}`)
  assert.deepEqual(broken, [], page.url())
  held++
}

async function ask(page: Page, kind: string, fields: Readonly<Record<string, string>>): Promise<void> {
  await page.goto(`${new URL(page.url()).origin}/planner`)
  // The first list is drawn by the server: a form is asked when the page has come alive.
  await page.waitForSelector('#ask select[name=kind]')
  await page.waitForTimeout(500)
  await page.selectOption('#ask select[name=kind]', kind)
  for (const [name, value] of Object.entries(fields)) {
    const at = `#ask [name=${name}]`
    if ((await page.locator(`#ask select[name=${name}]`).count()) > 0) await page.selectOption(at, value)
    else await page.fill(at, value)
  }
  await page.click('#ask button.main')
  await page.waitForURL(`**/planner/${kind}-*`)
}

try {
  const stage = await openStage(ending)
  const context = await stage.visit()
  const page = await context.newPage()
  const faults: string[] = []
  page.on('pageerror', ({ message }) => faults.push(message))
  await signIn(page, stage)

  await ask(page, 'runout', { day: DAY, growth: '0.25', anyOne: 'upstream', years: '4' })
  // Nobody loads it again: it shows the answer when it is there.
  await sees(page, '#calendar')
  const asked = page.url()
  await isFair(page)
  holds((await page.textContent('#grown'))?.trim() === '25 % a year', 'the slider stands where it was asked')
  await page.locator('#growth').fill('60')
  holds((await page.textContent('#grown'))?.trim() === '60 % a year', 'and answers at once')
  await sees(page, '#ask-exactly')
  await page.click('details > summary')
  const guessed = await page.textContent('#months tbody tr:first-child th')
  await page.click('#ask-exactly')
  await page.waitForURL((url) => url.href !== asked)
  await sees(page, '#board:has(#grown:text("60 %")):has-text("as asked")')
  await sees(page, '#calendar')
  await page.click('details > summary')
  const found = await page.textContent('#months tbody tr:first-child th')
  holds(guessed === found, `the first month: ${guessed} by the slider, ${found} by a run`)

  await page.goto(`${stage.url}/links`)
  await sees(page, '#links thead th:has-text("Promises break")')
  holds((await page.locator('#links tbody td:text-matches("^20[0-9]{2}-[0-9]{2}-[0-9]{2}$")').count()) > 0, 'on days')
  await page.goto(`${stage.url}/links/transit-a`)
  await sees(page, '.runout a[href^="/planner/runout-"]:has-text("60 % a year")')
  await isFair(page)
  await page.goto(asked)
  await sees(page, '#calendar')

  await page.click('#compare')
  await page.click('form:has(select[name=with]) button.main')
  await page.waitForURL('**/planner/compare-*')
  await sees(page, '#differences tbody tr')
  await isFair(page)

  await ask(page, 'failures', { day: DAY, busiest: '1' })
  await sees(page, '#matrix td.heat4')
  await isFair(page)
  await page.selectOption('select[name=service]', 'govnet')
  await page.waitForURL('**service=govnet')
  const [report] = await Promise.all([context.waitForEvent('page'), page.click('a:has-text("The report")')])
  await report.waitForSelector('h1')
  holds((await report.locator('figure svg').count()) > 0, 'the report opens, with its own style')
  const ink = await report.evaluate(`getComputedStyle(document.querySelector('h1')).fontSize`)
  holds(ink === '27.2px', `its style holds: ${ink}`)
  await report.close()

  // All pairs at all steps: long enough to be taken back.
  await page.goto(`${stage.url}/planner`)
  await page.waitForTimeout(500)
  await isFair(page)
  await page.fill('#ask [name=busiest]', '288')
  await page.check('#ask [name=pairs]')
  await page.click('#ask button.main')
  await sees(page, 'progress')
  await page.click('button:has-text("Take back")')
  await sees(page, '#state:has-text("taken back")')

  await page.setViewportSize({ width: 360, height: 740 })
  await page.goto(asked)
  await sees(page, '#calendar')
  const wide = Number(await page.evaluate('document.documentElement.scrollWidth - innerWidth'))
  holds(wide <= 0, `${wide} pixels too wide on a phone`)
  assert.deepEqual(faults, [])
} finally {
  for (const end of endings) await end()
}
console.log(`planning: ${held} held`)
