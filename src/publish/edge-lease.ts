// What one edge may be enforcing, as far as can be known from here: a bound that is never too low.
//
//   unknown      nothing bounds it: it may hold what another leader granted, and nobody grows beside it until it says
//                that it moved on or a lease has passed. Where it surely holds that, or nothing is known of what it was
//                granted, it is granted nothing either, for any grant might be more than what it has
//   under lease  the most of what it acknowledged and of what was granted since: it takes contents in their order
//   fading       it has not said for a while that it is FRESH: it may rise to its safe rates, so these count as well
//   expired      every lease it was given is over: its safe rates count, and what it was granted before can no longer
//                be renewed. What it is granted next is new content that starts from safe
//   stuck        in hold, or its driver refuses: what is in force stays whatever the lease does, so it never falls
//   no memory    it has applied nothing yet and shapes each site at its boot rate
//
// When a lease is over. By the edge's clock that is at the newest stamp it was ever sent plus the lease. We read that
// stamp after it was made, so "when we read it + lease + grace" by our clock is never earlier.
//
// When an edge begins to fade. It rises to its safe rates two leases after the last message (edge/lease-keeper.ts), and
// said that it is FRESH no later than `maxSilence` after that message: what its line allows, and a tick. Others let go
// of what they hold one lease and grace after they could be granted less. So others are granted less in time if
//
//   a report's way + until it fades + maxSilence + lease + grace  <=  2 leases
//
// and what a lease has to spare is divided evenly between the two that come first. It never fades within `maxSilence`,
// for that is how far apart reports may come in quiet weather; so this holds for leases of grace + 3 maxSilence or
// more: 17 s over fibre where a tick is one, 44 s over a satellite.
//
// Safe rates are granted with every content, and an edge falls to those of the content it holds: they are bounded here
// in the same way as rates.

import type { EdgeReport, Serial, Stamp } from '../model/lease.js'
import { compareSerial } from '../model/lease.js'
import { staleAfter } from '../model/line.js'
import type { Enforcement, LineProfile, Timing } from '../model/network.js'
import type { KilobitsPerSecond, Milliseconds } from '../model/units.js'

/** How long a killed agent may take to come back and notice that its lease is gone. */
export const GRACE: Milliseconds = 5_000
/**
 * How long after its edge last heard of it a content is of use to who leads next: well before two leases are over, when
 * the edge rises to its safe rates and what it was granted would be a change.
 */
export const contentLife = (lease: Milliseconds): Milliseconds => Math.max(lease, 2 * lease - GRACE)
/** Contents that may be unacknowledged before the oldest two are merged into their maximum. */
const PENDING_MOST = 8
const BOOTS_KEPT = 4

/** kbit/s by position in the edge's list of flows. */
export interface Columns {
  readonly rates: Uint32Array
  readonly safe: Uint32Array
}

/** A content that was granted, under its serial. */
export interface Grant extends Serial, Columns {}

/** What an earlier leader granted an edge, read back from the store. */
export interface EarlierGrants {
  /** The newest content. */
  readonly newest: Grant
  /** The most of every content that it may hold, as far as they are still known. */
  readonly most: Columns
  /** Whether nothing else can be in force there. */
  readonly isComplete: boolean
}

export class EdgeLease {
  readonly id: string
  readonly flows: readonly number[]
  /** False until what the edge enforces is bounded by `acknowledged` and what is pending. */
  known = false
  expired = false
  fading = false
  acknowledgedSerial: Serial | null = null
  /** Newest stamp read from it, and when we read it. */
  stamp: Stamp | null = null
  stampReadAt: Milliseconds
  report: EdgeReport | null = null
  reportAt: Milliseconds = Number.NEGATIVE_INFINITY
  acknowledged: Columns
  /** What it was granted last; 0: never. */
  granted: Columns
  /** When it was granted something new under this plan. */
  grantedAt: Milliseconds = Number.NEGATIVE_INFINITY
  /** By our clock, when every lease it was given is surely over. */
  leaseEnd: Milliseconds
  #pending: Grant[] = []
  #freshAt: Milliseconds
  /** When what others granted it before we knew it is surely over: nothing that we say renews that. */
  #foreignEnd: Milliseconds
  /** Others have granted it what is not all known here, and that may be on its way. */
  #inherits = false
  /** What it said it applied when that became `acknowledged`; null: that came about in another way. */
  #shown: Serial | null = null
  /** Newest stamp of each of the last boots: a report of a former boot may still be on its way. */
  #newest: ReadonlyMap<string, Milliseconds> = new Map()
  /** Last content that was granted together with the order to hold. */
  #holdGranted: Serial | null = null
  #most: Columns
  /** What it could be enforcing when its lease ran out, until it says that it moved on. */
  #lapsed: Columns | null = null

  constructor(id: string, flows: readonly number[], now: Milliseconds, lease: Milliseconds) {
    this.id = id
    this.flows = flows
    this.stampReadAt = now
    this.#freshAt = now
    this.leaseEnd = now + lease + GRACE
    this.#foreignEnd = this.leaseEnd
    this.acknowledged = columns(flows.length)
    this.granted = columns(flows.length)
    this.#most = columns(flows.length)
  }

  /** The same edge under another plan: `from[k]` is where its flow k stood before, or -1. */
  carry(before: EdgeLease, from: readonly number[]): void {
    const carried = ({ rates, safe }: Columns): Columns => ({
      rates: Uint32Array.from(from, (k) => rates[k] ?? 0),
      safe: Uint32Array.from(from, (k) => safe[k] ?? 0),
    })
    const { known, expired, fading, acknowledgedSerial, stamp, stampReadAt, report, reportAt, leaseEnd } = before
    Object.assign(this, {
      ...{ known, expired, fading, acknowledgedSerial, stamp, stampReadAt, report, reportAt, leaseEnd },
      acknowledged: carried(before.acknowledged),
      granted: carried(before.granted),
    })
    this.#pending = before.#pending.map(({ epoch, seq, ...granted }) => ({ epoch, seq, ...carried(granted) }))
    this.#freshAt = before.#freshAt
    this.#foreignEnd = before.#foreignEnd
    this.#newest = before.#newest
    this.#holdGranted = before.#holdGranted
    this.#inherits = before.#inherits
    this.#shown = before.#shown
    this.#lapsed = before.#lapsed && carried(before.#lapsed)
    this.#settle()
  }

  /** Whether anything was granted that is known here. */
  get hasGrant(): boolean {
    return this.granted.rates.some((kbps) => kbps > 0)
  }

  /** Nothing may be granted yet: see `unknown` above. */
  get isUntouchable(): boolean {
    return !this.known && !this.hasGrant
  }

  /** Whether what it enforces stays although its lease is gone. */
  get isStuck(): boolean {
    return this.#holdGranted !== null || this.#saysStuck
  }

  get #saysStuck(): boolean {
    const code = this.report?.refusal?.code
    return this.report?.enforcement === 'hold' || code === 'DRIVER' || code === 'FOREIGN_QDISC'
  }

  /** Stuck with what it acknowledged: whatever it was granted since, or by whom, it is that. */
  get #isSettled(): boolean {
    return this.known && this.#saysStuck && isSame(this.#shown, this.report?.applied ?? null)
  }

  /** The most that may be in force of the flow at this position, kbit/s. */
  bound(position: number): KilobitsPerSecond {
    const rate = this.#most.rates[position]!
    return this.fading || this.expired ? Math.max(rate, this.#most.safe[position]!) : rate
  }

  /** The most it may hold by what it was granted, or fell to; without what it may rise to by itself, kbit/s. */
  boundOfGranted(position: number): KilobitsPerSecond {
    return this.#most.rates[position]!
  }

  /** The most it may fall to or rise to when it is left alone, kbit/s. */
  boundOfSafe(position: number): KilobitsPerSecond {
    return this.#most.safe[position]!
  }

  /** Takes in what the edge says it applied; `boot` is kbit/s a flow has at an edge without memory. */
  acknowledge(report: EdgeReport, now: Milliseconds, boot: () => Columns): 'stale' | 'heard' | 'freed' {
    const { stamp, applied, state } = report
    if (stamp.at <= (this.#newest.get(stamp.boot) ?? Number.NEGATIVE_INFINITY)) return 'stale'
    const others = [...this.#newest].filter(([boot]) => boot !== stamp.boot)
    this.#newest = new Map([...others.slice(1 - BOOTS_KEPT), [stamp.boot, stamp.at]])
    this.report = report
    this.reportAt = now
    this.stamp = stamp
    this.stampReadAt = now
    if (state === 'FRESH') this.#freshAt = now
    if (this.isStuck && this.#lapsed) {
      // It was stuck when its lease ran out, and nobody had heard of it.
      this.acknowledged = mostOf(this.acknowledged, this.#lapsed)
      this.#lapsed = null
      this.#settle()
    }
    if (!applied) return this.#startFrom(boot())
    // What an edge falls to when it is left alone is what the policy says, unless it was granted something else.
    if (this.isUntouchable && state === 'SAFE' && !this.#saysStuck) this.#startFrom(boot())
    if (this.#holdGranted && report.enforcement !== 'hold' && compareSerial(applied, this.#holdGranted) > 0) {
      this.#holdGranted = null
    }
    if (this.acknowledgedSerial && compareSerial(applied, this.acknowledgedSerial) <= 0) return 'heard'
    this.acknowledgedSerial = { epoch: applied.epoch, seq: applied.seq }
    const reached = this.#pending.findLastIndex((granted) => compareSerial(granted, applied) <= 0)
    if (reached < 0) return 'heard'
    if (this.#inherits && now <= this.#foreignEnd && !isSame(this.#pending[reached]!, applied)) {
      // An earlier leader granted it that, and nobody here knows what it was.
      this.known = false
      return 'heard'
    }
    this.acknowledged = this.#pending[reached]!
    this.#shown = this.acknowledgedSerial
    this.#pending = this.#pending.slice(reached + 1)
    this.known = true
    this.#lapsed = null
    this.#settle()
    return 'freed'
  }

  #startFrom(boot: Columns): 'heard' | 'freed' {
    const isNew = !this.known
    this.known = true
    this.acknowledged = isNew ? boot : mostOf(this.acknowledged, { ...boot, safe: this.acknowledged.safe })
    this.#settle()
    return isNew ? 'freed' : 'heard'
  }

  /** Lets the lease end if it is surely over. `safe`: what an edge falls to that we never granted anything, kbit/s. */
  expire(now: Milliseconds, fadesAfter: Milliseconds, safe: () => Uint32Array): boolean {
    this.fading = now - this.#freshAt > fadesAfter
    // Whoever speaks and never says what it has must not keep others from growing for longer than a lease.
    if (!this.known && !this.isStuck && now > this.#foreignEnd) {
      const rates = safe()
      this.acknowledged = mostOf(this.#most, { rates, safe: rates })
      this.known = true
      this.#settle()
    }
    if (this.expired || now <= this.leaseEnd) return false
    this.expired = true
    const floor = this.known ? this.#most.safe : mostOf(this.#most, { rates: this.#most.rates, safe: safe() }).safe
    const kept = mostOf(this.#most, { rates: floor, safe: floor })
    this.#lapsed = this.isStuck || !this.known ? null : kept
    this.acknowledged = this.isStuck ? kept : { rates: floor, safe: floor }
    if (!this.isStuck) this.#shown = null
    this.known = true
    this.#pending = []
    this.granted = columns(this.flows.length)
    this.#settle()
    return true
  }

  /** Notes a message on its way: from now on it may be in force. `columns` null: nothing new, the lease is renewed. */
  noteGranted(
    serial: Serial,
    granted: Columns | null,
    ordered: Enforcement,
    now: Milliseconds,
    lease: Milliseconds,
  ): void {
    // Without a stamp no lease can come of it: the edge counts from the stamp it is echoed, and from nothing else.
    if (this.stamp) this.leaseEnd = Math.max(this.leaseEnd, this.stampReadAt + lease + GRACE)
    if (now <= this.leaseEnd) this.expired = false
    const { epoch, seq } = serial
    if (ordered === 'hold') this.#holdGranted = { epoch, seq }
    if (!granted) return
    this.granted = granted
    this.grantedAt = now
    this.#pending.push({ epoch, seq, ...granted })
    if (this.#pending.length > PENDING_MOST) {
      const [a, b] = this.#pending.splice(0, 2) as [Grant, Grant]
      this.#pending.unshift({ ...b, ...mostOf(a, b) })
    }
    this.#settle()
  }

  /** Takes over from another leader: all that it granted may be in force, under leases that began at the latest now. */
  recover({ newest, most, isComplete }: EarlierGrants, now: Milliseconds, lease: Milliseconds): void {
    const applied = this.report?.applied ?? this.acknowledgedSerial
    const isNewest = isSame(applied, newest)
    this.known = isComplete || this.#isSettled
    this.#inherits = true
    if (isNewest) this.#shown = { epoch: newest.epoch, seq: newest.seq }
    this.acknowledged = isNewest ? newest : mostOf(this.#most, most)
    this.#pending = isNewest ? [] : [newest]
    this.granted = newest
    this.grantedAt = now
    this.expired = false
    this.leaseEnd = Math.max(this.leaseEnd, now + lease + GRACE)
    this.#foreignEnd = now + lease + GRACE
    // How long it has not been FRESH was known to the other leader only.
    this.#freshAt = Number.NEGATIVE_INFINITY
    this.fading = true
    this.#settle()
  }

  /** Nobody kept what another leader granted it: what is known may be old until it acknowledges what we grant. */
  markUnverified(now: Milliseconds, lease: Milliseconds): void {
    if (!this.hasGrant || this.#isSettled) return
    this.known = false
    this.#inherits = true
    this.#foreignEnd = now + lease + GRACE
  }

  /** Somebody granted it what cannot be read here, so for a lease from now it may hold anything. */
  markUnreadable(now: Milliseconds, lease: Milliseconds): void {
    this.known = false
    this.#inherits = true
    this.#shown = null
    this.expired = false
    this.granted = columns(this.flows.length)
    // It may fall to the safe rates of what we granted it, though it has not acknowledged them.
    this.acknowledged = { rates: this.acknowledged.rates, safe: this.#most.safe }
    this.#pending = []
    this.leaseEnd = Math.max(this.leaseEnd, now + lease + GRACE)
    this.#foreignEnd = now + lease + GRACE
    this.#settle()
  }

  /** Keeps up with a leader that is another process. */
  follow(newest: Grant, now: Milliseconds, lease: Milliseconds): void {
    const applied = this.report?.applied
    const held = applied && compareSerial(applied, newest) < 0 && this.known ? this.acknowledged : newest
    this.#inherits = false
    if (isSame(applied ?? null, newest)) this.#shown = { epoch: newest.epoch, seq: newest.seq }
    else if (held === newest) this.#shown = null
    this.leaseEnd = this.stampReadAt + lease + GRACE
    this.expired = now > this.leaseEnd
    this.known = true
    this.granted = newest
    this.acknowledged = this.expired ? { rates: newest.safe, safe: newest.safe } : held
    this.#pending = this.expired || held === newest ? [] : [newest]
    this.#settle()
  }

  #settle(): void {
    this.#most = this.#pending.reduce<Columns>((most, granted) => mostOf(most, granted), this.acknowledged)
  }
}

/** How long after it last said that it is FRESH an edge may be about to rise to its safe rates: see above. */
export function fadingAfter(timing: Timing, line: LineProfile): Milliseconds {
  const maxSilence = staleAfter(timing, line) + timing.tick
  return Math.max(maxSilence, (timing.lease - GRACE - maxSilence) / 2)
}

const isSame = (a: Serial | null, b: Serial | null): boolean => a !== null && b !== null && compareSerial(a, b) === 0

const columns = (n: number): Columns => ({ rates: new Uint32Array(n), safe: new Uint32Array(n) })

export const mostOf = (a: Columns, b: Columns): Columns => ({
  rates: a.rates.map((kbps, k) => Math.max(kbps, b.rates[k]!)),
  safe: a.safe.map((kbps, k) => Math.max(kbps, b.safe[k]!)),
})
