// Edges for benches: the largest that is planned for, and one with every institution of the nation behind it.

import type { Desired } from '../src/edge/driver.js'
import type { EdgeProfile, RateRecord } from '../src/model/lease.js'

export interface Size {
  readonly institutions: number
  readonly services: number
}
export const LARGEST: Size = { institutions: 60, services: 4 }
export const WHOLE_NATION: Size = { institutions: 554, services: 1 }

const CLASSES = [0, 1, 2, 3]
const DSCP = [46, 26, 0, 8]

const name = (en: string) => ({ en, sw: en })
const access = { down: 1e9, up: 1e9 }

export function profileOf({ institutions, services }: Size): EdgeProfile {
  return {
    ...{ format: 1, plane: 'bench', edge: 'largest', enforcement: 'enforce', until: null, pace: 'live', line: 'fibre' },
    ...{ tick: 1_000, lease: 60_000, staleAfterTicks: 3, bootRate: 256_000, port: { down: 10e9, up: 10e9 } },
    institutions: Array.from({ length: institutions }, (_, i) => ({
      index: 2 + i,
      id: `institution-${i}`,
      name: name(`Institution ${i}`),
      sites: [
        { id: `site-${i}`, prefixes: [`10.${i >> 8}.${i & 255}.0/24`, `fd6d:697a:3:${i}::/64`], vlan: null, access },
      ],
    })),
    services: Array.from({ length: services }, (_, index) => ({
      index,
      id: `service-${index}`,
      prefixes: index === 0 ? [] : [`198.51.${index}.0/24`, `2001:db8:${index}::/48`],
    })),
    classes: CLASSES.map((index) => ({
      index,
      id: `class-${index}`,
      dscp: [DSCP[index]!],
      weight: 4 - index,
      guarantee: 0.1,
    })),
  }
}

/** All flows at `kbps`, the first one at `first`. */
export function atRate(profile: EdgeProfile, kbps: number, first = kbps): Desired {
  const flows = ([0, 1] as const).flatMap((direction) =>
    profile.institutions.flatMap(({ index: institution }) =>
      profile.services.map(({ index: service }) => ({ institution, service, direction })),
    ),
  )
  const rates = flows.map((flow, k): RateRecord => {
    const rate = k === 0 ? first : kbps
    const tenth = rate / 10
    return { ...flow, rate, safe: 64, burst: 0, classes: [tenth, 2 * tenth, 6 * tenth, tenth] }
  })
  return { profile, enforcement: 'enforce', rates }
}
