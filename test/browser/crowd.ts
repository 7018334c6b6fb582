// 200 consoles look at the nation: each hears the stream of events and reads anew with every tick what its page shows,
// as a browser does (live.ts). Ticks begin as late as they do when nobody looks. `npm run console:long`;
// MIZANI_CONSOLES (200).

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { openStage, type Stage } from './stage.js'

const CONSOLES = Number(process.env.MIZANI_CONSOLES ?? 200)
const SECONDS = Number(process.env.MIZANI_SECONDS ?? 40)
const SETTLES = 10
/** What a machine does anyhow, seconds. */
const USUAL = 0.05

const endings: (() => unknown)[] = []
const ending = { teardown: (end: () => unknown) => void endings.unshift(end) }
const wait = (seconds: number): Promise<void> => new Promise((done) => setTimeout(done, 1_000 * seconds))

/** How many ticks began at most so late, by bucket. */
async function lateness({ url, token }: Stage): Promise<Map<number, number>> {
  const answer = await fetch(`${url}/metrics`, { headers: { authorization: `Bearer ${token}` } })
  const found = (await answer.text()).matchAll(/^mizani_tick_lateness_seconds_bucket\{le="([^"]+)"\} (\d+)$/gm)
  return new Map([...found].map(([, le, n]) => [le === '+Inf' ? Number.POSITIVE_INFINITY : Number(le), Number(n)]))
}

/** Of the ticks of so many seconds: how late the latest but one in a hundred begins at most. */
async function latest(stage: Stage): Promise<{ ticks: number; p99: number }> {
  const before = await lateness(stage)
  await wait(SECONDS)
  const after = await lateness(stage)
  const counts = [...after].map(([le, n]) => [le, n - (before.get(le) ?? 0)] as const)
  const ticks = counts.at(-1)?.[1] ?? 0
  const p99 = counts.find(([, n]) => n >= 0.99 * ticks)?.[0] ?? Number.POSITIVE_INFINITY
  return { ticks, p99 }
}

/** Whoever looks has an account of their own. */
async function tokens({ url, token }: Stage): Promise<string[]> {
  const post = async (path: string, body: object): Promise<{ token: string }> => {
    const answer = await fetch(url + path, {
      ...{ method: 'POST', body: JSON.stringify(body) },
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    })
    if (!answer.ok) throw new Error(await answer.text())
    return (await answer.json()) as { token: string }
  }
  const made: string[] = []
  for (let n = 0; n < CONSOLES; n++) {
    const user = `wall-${n}`
    await post('/v1/users', { id: user, name: user, roles: ['viewer'], scope: null, password: null })
    const asked = { user, name: 'wall', roles: ['viewer'], scope: null, expires: 'in 2 hours' }
    made.push((await post('/v1/tokens', asked)).token)
  }
  return made
}

let failed = 0
try {
  const stage = await openStage(ending)
  await wait(SETTLES)
  const alone = await latest(stage)
  const script = fileURLToPath(new URL('crowd-client.js', import.meta.url))
  const crowd = spawn(process.execPath, [script, stage.url, String(CONSOLES), ...(await tokens(stage))], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  let said = ''
  crowd.stdout.setEncoding('utf8').on('data', (text: string) => {
    said += text
  })
  const ended = once(crowd, 'close')
  while (!said.includes('open') && crowd.exitCode === null) await Promise.race([once(crowd.stdout, 'data'), ended])
  await wait(SETTLES)
  const watched = await latest(stage)
  crowd.kill('SIGTERM')
  await ended
  const last = said.trim().split('\n').at(-1) ?? ''
  const { reads, refused, slow } = JSON.parse(last) as Record<'reads' | 'refused' | 'slow', number>
  console.log(`alone: ${alone.ticks} ticks in ${SECONDS} s, p99 begins at most ${alone.p99} s late`)
  console.log(`with ${CONSOLES} consoles: ${watched.ticks} ticks, p99 at most ${watched.p99} s late`)
  console.log(`they read ${reads} times, ${refused} were refused; the p99 of a reading took ${slow} ms`)
  // Some ticks are woken by what edges say; one a second there has to be.
  if (watched.ticks < Math.min(SECONDS, alone.ticks) - 1 || watched.p99 > Math.max(USUAL, alone.p99)) failed++
  if (reads < (CONSOLES * SECONDS) / 10 || refused > 0) failed++
} finally {
  for (const end of endings) await end()
}
console.log(`crowd: ${CONSOLES} consoles: ${failed === 0 ? 'ticks as without them' : 'FAILED'}`)
process.exitCode = failed === 0 ? 0 : 1
