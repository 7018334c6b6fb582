// What an institution may ask for: each tier that has all services it takes, with what that promises it and where that
// ends. A ceiling of its own stays whatever the tier.

import type { Text } from '../model/network.js'
import type { PolicyDocument } from '../policy/document/document.js'
import { sortedEntries, subscribes } from '../policy/document/members.js'
import { type Promised, promisesTo } from '../policy/document/promise.js'

export interface ChosenTier {
  readonly id: string
  readonly name: Text
  /** The institution has it now. */
  readonly isPresent: boolean
  readonly flows: readonly Promised[]
}

export function choicesOf(document: PolicyDocument, id: string): ChosenTier[] {
  const institution = document.institutions[id]!
  const taken = Object.entries(document.services).flatMap(([service, about]) =>
    subscribes(institution, about) ? [service] : [],
  )
  return sortedEntries(document.tiers)
    .filter(([, { services }]) => taken.every((service) => Object.hasOwn(services, service)))
    .map(([tier, { name }]) => ({
      ...{ id: tier, name, isPresent: tier === institution.tier },
      flows: promisesTo(document, { ...institution, tier }),
    }))
}
