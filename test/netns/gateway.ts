// A gateway under test: the linux-htb driver on the interfaces of the middle namespace, a profile of two institutions
// with two services and four classes, and what was counted while something happened.

import { setTimeout as sleep } from 'node:timers/promises'
import type { Test } from 'tap'
import type { Desired, Driver } from '../../src/edge/driver.js'
import { createLinuxHtb } from '../../src/edge/drivers/linux-htb/driver.js'
import type { EdgeProfile, LeafCounters, RateRecord } from '../../src/model/lease.js'
import { createLogger } from '../../src/runtime/log.js'
import { makeNamespaces, type Namespaces } from './namespaces.js'

export const FINANCE = 2
export const CLINIC = 3
export const INTERNET = 0
export const EXCHANGE = 1
export const [REALTIME, BUSINESS, STANDARD, BULK] = [0, 1, 2, 3] as const
export const PLAIN = '5000'

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
  /** Packets by leaf that were counted while `work` ran. */
  counted(work: () => Promise<unknown>): Promise<(direction: 0 | 1, i: number, service: number, c: number) => number>
}

export function bench(t: Test, { masquerade = false, filter = 'nft' as 'nft' | 'u32', lan = 'lan0' } = {}): Bench {
  const net = makeNamespaces({ masquerade })
  t.teardown(() => net.remove())
  const log = createLogger('kernel test', 'warn')
  const driver = createLinuxHtb({ lan, wan: 'wan0', netns: net.gateway, filter, log })
  return {
    net,
    driver,
    cycle: async (desired) => driver.apply(driver.plan(desired, await driver.observe()), desired),
    async counted(work) {
      const key = (l: LeafCounters) => `${l.direction} ${l.institution} ${l.service} ${l.class}`
      const before = new Map((await driver.stats()).leaves.map((l) => [key(l), l.packets]))
      await work()
      await settled()
      const after = new Map((await driver.stats()).leaves.map((l) => [key(l), l.packets]))
      return (...leaf) => (after.get(leaf.join(' ')) ?? 0) - (before.get(leaf.join(' ')) ?? 0)
    },
  }
}

export const settled = () => sleep(300)
