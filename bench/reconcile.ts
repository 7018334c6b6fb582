// How long does one edge need to bring its kernel to new rates, and how long to find that nothing is to be done?
//
// Goal: the whole cycle of the agent's enforcer with the linux-htb driver (two devices, nftables) on the largest edge
// that is planned for (60 institutions x 4 services x 4 classes) and with all 554 institutions on one. `no-op`: a look
// at everything finds nothing to do. `one`, `all`: so many flows change their rate. `cold`: from nothing. Not the goal:
// packets (no traffic flows), a real network card.
//
//   node src/bin/run.mjs bench/reconcile.ts [rounds]        as root; works in a namespace of its own
//
// The time is mostly that of short-lived tc and nft processes, so it doubles when both cores are busy; the processor
// time beside it does not.

import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import type { Desired } from '../src/edge/driver.js'
import { createLinuxHtb } from '../src/edge/drivers/linux-htb/driver.js'
import { Enforcer } from '../src/edge/enforcer.js'
import { systemClock } from '../src/runtime/clock.js'
import { createLogger } from '../src/runtime/log.js'
import { atRate, LARGEST, profileOf, type Size, WHOLE_NATION } from './edge-sizes.js'
import { printTable } from './harness.js'

const SELF = fileURLToPath(import.meta.url)
const INSIDE = 'inside'

export interface ReconcileResult {
  readonly classes: number
  /** Milliseconds; but for `cold` the median over the rounds. */
  readonly cold: number
  readonly noop: number
  readonly one: number
  readonly all: number
  /** Milliseconds of processor time, the tools' included: what the time is when nobody else wants the machine. */
  readonly cpu: { readonly noop: number; readonly one: number; readonly all: number }
  /** Of the text of all that was to do at first: the same profile and rates make the same bytes. */
  readonly hash: string
}

/** In a network namespace with two interfaces. */
export async function measureReconcile(rounds: number, size: Size, lan: string, wan: string): Promise<ReconcileResult> {
  const driver = createLinuxHtb({ lan, wan, log: createLogger('bench', 'warn') })
  const profile = profileOf(size)
  const enforcer = new Enforcer(driver, systemClock, async () => undefined)
  let made = 0
  const bring = async (desired: Desired, key = `goal ${++made}`): Promise<Spent> => {
    const start = performance.now()
    const cpu = processorTime()
    enforcer.aim({ key, urgency: '', profileHash: '', desired, content: null })
    await enforcer.idle()
    if (enforcer.refusal) throw new Error(enforcer.refusal.detail)
    return { wall: performance.now() - start, cpu: processorTime() - cpu }
  }

  const nothing = await driver.observe()
  const first = driver.plan(atRate(profile, 1_000), nothing)
  const { wall: cold } = await bring(atRate(profile, 1_000))
  const times = { noop: [] as Spent[], one: [] as Spent[], all: [] as Spent[] }
  for (let round = 1; round <= rounds; round++) {
    const kbps = 1_000 + (round % 2) * 100
    const desired = atRate(profile, kbps)
    times.all.push(await bring(desired))
    times.one.push(await bring(atRate(profile, kbps, 1_050)))
    await bring(desired)
    // It looks twice a second at most.
    await sleep(500)
    enforcer.look()
    times.noop.push(await bring(desired, `goal ${made}`))
  }
  const hash = createHash('sha256').update(first.map(({ text }) => text).join('\n'))
  return {
    classes: first.filter(({ text }) => text.startsWith('class add')).length,
    ...{ cold, noop: median(times.noop), one: median(times.one), all: median(times.all) },
    cpu: { noop: meanCpu(times.noop), one: meanCpu(times.one), all: meanCpu(times.all) },
    hash: hash.digest('hex').slice(0, 16),
  }
}

interface Spent {
  readonly wall: number
  readonly cpu: number
}

const median = (times: Spent[]): number => times.map(({ wall }) => wall).sort((a, b) => a - b)[times.length >> 1]!
/** The kernel tells the time of children in steps of 10 ms, so only the mean of many says something. */
const meanCpu = (times: Spent[]): number => times.reduce((sum, { cpu }) => sum + cpu, 0) / times.length

/** Milliseconds of this process and of the tools that it has waited for. */
function processorTime(): number {
  const { user, system } = process.cpuUsage()
  const [, , , , , , , , , , , , , cutime, cstime] = readFileSync('/proc/self/stat', 'utf8').split(') ')[1]!.split(' ')
  return (user + system) / 1_000 + (Number(cutime) + Number(cstime)) * 10
}

/** The bench starts itself once more inside a namespace of its own, as an agent runs inside its gateway. */
function runInside(rounds: string): void {
  const namespace = `mizani-bench-${process.pid}`
  const ip = (...args: string[]) => execFileSync('ip', args, { stdio: 'inherit' })
  ip('netns', 'add', namespace)
  try {
    for (const n of ['0', '1']) ip('-n', namespace, 'link', 'add', `lan${n}`, 'type', 'veth', 'peer', 'name', `wan${n}`)
    ip('netns', 'exec', namespace, process.execPath, ...process.execArgv, SELF, rounds, INSIDE)
  } finally {
    ip('netns', 'del', namespace)
  }
}

async function print(rounds: number): Promise<void> {
  const ms = (value: number) => `${value.toFixed(1)} ms`
  const rows = [
    ['largest edge', await measureReconcile(rounds, LARGEST, 'lan0', 'wan0')],
    ['554 institutions', await measureReconcile(rounds, WHOLE_NATION, 'lan1', 'wan1')],
  ] as const
  printTable(
    ['edge', 'classes', 'no-op (cpu)', 'one (cpu)', 'all (cpu)', 'cold', 'result'],
    rows.map(([what, r]) => {
      const pair = (phase: 'noop' | 'one' | 'all') => `${ms(r[phase])} (${r.cpu[phase].toFixed(0)})`
      return [what, r.classes, pair('noop'), pair('one'), pair('all'), ms(r.cold), r.hash]
    }),
  )
}

const [, script, rounds = '20', where] = process.argv
if (script === SELF) {
  if (process.getuid?.() !== 0) console.log('reconcile: skipped, network namespaces need root')
  else if (where === INSIDE) await print(Number(rounds))
  else runInside(rounds)
}
