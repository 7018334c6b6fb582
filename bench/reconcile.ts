// How long does one edge need to bring its kernel to new rates, and how long to find that nothing is to be done?
//
// Goal: the whole cycle of the linux-htb driver on the largest edge of design.md (60 institutions x 4 services x 4
// classes, two devices, nftables): observe, plan, apply, read back. `no-op`: nothing changed. `all changed`: every
// rate of every class. `cold`: from nothing. Not the goal: packets (no traffic flows), a real network card.
//
//   npx tsx bench/reconcile.ts [rounds]        as root; works in a namespace of its own
//
// The time is mostly that of short-lived tc and nft processes, so it doubles when both cores are busy.

import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { fileURLToPath } from 'node:url'
import type { Desired } from '../src/edge/driver.js'
import { createLinuxHtb } from '../src/edge/drivers/linux-htb/driver.js'
import type { EdgeProfile, RateRecord } from '../src/model/lease.js'
import { createLogger } from '../src/runtime/log.js'

const SELF = fileURLToPath(import.meta.url)
const INSIDE = 'inside'
const INSTITUTIONS = 60
const SERVICES = [0, 1, 2, 3]
const CLASSES = [0, 1, 2, 3]
const DSCP = [46, 26, 0, 8]

export interface ReconcileResult {
  readonly classes: number
  /** Milliseconds, median over the rounds. */
  readonly cold: number
  readonly noop: number
  readonly allChanged: number
  /** Steps of a cycle in which all changed. */
  readonly steps: number
  /** Of the cold plan's text: the same profile and rates make the same bytes. */
  readonly hash: string
}

const name = (en: string) => ({ en, sw: en })
const access = { down: 1e9, up: 1e9 }

function largestEdge(): EdgeProfile {
  return {
    ...{ format: 1, plane: 'bench', edge: 'largest', enforcement: 'enforce', until: null, pace: 'live', line: 'fibre' },
    ...{ tick: 1_000, lease: 60_000, staleAfterTicks: 3, bootRate: 256_000, port: { down: 10e9, up: 10e9 } },
    institutions: Array.from({ length: INSTITUTIONS }, (_, i) => ({
      index: 2 + i,
      id: `institution-${i}`,
      name: name(`Institution ${i}`),
      sites: [{ id: `site-${i}`, prefixes: [`10.3.${i}.0/24`, `fd6d:697a:3:${i}::/64`], vlan: null, access }],
    })),
    services: SERVICES.map((index) => ({
      index,
      id: `service-${index}`,
      prefixes: index === 0 ? [] : [`198.51.${index}.0/24`, `2001:db8:${index}::/48`],
    })),
    classes: CLASSES.map((index) => ({
      index,
      id: `class-${index}`,
      dscp: [DSCP[index]!],
      weight: 4 - index,
      guarantee: 0.1,
    })),
  }
}

function atRate(profile: EdgeProfile, kbps: number): Desired {
  const tenth = kbps / 10
  const rates: RateRecord[] = ([0, 1] as const).flatMap((direction) =>
    profile.institutions.flatMap(({ index: institution }) =>
      SERVICES.map((service) => ({
        ...{ institution, service, direction, rate: kbps, safe: 64, burst: 0 },
        classes: [tenth, 2 * tenth, 6 * tenth, tenth],
      })),
    ),
  )
  return { profile, enforcement: 'enforce', rates }
}

/** In a network namespace with two interfaces, lan0 and wan0. */
export async function measureReconcile(rounds: number): Promise<ReconcileResult> {
  const driver = createLinuxHtb({ lan: 'lan0', wan: 'wan0', log: createLogger('bench', 'warn') })
  const profile = largestEdge()
  const cycle = async (desired: Desired) => {
    const start = performance.now()
    const operations = driver.plan(desired, await driver.observe())
    const { refusal } = await driver.apply(operations, desired)
    if (refusal) throw new Error(refusal.detail)
    return { ms: performance.now() - start, operations }
  }

  const first = await cycle(atRate(profile, 1_000))
  const noop: number[] = []
  const changed: number[] = []
  let steps = 0
  for (let round = 1; round <= rounds; round++) {
    const desired = atRate(profile, 1_000 + (round % 7) * 100)
    const all = await cycle(desired)
    if (all.operations.length > 0) changed.push(all.ms)
    steps = Math.max(steps, all.operations.length)
    noop.push((await cycle(desired)).ms)
  }
  const hash = createHash('sha256').update(first.operations.map(({ text }) => text).join('\n'))
  return {
    classes: first.operations.filter(({ text }) => text.startsWith('class add')).length,
    cold: first.ms,
    noop: median(noop),
    allChanged: median(changed),
    steps,
    hash: hash.digest('hex').slice(0, 16),
  }
}

const median = (values: number[]): number => values.sort((a, b) => a - b)[values.length >> 1] ?? Number.NaN

/** The bench starts itself once more inside a namespace of its own, as an agent runs inside its gateway. */
function runInside(rounds: string): void {
  const namespace = `mizani-bench-${process.pid}`
  const ip = (...args: string[]) => execFileSync('ip', args, { stdio: 'inherit' })
  ip('netns', 'add', namespace)
  try {
    ip('-n', namespace, 'link', 'add', 'lan0', 'type', 'veth', 'peer', 'name', 'wan0')
    ip('netns', 'exec', namespace, process.execPath, '--import', 'tsx', SELF, rounds, INSIDE)
  } finally {
    ip('netns', 'del', namespace)
  }
}

async function print(rounds: number): Promise<void> {
  const r = await measureReconcile(rounds)
  const ms = (value: number) => `${value.toFixed(1)} ms`
  console.log(`reconcile, ${r.classes} classes on two devices, ${r.steps} steps when all change; result ${r.hash}`)
  console.log(`  no-op ${ms(r.noop)}   all changed ${ms(r.allChanged)}   cold ${ms(r.cold)}`)
}

const [, script, rounds = '20', where] = process.argv
if (script === SELF) {
  if (process.getuid?.() !== 0) console.log('reconcile: skipped, network namespaces need root')
  else if (where === INSIDE) await print(Number(rounds))
  else runInside(rounds)
}
