// What an institution is promised, and where it ends, by the document alone: schedules, modes and overrides may lay
// other ceilings on it for a while. No promise goes past its ceiling, whoever set that.

import { DIRECTIONS, type Direction } from '../../model/network.js'
import type { BitsPerSecond } from '../../model/units.js'
import type { PolicyBandwidth, PolicyDocument, PolicyInstitution } from './document.js'
import { subscribes } from './members.js'

export interface Promised {
  readonly service: string
  readonly direction: Direction
  readonly guarantee: BitsPerSecond
  readonly ceiling: BitsPerSecond
}

/** Of each service that it takes and its tier has, both directions, in the document's order. */
export function promisesTo(
  { bands, services, tiers }: Pick<PolicyDocument, 'bands' | 'services' | 'tiers'>,
  { tier, ceilings, ...institution }: PolicyInstitution,
): Promised[] {
  const promising = new Set(bands.filter(({ kind }) => kind === 'guarantee').map(({ id }) => id))
  return Object.entries(services).flatMap(([id, service]) => {
    const pair = tiers[tier]?.services[id]
    if (pair === undefined || !subscribes(institution, service)) return []
    return DIRECTIONS.map((direction): Promised => {
      const ceiling = ceilings?.[id]?.[direction] ?? pair[direction].ceiling
      return { service: id, direction, guarantee: Math.min(ceiling, sizesOf(pair[direction], promising)), ceiling }
    })
  })
}

const sizesOf = ({ segments }: PolicyBandwidth, promising: ReadonlySet<string>): BitsPerSecond =>
  segments.reduce((sum, { band, size = 0 }) => (promising.has(band) ? sum + size : sum), 0)
