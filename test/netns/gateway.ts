// A gateway under test: the linux-htb driver on the interfaces of the middle namespace, a profile of two institutions
// with two services and four classes, and what was counted while something happened.

import type { Test } from 'tap'
import type { Desired, Driver } from '../../src/edge/driver.js'
import { createLinuxHtb } from '../../src/edge/drivers/linux-htb/driver.js'
import type { EdgeProfile, LeafCounters, RateRecord } from '../../src/model/lease.js'
import { createLogger } from '../../src/runtime/log.js'
import { CLIENT, type Flow, makeNamespaces, type Namespaces, type Shape } from './namespaces.js'

export const FINANCE = 2
export const CLINIC = 3
export const INTERNET = 0
export const EXCHANGE = 1
export const [REALTIME, BUSINESS, STANDARD, BULK] = [0, 1, 2, 3] as const

const access = { down: 1e9, up: 1e9 }
const institution = (index: number, id: string, ...prefixes: string[]) => ({
  index,
  id,
  name: { en: id, sw: id },
  sites: [{ id: `${id}-hq`, prefixes, vlan: null, access }],
})
export const PROFILE: EdgeProfile = {
  format: 1,
  plane: 'test',
  edge: 'gateway',
  enforcement: 'enforce',
  until: null,
  pace: 'live',
  line: 'fibre',
  tick: 1_000,
  lease: 60_000,
  staleAfterTicks: 3,
  bootRate: 256_000,
  port: { down: 10e9, up: 10e9 },
  institutions: [
    institution(FINANCE, 'finance', '10.1.5.0/24', 'fd10:5::/64'),
    institution(CLINIC, 'clinic', '10.1.6.0/24'),
  ],
  services: [
    { index: INTERNET, id: 'internet', prefixes: [] },
    { index: EXCHANGE, id: 'exchange', prefixes: ['198.51.100.0/24'] },
  ],
  classes: [
    { index: REALTIME, id: 'realtime', dscp: [46], weight: 4, guarantee: 0.1 },
    { index: BUSINESS, id: 'business', dscp: [34], weight: 4, guarantee: 0 },
    { index: STANDARD, id: 'standard', dscp: [0], weight: 2, guarantee: 0 },
    { index: BULK, id: 'bulk', dscp: [8], weight: 1, guarantee: 0 },
  ],
}

/** Every flow at `mbit`, and the edge's own at 1 Mbit/s. */
export function atMbit(mbit: number, more: Partial<Desired> = {}): Desired {
  const kbps = mbit * 1000
  const tenth = Math.floor(kbps / 10)
  const rates: RateRecord[] = []
  for (const direction of [0, 1] as const) {
    for (const own of [0, 1]) {
      rates.push({ institution: own, service: 0, direction, rate: 1000, safe: 256, burst: 0, classes: [0, 0, 1000, 0] })
    }
    for (const flow of [FINANCE, CLINIC].flatMap((i) =>
      [INTERNET, EXCHANGE].map((service) => ({ institution: i, service })),
    )) {
      rates.push({
        ...flow,
        direction,
        rate: kbps,
        safe: 64,
        burst: 0,
        classes: [tenth, tenth, kbps - 3 * tenth, tenth],
      })
    }
  }
  return { profile: PROFILE, enforcement: 'enforce', rates, ...more }
}

export interface Bench {
  readonly net: Namespaces
  readonly driver: Driver
  cycle(desired: Desired): Promise<{ applied: number; refusal: unknown }>
  /** How many steps are left to what is desired. */
  steps(desired: Desired): Promise<number>
  /** Starts to count: what it returns says, each time, what the leaves have counted since. */
  counting(): Promise<() => Promise<Window>>
  /** That no packet of UDP to finance, sent while `work` runs, is lost or counted elsewhere; how many there were. */
  losesNothing(t: Test, work: (more: () => Promise<unknown>) => Promise<unknown>, flow: Partial<Flow>): Promise<number>
}

/** Packets that show that what was done stands. */
const PASSING = 20

export interface Window {
  /** Seconds between the two readings, at most. */
  readonly longest: number
  /** The same as an edge's reports have it, which are stamped when their counters have been read. */
  readonly elapsed: number
  /** Counters began anew in between. */
  readonly anew: boolean
  of(direction: 0 | 1, institution: number, service: number, trafficClass: number): Counted
}
/** What one leaf has counted, and the change of what waits in it. */
type Counted = Pick<LeafCounters, 'bytes' | 'packets' | 'drops' | 'backlog'>

interface BenchOptions extends Shape {
  readonly filter?: 'nft' | 'u32'
  readonly lan?: string
}

/** On all interfaces that the gateway has. */
export function bench(t: Test, { filter = 'nft', lan = 'lan0', ...shape }: BenchOptions = {}): Bench {
  const net = makeNamespaces(shape)
  t.teardown(() => net.remove())
  const log = createLogger('kernel test', 'warn')
  const lans = shape.lans === 2 ? [lan, 'lan1'] : lan
  const wan = shape.wans === 2 ? ['wan0', 'wan1'] : 'wan0'
  const driver = createLinuxHtb({ lan: lans, wan, netns: net.gateway, filter, log })

  const read = async () => {
    const begun = performance.now()
    const { leaves, generation } = await driver.stats()
    const of = new Map([...leaves].map((l) => [`${l.direction} ${l.institution} ${l.service} ${l.class}`, l]))
    return { begun, ended: performance.now(), generation, of }
  }
  async function counting(): Promise<() => Promise<Window>> {
    const first = await read()
    return async () => {
      const last = await read()
      return {
        longest: (last.ended - first.begun) / 1_000,
        elapsed: (last.ended - first.ended) / 1_000,
        anew: last.generation !== first.generation,
        of(...leaf) {
          const [a, b] = [first.of.get(leaf.join(' ')), last.of.get(leaf.join(' '))]
          const grown = (part: keyof Counted): number => (b?.[part] ?? 0) - (a?.[part] ?? 0)
          return {
            ...{ bytes: grown('bytes'), packets: grown('packets') },
            drops: grown('drops'),
            backlog: grown('backlog'),
          }
        },
      }
    }
  }

  return {
    net,
    driver,
    counting,
    cycle: async (desired) => driver.apply(driver.plan(desired, await driver.observe()), desired),
    steps: async (desired) => driver.plan(desired, await driver.observe()).length,
    async losesNothing(t, work, flow) {
      const { count, reach } = net.arrivals()
      const since = await counting()
      const sender = net.send(net.server, { to: CLIENT.finance, ...flow })
      await reach(1)
      // So that what is done is done to packets: some have come through since it was.
      await work(() => reach(count() + PASSING))
      if (flow.count === undefined) sender.stop()
      const sent = await sender.done
      await reach(sent)
      const { of, anew } = await since()
      t.equal(count(), sent, `all of ${sent} packets arrived`)
      t.match(of(0, FINANCE, INTERNET, STANDARD), { packets: sent, drops: 0, backlog: 0 }, 'counted where they belong')
      t.notOk(anew, 'by counters that never began anew')
      return sent
    },
  }
}
