// The network as people draw it: nodes, links, the cables they ride on, and the edges that enforce.
//
// A link has two directions. `.down` carries traffic from `from` to `to`, `.up` from `to` to `from`. For links that lie
// between the outside and an institution `from` is the side of the outside, so `.down` is towards the institution.

import type { BitsPerSecond, Milliseconds } from './units.js'

export const DIRECTIONS = ['down', 'up'] as const
export type Direction = (typeof DIRECTIONS)[number]

/** A name or sentence in the two languages of the product. */
export interface Text {
  readonly en: string
  readonly sw: string
}

export const ENFORCEMENTS = ['observe', 'enforce', 'hold', 'bypass'] as const
/** observe: count, delay nothing. enforce. hold: keep what is in force. bypass: limits lifted for a stated time. */
export type Enforcement = (typeof ENFORCEMENTS)[number]

/** Whether nothing is limited there. */
export const isLifted = (enforcement: Enforcement): boolean => enforcement === 'observe' || enforcement === 'bypass'

export const PACES = ['live', 'paced', 'static'] as const
export type Pace = (typeof PACES)[number]
/** A paced device is told new rates this seldom: no router has its configuration written each tick. */
export const PACE: Milliseconds = 60_000

export const LINE_PROFILES = ['fibre', 'microwave', 'satellite'] as const
export type LineProfile = (typeof LINE_PROFILES)[number]

export const LINK_KINDS = ['upstream', 'exchange', 'backbone', 'uplink', 'port', 'access', 'datacentre'] as const
export type LinkKind = (typeof LINK_KINDS)[number]

/** Id of one direction of a link. */
export const directed = (link: string, direction: Direction): string => `${link}.${direction}`

/**
 * What is known to be wrong with the network now: the factor of its capacity that is left, by link, directed link or
 * shared-risk group. 0 is a cut (routes avoid it), 0.3 a derate, absent 1. Where several apply the smallest counts.
 */
export type Conditions = Readonly<Record<string, number>>

export interface Timing {
  /** Time between two solves. */
  readonly tick: Milliseconds
  /** How long published rates hold without renewal. */
  readonly lease: Milliseconds
  /** Ticks without a message after which an edge is STALE. */
  readonly staleAfterTicks: number
}

export const DEFAULT_TIMING: Timing = { tick: 1_000, lease: 60_000, staleAfterTicks: 3 }

/** What an edge without memory shapes each site at. */
export const BOOT_RATE: BitsPerSecond = 256_000

/** The port of an edge is a link of this name before its id; no link of a policy may begin so. */
export const PORT_PREFIX = 'port.'
/** One line of an edge that has several, as it is cut. */
export const portOf = (edge: string, name: string): string => `${PORT_PREFIX}${edge}.${name}`
