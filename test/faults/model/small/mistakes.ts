// Mistakes that a search must find: each is a place in the small world where one could be made, and what it does there.

import type { Keeping } from '../../../../src/edge/lease-keeper.js'
import type { EdgeReport } from '../../../../src/model/lease.js'
import { assumeKnown, type EdgeLease } from '../../../../src/publish/edge-lease.js'
import type { RateMessage } from '../../../../src/wire/messages.js'

type Leases = ReadonlyMap<string, EdgeLease>

export interface Mistake {
  /** What an edge makes of a message before it looks at it. */
  readonly granted?: (message: RateMessage, keeping: Keeping, now: number) => RateMessage
  /** What an edge says instead. */
  readonly said?: (report: EdgeReport, newest: RateMessage | null) => EdgeReport
  /** What becomes of a report that comes again. */
  readonly repeated?: (report: EdgeReport) => EdgeReport
  /** What an agent that was restarted takes for its lease. */
  readonly remembered?: (keeping: Keeping, now: number) => Keeping
  /** A controller takes leases for over so much too early, ms. */
  readonly expiresEarly?: number
  /** What a controller keeps in mind of what it granted. */
  readonly leases?: (leases: Leases) => Leases
  /** What one makes of what it took over. */
  readonly taken?: (leases: Leases, isStored: boolean) => Leases
  /** What one that begins takes edges for. */
  readonly begun?: (leases: Leases) => Leases
  /** The store takes what one publishes whose term is over. */
  readonly isUnfenced?: boolean
  /** One that stands by hears nothing of what edges are told. */
  readonly isUnheard?: boolean
}

const each = (leases: Leases, change: (lease: EdgeLease) => EdgeLease): Leases =>
  new Map([...leases].map(([edge, lease]) => [edge, change(lease)]))

export const MISTAKES: Readonly<Record<string, Mistake>> = {
  'growth before an acknowledgement': {
    said: (report, newest) =>
      newest && report.applied
        ? { ...report, applied: { ...report.applied, epoch: newest.epoch, seq: newest.seq } }
        : report,
  },
  'a lease from receipt': {
    granted: (message, _, now) => (message.stamp ? { ...message, stamp: { ...message.stamp, at: now } } : message),
  },
  'a lease that ends early for others': { expiresEarly: 12_000 },
  'a lease that begins anew with the agent': {
    remembered: (keeping, now) => ({ ...keeping, leaseEnd: now + keeping.lease }),
  },
  'a grant forgotten for a newer one': {
    leases: (leases) =>
      each(leases, (lease) => {
        const pending = lease.pending.slice(-1)
        const [last] = pending
        return last ? { ...lease, pending, most: mostOf(lease.acknowledged, last) } : lease
      }),
  },
  'a fence that is open': { isUnfenced: true },
  'an old report that counts as new': {
    repeated: (report) => ({ ...report, stamp: { ...report.stamp, at: report.stamp.at + 1 } }),
  },
  'a store that is believed when it is empty': {
    taken: (leases, isStored) => (isStored ? leases : each(leases, forgotten)),
  },
  'a controller that begins and takes edges for new': { begun: (leases) => each(leases, assumeKnown) },
  'one that stands by and does not listen': { isUnheard: true },
  'a serial that is not looked at': {
    granted: (message, { newest, content }) => ({
      ...message,
      ...{ epoch: newest.epoch, seq: newest.seq + 1 },
      baseSeq: content?.epoch === newest.epoch ? content.seq : 0,
    }),
  },
}

type Bound = Pick<EdgeLease['most'], 'rates' | 'safe'>

const mostOf = (a: Bound, b: Bound): Bound => ({
  rates: a.rates.map((rate, k) => Math.max(rate, b.rates[k]!)),
  safe: a.safe.map((rate, k) => Math.max(rate, b.safe[k]!)),
})

const forgotten = (lease: EdgeLease): EdgeLease =>
  assumeKnown({ ...lease, granted: null, pending: [], acknowledged: nothing(lease), most: nothing(lease) })

const nothing = ({ flows }: EdgeLease): Bound => ({
  rates: new Uint32Array(flows.length),
  safe: new Uint32Array(flows.length),
})
