// Every page there is, in both languages and schemes, before a network in which something is wrong: no rule of axe-core
// is broken, and at twice and four times the size, and on a phone, nothing is lost at the side. `npm run console`.

import axe from 'axe-core'
import type { Page } from 'playwright-core'
import { readConsole } from '../../src/api/console.js'
import { FLAT, openStage, signIn } from './stage.js'
import { everyPage, seenBy, trouble } from './trouble.js'

/** A window of 1,280 by 1,024 as it is, enlarged twice and four times; a phone. */
const SIZES = [
  [1_280, 1_024],
  [640, 512],
  [320, 256],
  [360, 740],
] as const
const endings: (() => unknown)[] = []
const ending = { teardown: (end: () => unknown) => void endings.unshift(end) }
let seen = 0
let failed = 0

function fail(what: string): void {
  failed++
  console.log(`FAILED ${what}`)
}

async function look(page: Page, what: string): Promise<void> {
  await page.evaluate(`${axe.source}; undefined`)
  await page.evaluate(FLAT)
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme })
    const found = (await page.evaluate(`axe.run(document, { resultTypes: ['violations'] })`)) as axe.AxeResults
    for (const { id, nodes } of found.violations)
      fail(`${what}, ${colorScheme}: ${id}: ${nodes[0]?.html.slice(0, 200)}`)
    seen++
  }
  for (const [width, height] of SIZES) {
    await page.setViewportSize({ width, height })
    const wide = Number(await page.evaluate('document.documentElement.scrollWidth - innerWidth'))
    if (wide > 0) fail(`${what}: ${wide} pixels too wide at ${width}`)
    const lost = await page.evaluate(LOST)
    if (lost !== '') fail(`${what} at ${width}: out of sight: ${lost}`)
  }
  await page.setViewportSize({ width: 1_280, height: 1_024 })
}

/** What somebody could press, and that lies beside the window without anything around it that scrolls. */
const LOST = `[...document.querySelectorAll('a[href], button, input, select, textarea, summary')]
  .filter((one) => one.checkVisibility() && !one.closest('.scroll, .skip, .visually-hidden'))
  .filter((one) => one.getBoundingClientRect().right > innerWidth + 1 || one.getBoundingClientRect().right < 0)
  .map((one) => one.outerHTML.slice(0, 120)).join('; ')`

try {
  const stage = await openStage(ending)
  const seeing = await trouble(stage)
  const pages = await everyPage(stage)
  const { patterns } = (await readConsole()).server
  for (const pattern of patterns) {
    const form = new RegExp(`^${pattern.replaceAll(/:\w+/g, '[^/]+')}$`)
    if (!pages.some((path) => form.test(path.split('?', 1)[0]!))) fail(`no page is looked at that is a ${pattern}`)
  }
  const visits = (['en', 'sw'] as const).flatMap((lang) =>
    seenBy(stage, seeing, pages).map((visit) => ({ lang, ...visit })),
  )
  for (const { lang, token, pages: some } of visits) {
    const context = await stage.visit({ lang, viewport: { width: 1_280, height: 1_024 } })
    const page = await context.newPage()
    page.on('pageerror', ({ message }) => fail(`${page.url()}: ${message}`))
    await page.goto(stage.url)
    await look(page, `sign-in, ${lang}`)
    await signIn(page, { url: stage.url, token })
    for (const path of some) {
      await page.goto(stage.url + path)
      await page.waitForSelector('html[data-live] #board h1')
      // What a form is tried against comes after it.
      await page.waitForLoadState('networkidle', { timeout: 5_000 }).catch(() => undefined)
      await look(page, `${path}, ${lang}`)
    }
    await context.close()
  }
} finally {
  for (const end of endings) await end()
}
console.log(`pages: ${seen} looks, ${failed === 0 ? 'all hold' : `${failed} FAILED`}`)
process.exitCode = failed === 0 ? 0 : 1
