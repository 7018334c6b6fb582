// What an edge may enforce, and until when: a pure state machine over messages and the edge's own clock.
//
// The lease. Each message echoes the newest stamp of this edge's clock that the controller had read. The lease ends at
// that stamp plus the lease, never at "now plus something": a message that was late, replayed or buffered while the
// process stood still cannot lengthen it. A stamp of another boot belongs to another clock and renews nothing.
//
//   FRESH      a message about the content held came within the last ticks
//   STALE      none came: keep the rates, say so
//   SAFE, 1    the lease is over: min(last, safe). Others may have been given what this edge no longer holds
//   SAFE, 2    two leases since the last message: safe. Now everyone counts on it
//
// The content. (epoch, seq) only rises. A snapshot replaces, a delta builds on the content its baseSeq names, a
// heartbeat renews the content its baseSeq names and nothing else; whatever builds on something else is a gap, and
// the snapshot is read. Nothing is refused for how much it takes away: a decrease is always safe.

import { compareSerial, type LeaseState, type RateRecord, recordsAfter, type Serial } from '../model/lease.js'
import type { Milliseconds } from '../model/units.js'
import type { RateMessage } from '../wire/messages.js'
import { atRate } from './fallback-rates.js'

/** A message that was decoded, with the checksum that names its very bytes. */
export interface Received {
  readonly message: RateMessage
  readonly crc: number
}

/** Rates as published, under the serial of the message that completed them. */
export interface Content extends Serial {
  readonly crc: number
  readonly revision: number
  readonly profile: string
  readonly records: readonly RateRecord[]
}

/** All instants are on the edge's monotonic clock of this boot. */
export interface Keeping {
  readonly boot: string
  readonly content: Content | null
  /** The newest message that was taken. */
  readonly newest: Serial
  /** Length of the lease, as told last. */
  readonly lease: Milliseconds
  readonly leaseEnd: Milliseconds
  /** When min(last, safe) becomes safe. A late message puts it off: what rises must not rise before others know. */
  readonly safeAt: Milliseconds
  readonly heardAt: Milliseconds
}

/** apply: there is new content. renew. old: seen before. gap: it builds on content that is not held. */
export type Verdict = 'apply' | 'renew' | 'old' | 'gap'

export interface Phase {
  readonly state: LeaseState
  /** 0: rates as published. 1: min(last, safe). 2: safe. */
  readonly step: 0 | 1 | 2
}

const NEVER = Number.NEGATIVE_INFINITY
/** One in which what others hold by older grants runs out, and one to hear of it and to tell them. */
const LEASES_UNTIL_SAFE = 2

/** An edge that was told nothing yet. */
export const emptyKeeping = (boot: string): Keeping => ({
  boot,
  content: null,
  newest: { epoch: 0, seq: 0 },
  lease: 0,
  leaseEnd: NEVER,
  safeAt: NEVER,
  heardAt: NEVER,
})

/**
 * An edge that remembers. `leaseEnd` counts only if it was written in this boot: another boot's clock says nothing
 * about ours, so the lease is taken as over. How long ago the last message came is not known: it is taken to be now.
 */
export function rememberedKeeping(
  boot: string,
  now: Milliseconds,
  memory: {
    readonly boot: string
    readonly content: Content
    readonly lease: Milliseconds
    readonly leaseEnd: Milliseconds
  },
): Keeping {
  const { content, lease } = memory
  const leaseEnd = memory.boot === boot ? Math.min(memory.leaseEnd, now + lease) : NEVER
  const { epoch, seq } = content
  return {
    ...emptyKeeping(boot),
    content,
    newest: { epoch, seq },
    lease,
    leaseEnd,
    safeAt: now + LEASES_UNTIL_SAFE * lease,
  }
}

/** Takes in one message. The message is known to be whole and meant for this edge (wire/codec.ts). */
export function receive(
  keeping: Keeping,
  { message, crc }: Received,
  now: Milliseconds,
): { readonly keeping: Keeping; readonly verdict: Verdict } {
  if (compareSerial(message, keeping.newest) <= 0) return { keeping, verdict: 'old' }
  if (message.kind !== 'snapshot' && !buildsOn(message, keeping.content)) return { keeping, verdict: 'gap' }
  const renewed = renew(keeping, message, now)
  if (message.kind === 'heartbeat') return { keeping: renewed, verdict: 'renew' }
  const { epoch, seq, revision, profile } = message
  const records =
    message.kind === 'snapshot' ? message.records : recordsAfter(keeping.content!.records, message.records)
  return { keeping: { ...renewed, content: { epoch, seq, crc, revision, profile, records } }, verdict: 'apply' }
}

/** FRESH, STALE or SAFE at this moment; `staleAfter` is how long an edge waits for a message. */
export function phaseAt(keeping: Keeping, now: Milliseconds, staleAfter: Milliseconds): Phase {
  if (now >= keeping.leaseEnd) return { state: 'SAFE', step: now >= keeping.safeAt ? 2 : 1 }
  return { state: now - keeping.heardAt >= staleAfter ? 'STALE' : 'FRESH', step: 0 }
}

/** The next moment at which the phase changes if nothing comes; Infinity: it does not. */
export function nextPhaseChange(keeping: Keeping, now: Milliseconds, staleAfter: Milliseconds): Milliseconds {
  const moments = [keeping.leaseEnd, keeping.safeAt, keeping.heardAt + staleAfter]
  return moments.reduce((next, at) => (at > now && at < next ? at : next), Number.POSITIVE_INFINITY)
}

/** The rates of the content as this step allows them; the content must be there. */
export function ratesAt(content: Content, step: Phase['step']): readonly RateRecord[] {
  if (step === 0) return content.records
  return content.records.map((record) => atRate(record, step === 1 ? Math.min(record.rate, record.safe) : record.safe))
}

function buildsOn(message: RateMessage, content: Content | null): boolean {
  return (
    content !== null &&
    content.epoch === message.epoch &&
    content.seq === message.baseSeq &&
    content.profile === message.profile
  )
}

function renew(keeping: Keeping, message: RateMessage, now: Milliseconds): Keeping {
  const { stamp, lease, epoch, seq } = message
  const ours = stamp !== null && stamp.boot === keeping.boot
  // A stamp that lies ahead of the clock it came from is no reason to trust it further than now.
  const leaseEnd = ours ? Math.min(stamp.at, now) + lease : keeping.leaseEnd
  const safeAt = now + LEASES_UNTIL_SAFE * lease
  return { ...keeping, newest: { epoch, seq }, lease, leaseEnd, safeAt, heardAt: now }
}
