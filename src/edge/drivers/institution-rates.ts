// For devices that limit an institution as a whole: what its flows come to together, in each direction. Services and
// classes are not told apart there; their counters are booked under the open service and a class without marks.

import type { EdgeProfile, ProfileSite } from '../../model/lease.js'
import type { Direction } from '../../model/network.js'
import { type BitsPerSecond, fromKbps } from '../../model/units.js'
import type { Desired } from '../driver.js'

export interface InstitutionRates {
  readonly index: number
  readonly id: string
  readonly sites: readonly ProfileSite[]
  readonly prefixes: readonly string[]
  readonly down: BitsPerSecond
  readonly up: BitsPerSecond
}

/** In the order of the profile; institutions without rates are left out. */
export function institutionRates({ profile, rates }: Pick<Desired, 'profile' | 'rates'>): readonly InstitutionRates[] {
  const sums = new Map<number, [BitsPerSecond, BitsPerSecond]>()
  for (const { institution, direction, rate } of rates) {
    const sum = sums.get(institution) ?? [0, 0]
    sum[direction] += fromKbps(rate)
    sums.set(institution, sum)
  }
  return profile.institutions.flatMap(({ index, id, sites }) => {
    const sum = sums.get(index)
    const prefixes = sites.flatMap((site) => site.prefixes)
    return sum ? [{ index, id, sites, prefixes, down: sum[0], up: sum[1] }] : []
  })
}

/** The service that takes whatever no other claims. */
export const openService = (profile: EdgeProfile | null): number =>
  profile?.services.find(({ prefixes }) => prefixes.length === 0)?.index ?? 0

/** The class of packets without marks. */
export const plainClass = (profile: EdgeProfile | null): number =>
  profile?.classes.find(({ dscp }) => dscp.length === 0)?.index ?? 0

/** The part of an institution's rate that one of its sites gets, where each site is limited alone: by access lines. */
export function partOf(
  { sites }: InstitutionRates,
  site: ProfileSite,
  direction: Direction,
  rate: BitsPerSecond,
): BitsPerSecond {
  const access = sites.reduce((sum, one) => sum + one.access[direction], 0)
  return Math.floor(rate * (access > 0 ? site.access[direction] / access : 1 / sites.length))
}
