// A small edge for the tests: two institutions behind one port, one service, four classes; and what stands around it.

import type { EdgeProfile, RateRecord } from '../../src/model/lease.js'
import { encodeProfile } from '../../src/wire/profile.js'

export const BOOT = '00112233445566aa'
export const OTHER_BOOT = 'ffeeddccbbaa9988'

/** Rates in kbit/s; classes share them evenly, the first takes what is left over. */
export function rateRecord(institution: number, direction: 0 | 1, rate: number, safe = 256): RateRecord {
  const part = Math.floor(rate / 4)
  return { institution, service: 0, direction, rate, safe, burst: 3_028, classes: [rate - 3 * part, part, part, part] }
}

const profile: EdgeProfile = {
  format: 1,
  plane: 'test',
  edge: 'dar-1',
  enforcement: 'enforce',
  until: null,
  pace: 'live',
  line: 'fibre',
  tick: 1_000,
  lease: 60_000,
  staleAfterTicks: 3,
  bootRate: 256_000,
  port: { down: 15e6, up: 15e6 },
  institutions: [institution(2, 'posta'), institution(3, 'tra')],
  services: [{ index: 0, id: 'internet', prefixes: [] }],
  classes: ['realtime', 'business', 'standard', 'bulk'].map((id, index) => ({
    index,
    id,
    dscp: [],
    weight: [4, 4, 2, 1][index]!,
    guarantee: 0.1,
  })),
}

export const PROFILE_HASH = encodeProfile(profile).hash

/** The same object each time unless something is changed, as an agent holds it. */
export const edgeProfile = (more?: Partial<EdgeProfile>): EdgeProfile => (more ? { ...profile, ...more } : profile)

function institution(index: number, id: string): EdgeProfile['institutions'][number] {
  const access = { down: 10e6, up: 10e6 }
  return {
    index,
    id,
    name: { en: id, sw: id },
    sites: [{ id: `${id}-hq`, prefixes: [`10.1.${index}.0/24`], vlan: null, access }],
  }
}
