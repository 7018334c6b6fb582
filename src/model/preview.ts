// What a change of the policy would do, before anyone feels it: who loses and who gains, under four demands, and which
// of the policy's tests begin to fail. Everything here speaks of need, never of rate.

import type { Direction } from './network.js'
import { isShortOf } from './shortfall.js'
import type { BitsPerSecond, UnixMilliseconds } from './units.js'

/** One service and direction of an institution, all its edges together. */
export interface Shift {
  readonly institution: string
  readonly service: string
  readonly direction: Direction
  /** Need before and after. */
  readonly before: BitsPerSecond
  readonly after: BitsPerSecond
  /** What is kept of its promise. Who gets as much as before may still get less of it by right. */
  readonly keptBefore: BitsPerSecond
  readonly keptAfter: BitsPerSecond
}

/** A promise that was kept and would not be. */
export interface BrokenPromise {
  readonly institution: string
  readonly service: string
  readonly direction: Direction
  readonly guarantee: BitsPerSecond
  /** What would be kept of it, and what is kept now. */
  readonly before: BitsPerSecond
  readonly after: BitsPerSecond
}

/** What an institution loses or gains one way: the sum of those of its services that do. */
export interface Sum {
  readonly before: BitsPerSecond
  readonly after: BitsPerSecond
  readonly keptBefore: BitsPerSecond
  readonly keptAfter: BitsPerSecond
}

/** It gets as much as before; of that less is promised to it. */
export const isPromiseAlone = ({ before, after, keptBefore, keptAfter }: Sum): boolean =>
  keptAfter < keptBefore && !isShortOf(after, before) && !isShortOf(before, after)

/** An institution once, however many flows it has. Null: nothing changes for it that way. */
export interface InstitutionShift {
  readonly institution: string
  readonly down: Sum | null
  readonly up: Sum | null
}

export interface LinkShift {
  readonly id: string
  readonly usable: BitsPerSecond
  /** Load of needs before and after. */
  readonly before: BitsPerSecond
  readonly after: BitsPerSecond
  /** Everyone's need no longer fits it. */
  readonly full: boolean
}

export interface Impact {
  /** The failure that is supposed; null: none. */
  readonly failure: string | null
  /** Largest change first, at most 1,000; `totals` counts all. */
  readonly gainers: readonly Shift[]
  readonly losers: readonly Shift[]
  readonly guaranteesBroken: readonly BrokenPromise[]
  readonly links: readonly LinkShift[]
  /** All of them, none left out, the largest change first; whose promises break by id. */
  readonly institutions: {
    readonly gainers: readonly InstitutionShift[]
    readonly losers: readonly InstitutionShift[]
    readonly guaranteesBroken: readonly string[]
  }
  /** Institutions, each counted once. */
  readonly totals: { readonly gainers: number; readonly losers: number; readonly guaranteesBroken: number }
}

/** Five minutes, of which an hour has twelve. */
export const SLOTS_AN_HOUR = 12

/** Which hour's demand a change is held against, so that nobody takes a model or half an hour for a busy day. */
export interface BusyHourBasis {
  readonly source: 'model' | 'recorded' | 'imported'
  /** Its beginning; null: the model's, while no full working day of the last seven is recorded or imported. */
  readonly from: UnixMilliseconds | null
  /** Slots of it that are recorded. */
  readonly slots: number | null
  /** The plane's, in which people read the hour. */
  readonly timezone: string
}

/** The four demands. `now`: null before the first tick. */
export interface Impacts {
  readonly now: Impact | null
  /** Of the busiest hour; BusyHourBasis says which. */
  readonly busyHour: Impact
  readonly allAtCeiling: Impact
  readonly worstFailure: Impact
}

export interface TestFailure {
  readonly test: string
  /** The first flow that falls short, or an institution where a flow has several edges. */
  readonly institution: string
  readonly service: string
  readonly direction: Direction
  readonly expected: BitsPerSecond
  readonly found: BitsPerSecond
  /** Flows that fall short, in all failures tried. */
  readonly flows: number
  /** The failure under which it does; null: in the intact network. */
  readonly failure: string | null
  /** The link where it stops; null: its own ceiling or envelope. */
  readonly bottleneck: string | null
  readonly because: string | null
}

export interface TestVerdict {
  readonly passed: number
  /** Passed before, or new: these block. */
  readonly failed: readonly TestFailure[]
  /** Failed before as well: these do not. */
  readonly stillFailing: readonly TestFailure[]
}

export interface Preview {
  readonly impact: Impacts
  readonly tests: TestVerdict
  readonly busyHour: BusyHourBasis
  /** Of the admission check of the changed policy. */
  readonly warnings: readonly string[]
  readonly solveMs: number
}
