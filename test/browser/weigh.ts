// What the console costs whoever looks at it, before the whole nation: bytes of a first load, how soon it can be read
// and used at 400 kbit/s and 400 ms, and what 554 rows a second take of a processor. `npm run console`; measured, and
// held against what is promised.

import type { CDPSession, Page } from 'playwright-core'
import { weighPage } from '../harness/weigh-page.js'
import { openStage, signIn } from './stage.js'
import { heapIn, nodesOf } from './weight.js'

const SECONDS = 20
const endings: (() => unknown)[] = []
const ending = { teardown: (end: () => unknown) => void endings.unshift(end) }
let failed = 0

function hold(what: string, found: number, most: number, unit: string): void {
  if (found > most) failed++
  console.log(`${found > most ? 'FAILED' : 'holds '} ${what}: ${Number(found.toPrecision(3))} ${unit}, at most ${most}`)
}

/** Seconds of a processor that the page's own thread has taken. */
async function busy(devtools: CDPSession): Promise<number> {
  const { metrics } = await devtools.send('Performance.getMetrics')
  return metrics.find(({ name }) => name === 'TaskDuration')?.value ?? 0
}

async function rows(page: Page, url: string): Promise<void> {
  const devtools = await page.context().newCDPSession(page)
  // Of its own thread: others may be at work beside it.
  await devtools.send('Performance.enable', { timeDomain: 'threadTicks' })
  await page.goto(`${url}/institutions`)
  await page.waitForSelector('#institutions tbody tr:nth-child(554)')
  // Collecting all there is takes long, and nobody but this asks for it.
  const kept = await heapIn(devtools)
  await page.evaluate(`new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) longest = Math.max(longest, entry.duration)
  }).observe({ type: 'longtask' }), globalThis.longest = 0`)
  const before = await busy(devtools)
  const nodes = await nodesOf(page)
  await page.waitForTimeout(SECONDS * 1_000)
  const took = (await busy(devtools)) - before
  hold('554 rows a second', (100 * took) / SECONDS, 8, '% of a processor')
  hold('the longest task beside it', Number(await page.evaluate('longest')), 50, 'ms')
  hold('heap after it, more than before', (await heapIn(devtools)) - kept, 5, 'MiB')
  hold('nodes after it, more than before', (await nodesOf(page)) - nodes, 0, '')
}

try {
  const stage = await openStage(ending)
  const context = await stage.visit()
  const page = await context.newPage()
  await signIn(page, stage)
  await rows(page, stage.url)

  // Somebody who has never been here, but is signed in.
  const cold = await stage.visit({ storageState: await context.storageState() })
  const slow = await cold.newPage()
  const devtools = await cold.newCDPSession(slow)
  await devtools.send('Network.enable')
  let bytes = 0
  devtools.on('Network.loadingFinished', ({ encodedDataLength }) => {
    bytes += encodedDataLength
  })
  const line = { offline: false, latency: 400, downloadThroughput: 50_000, uploadThroughput: 50_000 }
  await devtools.send('Network.emulateNetworkConditions', line)
  const begun = performance.now()
  await slow.goto(`${stage.url}/`, { waitUntil: 'commit' })
  await slow.waitForSelector('#sentence')
  hold('400 kbit/s and 400 ms: the sentence', performance.now() - begun, 1_500, 'ms')
  await slow.waitForSelector('details.menu #add-passkey, details.menu #sign-out', { state: 'attached' })
  await slow.waitForLoadState('load')
  hold('400 kbit/s and 400 ms: loaded', performance.now() - begun, 3_000, 'ms')
  hold('first load, as this browser was sent it', bytes / 1_000, 60, 'kB')
  const cookie = (await context.cookies()).map(({ name, value }) => `${name}=${value}`).join('; ')
  const weight = await weighPage(`${stage.url}/`, cookie)
  hold('first load, gzip', weight.all / 1_000, 60, 'kB')
  hold('of it scripts', weight.script / 1_000, 35, 'kB')
} finally {
  for (const end of endings) await end()
}
console.log(failed === 0 ? 'console: all hold' : `console: ${failed} FAILED`)
process.exitCode = failed === 0 ? 0 : 1
