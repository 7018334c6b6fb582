// What a person does on the console, against the real thing: an override is put and ended, a cable is said to be cut
// and whole again, the policy is frozen and freed, another ceiling is tried; each is seen to hold. `npm run console`.

import type { Page } from 'playwright-core'
import { openStage, signIn } from './stage.js'

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

async function orders(page: Page, url: string): Promise<void> {
  await open(page, `${url}/edges/dar-1`)
  await page.click('#edge-order')
  await page.selectOption('select[name=enforcement]', 'observe')
  await page.fill('input[name=reason]', 'to compare')
  await page.press('input[name=reason]', 'Enter')
  await sees(page, '.figures div:has-text("Enforcement"):has-text("observe")')
}

try {
  const stage = await openStage(ending)
  const page = await (await stage.visit()).newPage()
  page.on('pageerror', ({ message }) => {
    throw new Error(message)
  })
  await signIn(page, stage)
  await overrides(page, stage.url)
  await whatIf(page)
  await imaginedCut(page, stage.url)
  await cables(page, stage.url)
  await freezes(page, stage.url)
  await orders(page, stage.url)
} finally {
  for (const end of endings) await end()
}
console.log(`deeds: ${held} held`)
