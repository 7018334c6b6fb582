// What an institution may ask for: each tier that has all services it takes, with what that promises and where it ends.

import { DIRECTIONS, type Text } from '../model/network.js'
import type { BitsPerSecond } from '../model/units.js'
import { type PolicyBandwidth, type PolicyDocument, sortedEntries, subscribes } from '../policy/document/document.js'
import { guaranteeOf, promisingBands } from '../policy/revisions/budget.js'

export interface ChosenTier {
  readonly id: string
  readonly name: Text
  /** The institution has it now. */
  readonly isPresent: boolean
  readonly flows: readonly {
    readonly service: string
    readonly direction: (typeof DIRECTIONS)[number]
    readonly guarantee: BitsPerSecond
    readonly ceiling: BitsPerSecond
  }[]
}

export function choicesOf(document: PolicyDocument, id: string): ChosenTier[] {
  const institution = document.institutions[id]!
  const promised = promisingBands(document)
  const taken = Object.entries(document.services).flatMap(([id, service]) =>
    subscribes(institution, service) ? [id] : [],
  )
  return sortedEntries(document.tiers)
    .filter(([, { services }]) => taken.every((service) => Object.hasOwn(services, service)))
    .map(([tier, { name, services }]) => ({
      ...{ id: tier, name, isPresent: tier === institution.tier },
      flows: taken.flatMap((service) =>
        DIRECTIONS.map((direction) => ({ service, direction, ...sizeOf(services[service]![direction], promised) })),
      ),
    }))
}

const sizeOf = (bandwidth: PolicyBandwidth, promised: ReadonlySet<string>) => ({
  guarantee: Math.min(bandwidth.ceiling, guaranteeOf(promised, bandwidth)),
  ceiling: bandwidth.ceiling,
})
