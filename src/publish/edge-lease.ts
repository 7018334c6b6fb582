// What one edge may be enforcing, as far as can be known from here: a bound that is never too low. A value, and what
// events make of it; its keeper at the edge (edge/lease-keeper.ts) calls the same states FRESH, STALE and SAFE.
//
//   state    at the edge     what bounds it
//   UNKNOWN  any             nothing: it may hold what another leader granted, so nobody grows beside it. Where it
//                            surely does, or nothing is known of what it was granted, it is granted nothing either,
//                            for any grant might be more than what it has (isUntouchable)
//   LEASED   FRESH or STALE  the most of what it acknowledged and of what was granted since: it takes contents in order
//   SAFE     SAFE            its safe rates, for every lease it was given is over. What it was granted before can no
//                            longer be renewed; what it is granted next is new content that starts from safe
//   fading   STALE or SAFE   besides, it has not said for a while that it is FRESH, and may rise to its safe rates
//   stuck    any             besides, it is in hold or its driver refuses: what is in force stays when the lease ends
//
//   event           UNKNOWN becomes                LEASED becomes                   SAFE becomes
//   hear            LEASED: it applied what was    UNKNOWN: it applied what nobody  SAFE, at what it applied
//                   granted here, or nothing yet;  here knows
//                   SAFE where its leases are over
//   passTime        LEASED: what others granted    SAFE: every lease is over        SAFE
//                   is surely over, or its lines
//                   carry no more
//   grant           UNKNOWN                        LEASED                           LEASED: a lease comes of its stamp
//   takeOver        LEASED if everything that it may hold is known, else UNKNOWN
//   follow          LEASED, or SAFE where its lease is over; the same of assumeKnown, where it was UNKNOWN
//   markUnverified  UNKNOWN, unless it is stuck with what it showed, or was granted nothing
//   markUnreadable  UNKNOWN
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
// A machine that is replaced while its lease runs. What the next one acknowledges says nothing of what the one before
// still enforces from its memory: until its last lease is over, both count.
//
// Safe rates are granted with every content, and an edge falls to those of the content it holds: they are bounded here
// in the same way as rates.

import { compareSerial, type EdgeReport, isSameSerial, machineOf, type Serial } from '../model/lease.js'
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
const NEVER = Number.NEGATIVE_INFINITY

/** kbit/s by position in the edge's list of flows. */
export interface Columns {
  readonly rates: Uint32Array
  readonly safe: Uint32Array
}

/** A content that was granted, under its serial. */
export interface Grant extends Serial, Columns {}

/** What an earlier leader granted an edge, read back from the store. */
export interface EarlierGrants {
  readonly newest: Grant
  /** The most of every content that it may hold, as far as they are still known. */
  readonly most: Columns
  /** Whether nothing else can be in force there. */
  readonly isComplete: boolean
}

/** `isOver`: it is SAFE by what we granted, and may be anything by what others did. */
type State = { readonly name: 'UNKNOWN'; readonly isOver: boolean } | { readonly name: 'LEASED' | 'SAFE' }

const UNKNOWN: State = { name: 'UNKNOWN', isOver: false }
const LEASED: State = { name: 'LEASED' }
const SAFE: State = { name: 'SAFE' }

export interface EdgeLease {
  /** Of the plan, in the order of all columns. */
  readonly flows: readonly number[]
  readonly state: State
  readonly isFading: boolean
  /** When it said last that it is FRESH. */
  readonly freshAt: Milliseconds
  /** Its newest report, and when we read it; before the first, when we began to wait for it. */
  readonly report: EdgeReport | null
  readonly readAt: Milliseconds
  /** Newest stamp of each of the last boots: a report of a former boot may still be on its way. */
  readonly newestOf: ReadonlyMap<string, Milliseconds>
  /** The newest serial that it ever applied. */
  readonly applied: Serial | null
  /** What bounds it besides what was granted since. */
  readonly acknowledged: Columns
  /** What it said it applied when that became `acknowledged`; null: that came about in another way. */
  readonly shown: Serial | null
  /** The newest content it was granted; null: none that it may still take or renew. */
  readonly granted: Grant | null
  /** When it was granted something new under this plan. */
  readonly grantedAt: Milliseconds
  /** Contents it has not acknowledged, oldest first: all of them may be in force, `granted` the last. */
  readonly pending: readonly Grant[]
  /** The most of `acknowledged` and `pending`. */
  readonly most: Columns
  /** What it could be enforcing when its lease ran out, until it says that it moved on. */
  readonly lapsed: Columns | null
  /** By our clock, when every lease it was given is surely over. */
  readonly end: Milliseconds
  /** When what others granted it before we knew it is surely over: nothing that we say renews that. */
  readonly foreignEnd: Milliseconds
  /** Others have granted it what is not all known here, and that may be on its way. */
  readonly inherits: boolean
  /** Last content that was granted together with the order to hold. */
  readonly holdGranted: Serial | null
  /** What the machine that was replaced may still enforce. */
  readonly predecessor: Predecessor | null
}

interface Predecessor extends Columns {
  /** By our clock, when every lease that it was given is surely over. */
  readonly end: Milliseconds
}

/** An edge of which nothing is known yet. */
export const unknownLease = (flows: readonly number[], now: Milliseconds, term: Milliseconds): EdgeLease => ({
  ...{ flows, state: UNKNOWN, isFading: false, freshAt: now, report: null, readAt: now, newestOf: new Map() },
  ...{ applied: null, acknowledged: columns(flows.length), shown: null, granted: null, grantedAt: NEVER, pending: [] },
  ...{ most: columns(flows.length), lapsed: null, holdGranted: null, inherits: false },
  ...{ predecessor: null, end: now + term + GRACE, foreignEnd: now + term + GRACE },
})

// ---- what is read of it

export const isKnown = ({ state }: EdgeLease): boolean => state.name !== 'UNKNOWN'
/** Whether every lease that we gave it is over. */
export const isOver = ({ state }: EdgeLease): boolean =>
  state.name === 'UNKNOWN' ? state.isOver : state.name === 'SAFE'

/** Whether anything was granted that is known here. */
export const hasGrant = ({ granted }: EdgeLease): boolean => granted?.rates.some((kbps) => kbps > 0) ?? false
/** Nothing may be granted yet: see UNKNOWN above. */
export const isUntouchable = (lease: EdgeLease): boolean => !isKnown(lease) && !hasGrant(lease)

/** Whether what it enforces stays although its lease is gone. */
export const isStuck = (lease: EdgeLease): boolean => lease.holdGranted !== null || saysStuck(lease)

const saysStuck = ({ report }: EdgeLease): boolean =>
  report?.enforcement === 'hold' || ['DRIVER', 'FOREIGN_QDISC'].includes(report?.refusal?.code ?? '')

/** Stuck with what it acknowledged: whatever it was granted since, or by whom, it is that. */
const isSettled = (lease: EdgeLease): boolean =>
  isKnown(lease) && saysStuck(lease) && isSameSerial(lease.shown, lease.report?.applied ?? null)

/** When its newest report was read. */
export const reportAt = ({ report, readAt }: EdgeLease): Milliseconds => (report ? readAt : NEVER)

/** What it acknowledged of the flow at this position, kbit/s; NaN: nothing yet, or it may hold something else. */
export const acknowledgedRate = (lease: EdgeLease, position: number): KilobitsPerSecond =>
  isKnown(lease) && lease.applied ? lease.acknowledged.rates[position]! : Number.NaN

/** Whether it may rise, or have fallen, to its safe rates. */
export const mayRise = (lease: EdgeLease): boolean => lease.isFading || isOver(lease)
/** The most that may be in force of the flow at this position, kbit/s. */
export const boundOf = (lease: EdgeLease, position: number): KilobitsPerSecond =>
  Math.max(boundOfGranted(lease, position), mayRise(lease) ? boundOfSafe(lease, position) : 0)
/** The most it may hold by what it was granted, or fell to; without what it may rise to by itself, kbit/s. */
export const boundOfGranted = ({ most }: EdgeLease, position: number): KilobitsPerSecond => most.rates[position]!
/** The most it may fall to or rise to when it is left alone, kbit/s. */
export const boundOfSafe = ({ most }: EdgeLease, position: number): KilobitsPerSecond => most.safe[position]!

// ---- what events make of it

/** stale: it was heard before. heard. freed: room may have become free by it. */
export type Verdict = 'stale' | 'heard' | 'freed'

/** It says what it applied; `boot` is kbit/s a flow has at an edge without memory. */
export function hear(
  before: EdgeLease,
  report: EdgeReport,
  now: Milliseconds,
  boot: () => Columns,
): { readonly lease: EdgeLease; readonly verdict: Verdict } {
  const { stamp, applied, state } = report
  if (stamp.at <= (before.newestOf.get(stamp.boot) ?? NEVER)) return { lease: before, verdict: 'stale' }
  const others = [...before.newestOf].filter(([other]) => other !== stamp.boot)
  const newestOf = new Map([...others.slice(1 - BOOTS_KEPT), [stamp.boot, stamp.at]])
  let lease = changed(succeeded(before, report, now), {
    ...{ report, readAt: now, newestOf, ...(state === 'FRESH' && { freshAt: now }) },
  })
  if (isStuck(lease) && lease.lapsed) {
    // It was stuck when its lease ran out, and nobody had heard of it.
    lease = bounded(lease, { acknowledged: mostOf(lease.acknowledged, lease.lapsed), lapsed: null })
  }
  if (!applied) return { lease: startFrom(lease, boot()), verdict: isKnown(lease) ? 'heard' : 'freed' }
  // What an edge falls to when it is left alone is what the policy says, unless it was granted something else.
  if (isUntouchable(lease) && state === 'SAFE' && !saysStuck(lease)) lease = startFrom(lease, boot())
  const { holdGranted, pending } = lease
  if (holdGranted && report.enforcement !== 'hold' && compareSerial(applied, holdGranted) > 0)
    lease = changed(lease, { holdGranted: null })
  if (lease.applied && compareSerial(applied, lease.applied) <= 0) {
    // What it applied only rises. Where it had said too much, its next true word must not be taken for an old one.
    const isBelow = compareSerial(applied, lease.applied) < 0
    return { lease: isBelow ? changed(lease, { applied: serialOf(applied) }) : lease, verdict: 'heard' }
  }
  lease = changed(lease, { applied: serialOf(applied) })
  const reached = pending.findLastIndex((content) => compareSerial(content, applied) <= 0)
  const content = pending[reached]
  if (!content) return { lease, verdict: 'heard' }
  // An earlier leader granted it that, and nobody here knows what it was.
  if (lease.inherits && now <= lease.foreignEnd && !isSameSerial(content, applied))
    return { lease: changed(lease, { state: unknown(lease) }), verdict: 'heard' }
  const moved = { acknowledged: content, shown: lease.applied, pending: pending.slice(reached + 1), lapsed: null }
  return { lease: bounded(lease, { ...moved, state: known(lease) }), verdict: 'freed' }
}

/** Another machine speaks as this edge. That the one before may be stuck is no matter: a person said it is replaced. */
function succeeded(lease: EdgeLease, report: EdgeReport, now: Milliseconds): EdgeLease {
  const { most, end, predecessor } = lease
  const [was, is] = [lease.report?.instance, report.instance]
  if (was === undefined || is === undefined || machineOf(was) === machineOf(is) || now > end) return lease
  const kept = predecessor ? mostOf(most, predecessor) : most
  return bounded(lease, { predecessor: { ...kept, end: Math.max(end, predecessor?.end ?? end) } })
}

/** Of a kernel that takes no orders a restarted agent says that it applied nothing: it keeps what it has. */
function startFrom(lease: EdgeLease, boot: Columns): EdgeLease {
  const { acknowledged } = lease
  const [kept, begun] = isKnown(lease) ? [true, { ...boot, safe: acknowledged.safe }] : [saysStuck(lease), boot]
  return bounded(lease, { state: known(lease), acknowledged: kept ? mostOf(acknowledged, begun) : boot })
}

/**
 * Time passes. `safe`: what an edge falls to that we never granted anything, kbit/s; `lines`: the most that one has
 * kept which says that it keeps what it has.
 */
export function passTime(
  before: EdgeLease,
  now: Milliseconds,
  fadesAfter: Milliseconds,
  safe: () => Uint32Array,
  lines: () => Uint32Array,
): EdgeLease {
  const isFading = now - before.freshAt > fadesAfter
  let lease = isFading === before.isFading ? before : changed(before, { isFading })
  if (lease.predecessor && now > lease.predecessor.end) lease = bounded(lease, { predecessor: null })
  const stuck = isStuck(lease)
  // Whoever speaks and never says what it has must not keep others from growing for longer than a lease.
  if (!isKnown(lease) && now > lease.foreignEnd) {
    const kept = { rates: stuck ? lines() : safe(), safe: safe() }
    lease = bounded(lease, { state: known(lease), acknowledged: mostOf(lease.most, kept) })
  }
  if (isOver(lease) || now <= lease.end) return lease
  const { most } = lease
  const floor = isKnown(lease) ? most.safe : mostOf(most, { rates: most.rates, safe: safe() }).safe
  const kept = mostOf(most, { rates: floor, safe: floor })
  return bounded(lease, {
    ...{ state: SAFE, granted: null, pending: [] },
    lapsed: stuck || !isKnown(lease) ? null : kept,
    acknowledged: stuck ? kept : { rates: floor, safe: floor },
    shown: stuck ? lease.shown : null,
  })
}

/** A message is on its way: from now on it may be in force. `content` null: nothing new, the lease is renewed. */
export function grant(
  lease: EdgeLease,
  serial: Serial,
  content: Columns | null,
  ordered: Enforcement,
  now: Milliseconds,
  term: Milliseconds,
): EdgeLease {
  // Without a stamp no lease can come of it: the edge counts from the stamp it is echoed, and from nothing else.
  const end = lease.report ? Math.max(lease.end, lease.readAt + term + GRACE) : lease.end
  const holdGranted = ordered === 'hold' ? serialOf(serial) : lease.holdGranted
  const renewed = changed(lease, { end, holdGranted, state: now <= end ? running(lease) : lease.state })
  if (!content) return renewed
  const granted = { ...serialOf(serial), ...content }
  const [a, b, ...rest] = lease.pending
  const isFull = lease.pending.length === PENDING_MOST
  const unacknowledged = isFull ? [{ ...b!, ...mostOf(a!, b!) }, ...rest] : lease.pending
  return bounded(renewed, { granted, grantedAt: now, pending: [...unacknowledged, granted] })
}

/** Takes over from another leader: all that it granted may be in force, under leases that began at the latest now. */
export function takeOver(
  lease: EdgeLease,
  { newest, most, isComplete }: EarlierGrants,
  now: Milliseconds,
  term: Milliseconds,
): EdgeLease {
  const isNewest = isSameSerial(lease.report?.applied ?? lease.applied, newest)
  return bounded(lease, {
    state: isComplete || isSettled(lease) ? LEASED : UNKNOWN,
    // How long it has not been FRESH was known to the other leader only.
    ...{ isFading: true, freshAt: NEVER, inherits: true },
    shown: isNewest ? serialOf(newest) : lease.shown,
    acknowledged: isNewest ? newest : mostOf(lease.most, most),
    ...{ pending: isNewest ? [] : [newest], granted: newest, grantedAt: now },
    ...{ end: Math.max(lease.end, now + term + GRACE), foreignEnd: now + term + GRACE },
  })
}

/** Keeps up with a leader that is another process. */
export function follow(lease: EdgeLease, newest: Grant, now: Milliseconds, term: Milliseconds): EdgeLease {
  const applied = lease.report?.applied ?? null
  const isBehind = isKnown(lease) && (applied === null ? saysStuck(lease) : compareSerial(applied, newest) < 0)
  const end = lease.readAt + term + GRACE
  const isLate = now > end
  return bounded(lease, {
    ...{ state: isLate ? SAFE : LEASED, end, inherits: false, granted: newest },
    shown: isSameSerial(applied, newest) ? serialOf(newest) : isBehind ? lease.shown : null,
    acknowledged: isLate ? { rates: newest.safe, safe: newest.safe } : isBehind ? lease.acknowledged : newest,
    pending: !isLate && isBehind ? [newest] : [],
  })
}

/** Nobody kept what another leader granted it: what is known may be old until it acknowledges what we grant. */
export function markUnverified(lease: EdgeLease, now: Milliseconds, term: Milliseconds): EdgeLease {
  if (!hasGrant(lease) || isSettled(lease)) return lease
  return changed(lease, { state: unknown(lease), inherits: true, foreignEnd: now + term + GRACE })
}

/** Somebody granted it what cannot be read here, so for a lease from now it may hold anything. */
export function markUnreadable(lease: EdgeLease, now: Milliseconds, term: Milliseconds): EdgeLease {
  return bounded(lease, {
    ...{ state: UNKNOWN, inherits: true, shown: null, granted: null, pending: [] },
    // It may fall to the safe rates of what we granted it, though it has not acknowledged them.
    acknowledged: { rates: lease.acknowledged.rates, safe: lease.most.safe },
    ...{ end: Math.max(lease.end, now + term + GRACE), foreignEnd: now + term + GRACE },
  })
}

/** Nobody has to speak there before it is known what may be in force. */
export const assumeKnown = (lease: EdgeLease): EdgeLease => changed(lease, { state: known(lease) })

/** The same edge under another plan: `from[k]` is where its flow k stood before, or -1; absent: where it stands now. */
export function replan(lease: EdgeLease, flows: readonly number[], from?: readonly number[]): EdgeLease {
  if (from === undefined) return changed(lease, { flows, grantedAt: NEVER })
  const placed = <C extends Columns>(content: C): C => ({
    ...content,
    rates: atPlaces(content.rates, from),
    safe: atPlaces(content.safe, from),
  })
  const { acknowledged, granted, lapsed, pending, predecessor } = lease
  return bounded(lease, {
    predecessor: predecessor && placed(predecessor),
    ...{ flows, acknowledged: placed(acknowledged), granted: granted && placed(granted), grantedAt: NEVER },
    ...{ lapsed: lapsed && placed(lapsed), pending: pending.map(placed) },
  })
}

const unknown = (lease: EdgeLease): State => ({ name: 'UNKNOWN', isOver: isOver(lease) })
const known = (lease: EdgeLease): State => (isOver(lease) ? SAFE : LEASED)
const running = (lease: EdgeLease): State => (isKnown(lease) ? LEASED : UNKNOWN)

/** Made in one way, so that all have one shape in memory: they are read for every flow. */
const changed = (before: EdgeLease, changes: Partial<EdgeLease>): EdgeLease => Object.assign({ ...before }, changes)

/** With these changes, and the bound that comes of them. */
function bounded(before: EdgeLease, changes: Partial<Omit<EdgeLease, 'most'>>): EdgeLease {
  const { pending, acknowledged, predecessor } = { ...before, ...changes }
  const held = predecessor ? mostOf(acknowledged, predecessor) : acknowledged
  return changed(before, { ...changes, most: pending.reduce<Columns>(mostOf, held) })
}

/** How long after it last said that it is FRESH an edge may be about to rise to its safe rates: see above. */
export function fadingAfter(timing: Timing, line: LineProfile): Milliseconds {
  const maxSilence = staleAfter(timing, line) + timing.tick
  return Math.max(maxSilence, (timing.lease - GRACE - maxSilence) / 2)
}

const serialOf = ({ epoch, seq }: Serial): Serial => ({ epoch, seq })

const columns = (n: number): Columns => ({ rates: new Uint32Array(n), safe: new Uint32Array(n) })

const mostOf = (a: Columns, b: Columns): Columns => ({ rates: more(a.rates, b.rates), safe: more(a.safe, b.safe) })

function more(a: Uint32Array, b: Uint32Array): Uint32Array {
  const most = new Uint32Array(a.length)
  for (let k = 0; k < a.length; k++) most[k] = Math.max(a[k]!, b[k]!)
  return most
}

/** What stood at these places; nothing stood at -1. */
function atPlaces(column: Uint32Array, places: readonly number[]): Uint32Array {
  const moved = new Uint32Array(places.length)
  for (let k = 0; k < places.length; k++) moved[k] = places[k]! < 0 ? 0 : column[places[k]!]!
  return moved
}
