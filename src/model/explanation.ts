// Why a flow gets what it gets, as data in names instead of indices. Sentences are made from it in two languages where
// people read them; nothing here is prose.

import type { CauseKind } from './in-force.js'
import type { Text } from './network.js'
import type { Difference } from './published.js'
import type { BitsPerSecond } from './units.js'

/** Their places are the numbers on the wire (rates-body.ts): append only. */
export const LIMIT_CODES = [
  'DEMAND',
  'CEILING',
  'LINK',
  'ENVELOPE',
  'OVERRIDE',
  'PENDING',
  'PINNED',
  'NO_PATH',
  'OBSERVE',
  'SAFE',
] as const
export type LimitCode = (typeof LIMIT_CODES)[number]

/** A limit that is the flow's own, by the policy or for a while: no shortage. */
export const isOwnLimit = (code: LimitCode): boolean => code === 'CEILING' || code === 'OVERRIDE'

/** A limit that another policy or network would move; the others are moved by time or by people. */
export const isMovable = (code: LimitCode): boolean => code === 'CEILING' || code === 'LINK' || code === 'ENVELOPE'

/** What keeps a flow from what it asks. DEMAND: nothing does. */
export interface LimitedBy {
  readonly code: LimitCode
  /** Link, envelope or override; null where the code says it all. */
  readonly id: string | null
}

export interface BandStep {
  readonly band: string
  readonly kind: 'guarantee' | 'share' | 'headroom'
  /** What the flow got in this band. */
  readonly amount: BitsPerSecond
  /** What it could have used in this band. */
  readonly cap: BitsPerSecond
  /** Water level; null where it had nothing to get. */
  readonly level: number | null
  /** Fraction of the promise kept; null outside guarantee bands. */
  readonly kept: number | null
  readonly bottleneck: string | null
}

/** What one change would do for the flow, found by solving again with it: never by a slope. */
export interface WouldBe {
  readonly change: 'ROOM' | 'CEILING' | 'WEIGHT'
  /** bit/s more: ROOM on what limits it (a link, an envelope's ceiling), or its own CEILING. WEIGHT: the factor. */
  readonly by: number
  /** What it would need then; more weight can make it less. */
  readonly need: BitsPerSecond
  /** Other flows that would have less. */
  readonly losers: number
}

export interface Sharer {
  readonly flow: string
  readonly need: BitsPerSecond
  /** Its level in the band in which the explained flow froze. */
  readonly level: number | null
}

/** A cause behind what limits: why a link carries less than it was built for, or who set a ceiling. */
export interface Behind {
  readonly kind: CauseKind
  /** Override, mode or schedule; of a link state the link, directed link or cable that was spoken of. */
  readonly id: string
  /** Directed link or envelope that it acts on; null: the flow's own ceiling or tier, or the whole policy. */
  readonly on: string | null
  /** The link that limits and now carries what went over `on`; null: `on` itself limits. */
  readonly instead: string | null
  /** Of a link, bit/s: what is left of what was built; null: not known. */
  readonly capacity: { readonly now: BitsPerSecond; readonly built: BitsPerSecond } | null
  /** Null: who did it, when and why was not recorded. */
  readonly by: string | null
  readonly owner: string | null
  readonly reason: string | null
  /** Of monitoring: the id of its last event. */
  readonly event: string | null
  readonly since: string | null
  /** Null: no end is set. */
  readonly until: string | null
}

/** Of a link, what an edge keeps that takes no rates now, and why it takes none. */
export interface Reserved {
  readonly edge: string
  readonly rate: BitsPerSecond
  /** STATIC: a person configures it. */
  readonly by: 'STATIC' | 'PINNED' | 'OBSERVE' | 'SAFE'
}

export interface Explanation {
  readonly flow: string
  readonly edge: string
  readonly at: string
  /** IANA name of the zone in which people read its times. */
  readonly timezone: string
  readonly revision: number
  readonly seq: number
  readonly tier: string | null
  /** Of this part, where several edges serve the institution. */
  readonly guarantee: BitsPerSecond
  readonly ceiling: BitsPerSecond
  readonly demand: BitsPerSecond
  /** Of the demand, what was seen to be asked. */
  readonly atLeast: BitsPerSecond
  /** ISO 8601; since then the demand is an estimate. Null: it was seen. */
  readonly estimatedSince: string | null
  /** Packets wait for the rate or were dropped: more is asked than it has. */
  readonly waits: boolean
  readonly need: BitsPerSecond
  readonly rate: BitsPerSecond
  /** What the bands give in sum, headroom too: the rate that was computed. */
  readonly computed: BitsPerSecond
  /** Why the published rate is another; null: it is that one, to a few kbit/s. */
  readonly differs: Difference | null
  readonly applied: BitsPerSecond | null
  /** Before the shaper and after it; null: the edge says nothing now. */
  readonly arrived: BitsPerSecond | null
  readonly carried: BitsPerSecond | null
  /** When the edge said last what it applies, ISO 8601; null: it never did, or of the past it is not known. */
  readonly lastReport: string | null
  readonly limitedBy: LimitedBy
  /** What its edge was told of the reason last, as it says it at the box; null: this controller told it nothing. */
  readonly atBox: Text | null
  /** What filled together with it, and limits as well; empty where the solver did not name the limit. */
  readonly with: readonly LimitedBy[]
  /** Causes behind it, those of what filled first in front; empty where there is none. */
  readonly behind: readonly Behind[]
  readonly bands: readonly BandStep[]
  /** Who else takes from the bottleneck, largest need first; at most 20, `sharersTotal` counts all. */
  readonly sharers: readonly Sharer[]
  readonly sharersTotal: number
  /** Institutions among them, without its own: what people count. */
  readonly sharingInstitutions: number
  /** On the link that limits, beside what is shared out: the largest first; empty where no link limits. */
  readonly reserved: readonly Reserved[]
  /** The first thing that would lift it. */
  readonly lift: {
    readonly by: 'NOTHING' | 'TIER' | 'CEILING' | 'LINK' | 'ENVELOPE' | 'WAIT'
    readonly id: string | null
  }
}
