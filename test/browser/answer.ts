// From anywhere to "why is this hospital slow", before the whole nation: a key, three letters, Enter; and the same by a
// link that somebody was sent, in a browser that has never been here. Counted in the page itself, from the first key,
// or from the beginning of the navigation, to the sentence. `npm run console:answer`; MIZANI_TRIES (100), MIZANI_SEED.

import { loadavg } from 'node:os'
import type { BrowserContext, Page } from 'playwright-core'
import { SEED, seeded } from '../../bench/harness.js'
import { openStage, type Stage, signIn } from './stage.js'

const TRIES = Number(process.env.MIZANI_TRIES ?? 100)
const MOST = 300
const LETTERS = 3

const endings: (() => unknown)[] = []
const ending = { teardown: (end: () => unknown) => void endings.unshift(end) }
const random = seeded(SEED)
let failed = 0

/** Names of hospitals, as they are known. */
async function hospitals({ url, token }: Stage): Promise<{ readonly id: string; readonly name: string }[]> {
  const answer = await fetch(`${url}/v1/institutions?pageSize=1000&category=hospital`, {
    headers: { authorization: `Bearer ${token}` },
  })
  const { items } = (await answer.json()) as { items: { id: string; name: { en: string } }[] }
  return items.map(({ id, name }) => ({ id, name: name.en }))
}

/** Three letters with which a word of it begins, and the name of no page. */
function lettersOf(name: string, pages: readonly string[]): string {
  const words = name.toLowerCase().split(/[^a-z]+/)
  const letters = words.filter((word) => word.length >= LETTERS).map((word) => word.slice(0, LETTERS))
  const own = letters.filter((some) => !pages.some((page) => page.startsWith(some)))
  return own[Math.floor(random() * own.length)]!
}

const WATCH = `
  globalThis.begun = null
  globalThis.answered = new Promise((done) => {
    addEventListener('keydown', () => { begun ??= performance.now() }, { capture: true })
    const look = () => document.querySelector('#why .sentence') && done(performance.now() - begun)
    new MutationObserver(look).observe(document.body, { childList: true, subtree: true })
  }); undefined`

async function byKeys(page: Page, { url }: Stage, letters: string): Promise<number> {
  await page.goto(`${url}/`)
  await page.waitForSelector('html[data-live]')
  await page.evaluate(WATCH)
  for (const key of ['/', ...letters, 'Enter']) await page.keyboard.press(key)
  const answered = page.evaluate('answered')
  const late = new Promise((_, refuse) => {
    setTimeout(() => refuse(new Error(`${letters}: no sentence at ${page.url()}`)), 30_000).unref()
  })
  return Number(await Promise.race([answered, late]))
}

async function byLink(context: BrowserContext, { url }: Stage, id: string): Promise<number> {
  const page = await context.newPage()
  try {
    await page.goto(`${url}/institutions/${id}`, { waitUntil: 'domcontentloaded' })
    await page.waitForSelector('#why .sentence')
    // The server writes it: it is there when the page is.
    return Number(await page.evaluate(`performance.getEntriesByType('navigation')[0].domContentLoadedEventStart`))
  } finally {
    await page.close()
  }
}

function hold(what: string, times: number[]): void {
  times.sort((a, b) => a - b)
  /** By the nearest rank. */
  const at = (q: number): number => Math.round(times[Math.max(0, Math.ceil(q * times.length) - 1)]!)
  if (at(0.99) > MOST) failed++
  const judged = at(0.99) > MOST ? 'FAILED' : 'holds '
  console.log(`${judged} ${what}: p50 ${at(0.5)}, p99 ${at(0.99)}, worst ${at(1)} ms, at most ${MOST}`)
}

const begun = performance.now()
try {
  const stage = await openStage(ending)
  const context = await stage.visit()
  const page = await context.newPage()
  await signIn(page, stage)
  const all = await hospitals(stage)
  const named = `[...document.querySelectorAll('nav a')].map(({ textContent }) => textContent.trim().toLowerCase())`
  const pages = (await page.evaluate(named)) as string[]
  if (!pages.includes('institutions')) throw new Error(`the pages have other names: ${pages.join(', ')}`)
  const [keys, links]: [number[], number[]] = [[], []]
  const storageState = await context.storageState()
  for (let n = 0; n < TRIES; n++) {
    const { id, name } = all[Math.floor(random() * all.length)]!
    keys.push(await byKeys(page, stage, lettersOf(name, pages)))
    const cold = await stage.visit({ storageState })
    links.push(await byLink(cold, stage, id))
    await cold.close()
  }
  hold('from a key, three letters and Enter to the sentence', keys)
  hold('from a cold link to the sentence', links)
} finally {
  for (const end of endings) await end()
}
const seconds = Math.round((performance.now() - begun) / 1_000)
const verdict = failed === 0 ? 'all hold' : `${failed} FAILED`
// On a machine that others keep busy, this is how long they keep it.
console.log(
  `answer: ${TRIES} tries each, seed ${SEED}, load average ${loadavg()[0]!.toFixed(1)}, ${seconds} s: ${verdict}`,
)
process.exitCode = failed === 0 ? 0 : 1
