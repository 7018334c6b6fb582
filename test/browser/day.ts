// A day of ticks pushed in ten minutes, into pages that stay open: what they hold at its end is what they held after
// the first hour, in memory and in nodes. `npm run console:long`; MIZANI_SECONDS (600), MIZANI_TICKS (86400).

import { chromium, type Page } from 'playwright-core'
import { ADMIN_TOKEN, type Api, empty, startApi } from '../api/api-fixture.js'
import { fixtureBoard } from '../api/board-fixture.js'
import { signIn } from './stage.js'
import { heapOf, nodesOf } from './weight.js'

const SECONDS = Number(process.env.MIZANI_SECONDS ?? 600)
const TICKS = Number(process.env.MIZANI_TICKS ?? 86_400)
const HOURS = 24
const MOST_MIB = 5
const PATHS = ['/', '/institutions', '/links']

let failed = 0

/** Pushes ticks evenly over `seconds`, each with other figures. */
async function push(api: Api, from: number, ticks: number, seconds: number): Promise<void> {
  const begun = performance.now()
  for (let n = 0; n < ticks; ) {
    const due = Math.min(ticks, Math.ceil(((performance.now() - begun) / 1_000 / seconds) * ticks))
    for (; n < due; n++) {
      const seq = from + n
      api.show(fixtureBoard({ seq, at: Date.now(), scale: 1 + 0.3 * Math.sin(seq) }))
      // No more than shows each tick to whoever listens: sessions end with time.
      await api.clock.advance(80)
    }
    await new Promise((done) => setTimeout(done, 5))
  }
}

interface Open {
  readonly path: string
  readonly page: Page
  heap: number
  nodes: number
}

async function weigh(open: readonly Open[]): Promise<[heap: number, nodes: number][]> {
  return Promise.all(open.map(async ({ page }) => [await heapOf(page), await nodesOf(page)] as [number, number]))
}

const memory = empty<never>({
  ...{ counters: empty({ latest: () => null }), webhooks: empty({ list: () => [] }) },
  ...{ recorder: { failing: null, size: 0 }, alarms: empty({ open: () => [] }) },
})
const api = await startApi({ memory }, [], Date.now())
const browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args: ['--no-sandbox'] })
try {
  const context = await browser.newContext()
  const open: Open[] = []
  api.show(fixtureBoard({ seq: 5_000, at: Date.now() }))
  for (const path of PATHS) {
    const page = await context.newPage()
    if (open.length === 0) await signIn(page, { url: api.url, token: ADMIN_TOKEN })
    page.on('pageerror', ({ message }) => console.log(`FAILED ${path}: ${message}`, ++failed))
    await page.goto(api.url + path)
    await page.waitForSelector('html[data-live]')
    open.push({ path, page, heap: 0, nodes: 0 })
  }
  await push(api, 5_001, TICKS / HOURS, SECONDS / HOURS)
  for (const [i, [heap, nodes]] of (await weigh(open)).entries()) Object.assign(open[i]!, { heap, nodes })
  await push(api, 5_001 + TICKS / HOURS, (TICKS * (HOURS - 1)) / HOURS, (SECONDS * (HOURS - 1)) / HOURS)
  for (const [i, [heap, nodes]] of (await weigh(open)).entries()) {
    const { path, ...first } = open[i]!
    const isHeld = heap - first.heap <= MOST_MIB && nodes === first.nodes
    if (!isHeld) failed++
    const hour = `${first.heap.toFixed(2)} MiB and ${first.nodes} nodes after an hour`
    console.log(`${isHeld ? 'holds ' : 'FAILED'} ${path}: ${hour}, ${heap.toFixed(2)} and ${nodes} after a day`)
  }
  const [{ page } = { page: null }] = open
  console.log(`the last that is shown: ${await page?.textContent('#tick')}`)
} finally {
  await browser.close()
  await api.close()
}
console.log(`day: ${TICKS} ticks in ${SECONDS} s: ${failed === 0 ? 'all hold' : `${failed} FAILED`}`)
process.exitCode = failed === 0 ? 0 : 1
