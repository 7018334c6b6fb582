// `npm run pages`: seeded situations, each looked at whole: every figure that pages and answers of one tick say twice
// is compared. Every tenth situation is looked at in Chromium. With --planted each of the planted contradictions must
// be found as well.
//
//   npm run pages -- [--seed N] [--situations N] [--planted]

import { parseArgs } from 'node:util'
import { chromium } from 'playwright-core'
import { ADMIN_TOKEN } from '../../api/api-fixture.js'
import { Book } from './book.js'
import { examine, type Look } from './examine.js'
import { PLANTS } from './plants.js'
import { type Situation, situation } from './situations.js'

const { values } = parseArgs({
  options: { seed: { type: 'string' }, situations: { type: 'string' }, planted: { type: 'boolean', default: false } },
})
const first = Number(values.seed ?? 1)
const many = Number(values.situations ?? 200)
/** Each situation has more: a checker that compares nothing finds nothing. */
const [LEAST, LEAST_IN_BROWSER, IN_BROWSER] = [1_000, 100, 10]

const begun = performance.now()
const browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args: ['--no-sandbox'] })
const [pages, shown] = [new Book(), new Book()]

/** Signs in once for each language; what is shown is read when the page is live. */
async function looking({ api }: Situation): Promise<{ readonly look: Look; close(): Promise<void> }> {
  const open = await Promise.all(
    (['en', 'sw'] as const).map(async (lang) => {
      const context = await browser.newContext()
      await context.addCookies([{ name: 'lang', value: lang, url: api.url }])
      const page = await context.newPage()
      await page.goto(api.url)
      await page.waitForSelector('#sign-in button.main:enabled')
      await page.fill('#token', ADMIN_TOKEN)
      await page.press('#token', 'Enter')
      await page.waitForSelector('#board h1')
      return { lang, context, page }
    }),
  )
  return {
    async look(path, lang) {
      const { page } = open.find((one) => one.lang === lang)!
      await page.goto(api.url + path)
      await page.waitForSelector('html[data-live] #board h1, html[data-live] .wall h1')
      return page.content()
    },
    close: async () => void (await Promise.all(open.map(({ context }) => context.close()))),
  }
}

for (let seed = first; seed < first + many; seed++) {
  const one = await situation(seed)
  await examine(one, pages)
  if ((seed - first) % IN_BROWSER === 0) {
    const { look, close } = await looking(one)
    await examine(one, shown, undefined, look)
    await close()
  }
  await one.close()
}
await browser.close()

const missed: string[] = []
if (values.planted) {
  const one = await situation(2)
  for (const plant of PLANTS) {
    const book = new Book()
    await examine(one, book, plant)
    const [found] = book.contradictions
    console.log(
      `${found === undefined ? 'NOT FOUND' : 'found'}: ${plant.what}${found === undefined ? '' : `: ${found}`}`,
    )
    if (found === undefined) missed.push(plant.what)
  }
  await one.close()
}

const contradictions = [...pages.contradictions, ...shown.contradictions]
for (const one of contradictions.slice(0, 50)) console.log(one)
const looks = Math.ceil(many / IN_BROWSER)
const enough = pages.compared >= LEAST * many && shown.compared >= LEAST_IN_BROWSER * looks
const seconds = ((performance.now() - begun) / 1_000).toFixed(0)
console.log(
  `pages: seed ${first}, ${seconds} s, ${many} situations (${looks} in Chromium), ` +
    `${pages.compared} and ${shown.compared} comparisons of ${pages.kinds.size} kinds` +
    `${enough ? '' : ', TOO FEW'}, ${contradictions.length} contradictions` +
    `${values.planted ? `, ${PLANTS.length - missed.length} of ${PLANTS.length} planted ones found` : ''}: ` +
    `${contradictions.length + missed.length === 0 && enough ? 'all agree' : 'FAILED'}`,
)
process.exitCode = contradictions.length + missed.length === 0 && enough ? 0 : 1
