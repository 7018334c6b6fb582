// The lease of an edge as a value: every event from every state, as the table above edge-lease.ts has it.

import t from 'tap'
import type { EdgeReport, Serial } from '../../src/model/lease.js'
import {
  assumeKnown,
  type Columns,
  type EdgeLease,
  follow,
  GRACE,
  grant,
  hear,
  markUnreadable,
  markUnverified,
  passTime,
  replan,
  takeOver,
  unknownLease,
} from '../../src/publish/edge-lease.js'

const TERM = 10_000
const OVER = TERM + GRACE + 1
const FLOWS = [0, 1]

const at = (seq: number, epoch = 1): Serial => ({ epoch, seq })
const columns = (rate: number): Columns => ({ rates: Uint32Array.of(rate, rate), safe: Uint32Array.of(100, 100) })

function report(stamp: number, applied: Serial | null, more: Partial<EdgeReport> = {}): EdgeReport {
  return {
    ...{ edge: 'a', stamp: { boot: 'b', at: stamp }, reads: 2, agent: 'test', driver: 'model', simulated: true },
    applied: applied && { ...applied, crc: 0, profile: '' },
    ...{ state: 'FRESH', enforcement: 'enforce', refusal: null, generation: 1, counters: [] },
    ...more,
  }
}

const heard = (lease: EdgeLease, ...said: Parameters<typeof report>): EdgeLease =>
  hear(lease, report(...said), 1, () => columns(256)).lease
const [safe, lines] = [() => Uint32Array.of(100, 100), () => Uint32Array.of(900, 900)]
const passed = (lease: EdgeLease, now: number): EdgeLease => passTime(lease, now, 4_000, safe, lines)
const granted = (lease: EdgeLease, seq: number, rate = 500): EdgeLease =>
  grant(lease, at(seq), columns(rate), 'enforce', 1, TERM)
const earlier = (isComplete: boolean) => ({ newest: { ...at(9), ...columns(700) }, most: columns(800), isComplete })

const FIRST = unknownLease(FLOWS, 0, TERM)
/** One that was granted 500 under 1.1 and has it. */
const LEASED = heard(granted(heard(FIRST, 1, null), 1), 2, at(1))
const STATES = {
  UNKNOWN: takeOver(LEASED, earlier(false), 1, TERM),
  LEASED,
  SAFE: passed(LEASED, OVER + 1),
}

/** Event: what UNKNOWN, LEASED and SAFE become. */
const EVENTS: Record<string, readonly [(lease: EdgeLease) => EdgeLease, string, string, string]> = {
  'it applied what was granted here': [(l) => heard(granted(l, 10), 3, at(10)), 'LEASED', 'LEASED', 'LEASED'],
  'it applied what nobody here knows': [
    (l) => heard({ ...granted(l, 10), inherits: true }, 3, at(11)),
    ...(['UNKNOWN', 'UNKNOWN', 'UNKNOWN'] as const),
  ],
  'it has no memory': [(l) => heard(l, 3, null), 'LEASED', 'LEASED', 'SAFE'],
  'it says the same again': [(l) => heard(l, 3, at(1)), 'UNKNOWN', 'LEASED', 'SAFE'],
  'a moment passes': [(l) => passed(l, 2), 'UNKNOWN', 'LEASED', 'SAFE'],
  'a lease passes': [(l) => passed(l, 2 * OVER), 'SAFE', 'SAFE', 'SAFE'],
  'it is granted something': [(l) => granted(l, 10), 'UNKNOWN', 'LEASED', 'LEASED'],
  'all is known of the leader before': [(l) => takeOver(l, earlier(true), 1, TERM), 'LEASED', 'LEASED', 'LEASED'],
  'not all is known': [(l) => takeOver(l, earlier(false), 1, TERM), 'UNKNOWN', 'UNKNOWN', 'UNKNOWN'],
  'another grants it something': [(l) => follow(l, earlier(true).newest, 1, TERM), 'LEASED', 'LEASED', 'LEASED'],
  'and has not for a lease': [(l) => follow(l, earlier(true).newest, OVER + 1, TERM), 'SAFE', 'SAFE', 'SAFE'],
  'what it was granted is unverified': [(l) => markUnverified(l, 1, TERM), 'UNKNOWN', 'UNKNOWN', 'SAFE'],
  'what it was granted is unreadable': [(l) => markUnreadable(l, 1, TERM), 'UNKNOWN', 'UNKNOWN', 'UNKNOWN'],
  'nobody has to speak there': [assumeKnown, 'LEASED', 'LEASED', 'SAFE'],
  'another plan': [(l) => replan(l, [4, 5, 6], [1, -1, 0]), 'UNKNOWN', 'LEASED', 'SAFE'],
}

t.test('every event from every state', async (t) => {
  for (const [name, [event, ...becomes]] of Object.entries(EVENTS)) {
    for (const [k, [from, lease]] of Object.entries(STATES).entries()) {
      t.equal(lease.state.name, from)
      const before = structuredClone(lease)
      t.equal(event(lease).state.name, becomes[k], `${from}: ${name}`)
      t.same(lease, before, 'a lease is a value: what an event makes of it is another')
    }
  }
})

t.test('under another plan flows keep what they have, wherever they stand, and new ones have nothing', async (t) => {
  const lease = replan(granted(LEASED, 2, 900), [4, 5, 6], [1, -1, 0])
  t.same([...lease.most.rates], [900, 0, 900])
  t.same([...lease.acknowledged.rates], [500, 0, 500])
  t.match(lease.granted, { epoch: 1, seq: 2 })
  t.same([...lease.granted!.rates], [900, 0, 900])
})

t.test('a machine that is replaced may enforce what it has until its last lease is over', async (t) => {
  const [first, copy] = ['aaaaaaaa00000001', 'bbbbbbbb00000001']
  const said = (lease: EdgeLease, instance: string, boot: string, applied: Serial): EdgeLease =>
    hear(lease, report(9, applied, { instance, stamp: { boot, at: 9 } }), 1, () => columns(256)).lease
  const ofFirst = granted(said(LEASED, first, 'first', at(1)), 2, 300)
  const replaced = said(ofFirst, copy, 'copy', at(2))
  t.same([...replaced.acknowledged.rates], [300, 300], 'the copy has what was granted last')
  t.same([...replaced.most.rates], [500, 500], 'the first may not have heard of it')
  t.same([...said(replaced, copy, 'anew', at(2)).most.rates], [500, 500], 'whatever the copy says')
  t.same([...replan(replaced, [0, 1], [1, -1]).most.rates], [500, 0], 'under another plan too')
  t.same([...passed(replaced, ofFirst.end).most.rates], [500, 500])
  t.same(
    [...passed(replaced, ofFirst.end + 1).most.rates],
    [300, 300].map(() => 100),
    'and then no more',
  )
  const renewed = grant(replaced, at(2), null, 'enforce', 1_000, 2 * TERM)
  t.same([...passed(renewed, ofFirst.end + 1).most.rates], [300, 300], 'though the copy goes on')
  const restarted = said(ofFirst, 'aaaaaaaa00000002', 'restarted', at(2))
  t.same([...restarted.most.rates], [300, 300], 'an agent that is started anew has its machine to itself')
})

t.test('a kernel that takes no orders keeps what it may have, whatever its agent remembers', async (t) => {
  const refuses = { refusal: { code: 'DRIVER', detail: 'no such device' } } as const
  const most = ({ most: { rates } }: EdgeLease): number => Math.max(...rates)
  const restarted = heard(STATES.UNKNOWN, 3, null, refuses)
  t.match([restarted.state.name, most(restarted)], ['LEASED', 800], 'all that others may have granted it')
  t.equal(
    most(heard(STATES.UNKNOWN, 3, null)),
    700,
    'one that takes orders is at its boot rates, or at what it was granted',
  )
  const followed = follow(heard(LEASED, 3, null, refuses), { ...at(2), ...columns(300) }, 1, TERM)
  t.equal(most(followed), 500, 'also by who only follows')
  t.equal(most(follow(heard(LEASED, 3, null), { ...at(2), ...columns(300) }, 1, TERM)), 300)
})
