// What fails behind the console, while somebody looks: the stores are killed, the controller hangs, the line is cut for
// a minute. Each is told with its age, and found again without a reload. `npm run console:long`.

import type { Page } from 'playwright-core'
import { childrenOf, ofProcess } from '../harness/proc.js'
import { openLine } from './line.js'
import { openStage, signIn } from './stage.js'

const CUT = 60_000
const endings: (() => unknown)[] = []
const ending = { teardown: (end: () => unknown) => void endings.unshift(end) }
let failed = 0

/** What a process has started, and what those have. */
function descendantsOf(pid: number): number[] {
  return childrenOf(pid).flatMap((child) => [child, ...descendantsOf(child)])
}

const commandOf = (pid: number): string => ofProcess(pid, 'cmdline')

/** @param heals what makes it whole again, once the age is shown */
async function befalls(page: Page, what: string, strike: () => void, heals: () => Promise<void> | void): Promise<void> {
  await page.waitForSelector('.live:not(.old)')
  await page.waitForSelector('#silence', { state: 'detached' })
  strike()
  // A store that is back at once is no news to anybody.
  const silence = page.waitForSelector('#silence', { timeout: 20_000 }).catch(() => null)
  if ((await silence) !== null) console.log(`${what}: ${await page.textContent('#silence')}`)
  else console.log(`${what}: nothing grew old`)
  await heals()
  await page.waitForSelector('#silence', { state: 'detached', timeout: 120_000 })
  const tick = await page.textContent('#tick')
  await page.waitForSelector(`#tick:not(:has-text(${JSON.stringify(tick)}))`)
  const isSame = (await page.evaluate('window.before')) === true
  if (!isSame) failed++
  console.log(`${isSame ? 'holds ' : 'FAILED'} ${what}: found again${isSame ? ' without a reload' : ''}`)
}

try {
  const stage = await openStage(ending)
  const line = await openLine(stage.url)
  ending.teardown(() => line.close())
  const page = await (await stage.visit()).newPage()
  await signIn(page, { url: line.url, token: stage.token })
  await page.waitForSelector('#tick')
  await page.evaluate('window.before = true')
  const up = stage.up.child.pid!
  const stores = (): number[] => descendantsOf(up).filter((pid) => /^(?:\S*\/)?redis-server/.test(commandOf(pid)))
  if (stores().length !== 2) throw new Error(`expected two stores, found ${stores().length}`)
  for (const [n, name] of ['the one', 'the other'].entries())
    await befalls(
      page,
      `${name} store killed`,
      () => process.kill(stores().sort((a, b) => a - b)[n]!, 'SIGKILL'),
      () => undefined,
    )
  await befalls(
    page,
    'the controller hangs',
    () => stage.up.stop(),
    () => stage.up.goOn(),
  )
  await befalls(
    page,
    'the line is cut for a minute',
    () => line.cut(),
    async () => {
      await new Promise((done) => setTimeout(done, CUT))
      line.mend()
    },
  )
} finally {
  for (const end of endings) await end()
}
console.log(`outages: ${failed === 0 ? 'all found again' : `${failed} FAILED`}`)
process.exitCode = failed === 0 ? 0 : 1
