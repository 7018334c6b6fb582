// Messages that the wire tests share, and a way to damage them that a number repeats.

import type { EdgeProfile } from '../../src/model/lease.js'
import { columnsOf } from '../../src/wire/leaf-columns.js'
import type { RateMessage, ReportMessage, SentReport } from '../../src/wire/messages.js'

export const MAX_KBPS = 4_000_000_000

export const snapshot: RateMessage = {
  kind: 'snapshot',
  version: 1,
  edge: 'dar-1',
  epoch: 1_795_559_707_146,
  seq: 8,
  baseSeq: 7,
  revision: 3,
  profile: '0123456789abcdef',
  lease: 60_000,
  stamp: { boot: 'fedcba9876543210', at: 123_456_789 },
  records: [
    {
      institution: 2,
      service: 0,
      direction: 0,
      rate: 95_000,
      safe: 20_000,
      burst: 47_500,
      classes: [5_000, 60_000, 20_000, 10_000],
    },
    { institution: 2, service: 0, direction: 1, rate: 40_000, safe: 8_000, burst: 20_000, classes: [0, 40_000, 0, 0] },
  ],
}

/** What a message to an edge says besides from version 4. */
export const told: Pick<RateMessage, 'instance' | 'reasons'> = {
  instance: '00a1b2c3d4e5f607',
  reasons: [
    {
      ...{ institution: 2, service: 0, direction: 0, code: 'LINK', id: 'transit-a.down', since: 1_795_559_700_000 },
      behind: null,
    },
    {
      ...{ institution: 2, service: 0, direction: 1, code: 'CEILING', id: null, since: 1_795_559_600_000 },
      behind: { kind: 'mode', id: 'exams' },
    },
  ],
}

/** What an edge says besides. */
export const about: Pick<ReportMessage, 'instance' | 'place' | 'uncounted' | 'notices'> = {
  instance: '00a1b2c3d4e5f607',
  place: 'gw-dar 10.0.0.1',
  uncounted: { down: 0, up: 1_000_000 },
  notices: [{ code: 'PAST', subject: 'eth2', since: 1_795_559_700_000, used: true }],
}

export const report = {
  edge: 'dar-1',
  stamp: { boot: 'fedcba9876543210', at: 123_456_790 },
  reads: 1,
  agent: '0.1.0',
  driver: 'simulated',
  simulated: true,
  applied: { epoch: 1_795_559_707_146, seq: 8, crc: 0xdeadbeef, profile: '0123456789abcdef' },
  state: 'FRESH',
  enforcement: 'enforce',
  refusal: { code: 'BOUNDS', detail: 'bado' },
  generation: 1,
  counters: [
    {
      institution: 2,
      service: 0,
      direction: 0,
      class: 1,
      bytes: 12_345_678_901,
      packets: 9_876_543,
      drops: 12,
      backlog: 0,
    },
    { institution: 2, service: 0, direction: 1, class: 3, bytes: 1_500, packets: 1, drops: 0, backlog: 1_514 },
  ],
} as const satisfies SentReport

/** The same, where the controller has the counters of the report that came a second before. */
export const sinceThen: SentReport = {
  ...report,
  base: {
    at: report.stamp.at - 1_000,
    leaves: columnsOf([{ ...report.counters[0], bytes: 12_345_578_901, packets: 9_876_443, drops: 10 }]),
  },
}

/** What was read, as it can be written again: differences are differences to nothing. */
export function asSent({ version: _, counted, ...report }: ReportMessage): SentReport {
  const base = counted?.kind === 'added' ? { at: counted.since, leaves: columnsOf([]) } : null
  return { ...report, counters: counted?.leaves ?? null, base }
}

export const profile: EdgeProfile = {
  format: 1,
  plane: 'taifa',
  edge: 'dar-1',
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
    {
      index: 2,
      id: 'hosp-mnh-upanga',
      name: { en: 'Muhimbili National Hospital', sw: 'Hospitali ya Taifa Muhimbili' },
      sites: [
        {
          id: 'hosp-mnh-upanga',
          prefixes: ['10.16.1.0/24', '2001:db8:1::/48'],
          vlan: null,
          access: { down: 200e6, up: 200e6 },
        },
      ],
    },
  ],
  services: [
    { index: 0, id: 'internet', prefixes: [] },
    { index: 1, id: 'exchange', prefixes: ['196.49.0.0/20'] },
  ],
  classes: [
    { index: 0, id: 'realtime', dscp: [46], weight: 1, guarantee: 0.1 },
    { index: 1, id: 'standard', dscp: [], weight: 4, guarantee: 0 },
  ],
}

export const profile2: EdgeProfile = {
  ...profile,
  format: 2,
  after: null,
  institutions: profile.institutions.map((institution) => ({
    ...institution,
    promised: [
      { service: 0, direction: 0, guarantee: 20e6, ceiling: 100e6 },
      { service: 0, direction: 1, guarantee: 8e6, ceiling: 40e6 },
    ],
  })),
}

/** One damage: up to four flipped bits, a cut, a run of one byte, or bytes put in between. */
export function mutate(original: Buffer, seed: number): Buffer {
  const random = generator(seed)
  const copy = Buffer.from(original)
  const at = random(copy.length)
  switch (random(4)) {
    case 0:
      return copy.subarray(0, at)
    case 1:
      copy.fill(random(256), at, Math.min(copy.length, at + 1 + random(8)))
      return copy
    case 2:
      return Buffer.concat([copy.subarray(0, at), Buffer.alloc(1 + random(40), random(256)), copy.subarray(at)])
    default:
      for (let flips = 1 + random(4); flips > 0; flips--) {
        const where = random(copy.length)
        copy[where] = copy[where]! ^ (1 << random(8))
      }
      return copy
  }
}

/** Whole numbers below `n`, the same ones for the same seed (mulberry32). */
export function generator(seed: number): (n: number) => number {
  let state = seed
  return (n) => {
    state = (state + 0x6d2b79f5) | 0
    let z = Math.imul(state ^ (state >>> 15), state | 1)
    z ^= z + Math.imul(z ^ (z >>> 7), z | 61)
    return ((z ^ (z >>> 14)) >>> 0) % n
  }
}
