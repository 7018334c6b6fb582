// When an edge does what it does again and again, and how long it waits for others, by its profile and its line.

import type { EdgeProfile } from '../model/lease.js'
import { LINE_TIMERS, staleAfter } from '../model/line.js'
import { DEFAULT_TIMING } from '../model/network.js'
import type { Milliseconds } from '../model/units.js'

/** Losses that nothing else shows are found by reading the snapshot anyway. */
export const ANTI_ENTROPY: Milliseconds = 30_000
/** Others have hands too: what stands is read again this often, and the end of the lease is remembered as often. */
export const RECHECK: Milliseconds = 10_000
/** A link that brings nothing is made anew when the edge turns STALE, and then this often. */
export const RECONNECT: Milliseconds = 30_000

export interface Rhythm {
  readonly tick: Milliseconds
  /** Without a message for so long the edge is STALE. */
  readonly staleAfter: Milliseconds
  /** Between reports that nothing calls for. */
  readonly reports: Milliseconds
}

/** An edge that knows no profile yet keeps the usual time. */
export function rhythmOf(profile: EdgeProfile | null): Rhythm {
  const timing = profile ?? DEFAULT_TIMING
  const line = profile?.line ?? 'fibre'
  return { tick: timing.tick, staleAfter: staleAfter(timing, line), reports: LINE_TIMERS[line].reports }
}
