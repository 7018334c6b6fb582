// Whether records can be read with a profile: the last look before rates reach a kernel. Only what cannot be right is
// refused: names that the profile lacks, more than the port carries. A decrease is never refused for its size.

import type { EdgeProfile, RateRecord, Refusal } from '../model/lease.js'
import { DIRECTIONS } from '../model/network.js'
import { toKbps } from '../model/units.js'

/** Null: they fit. Institutions 0 and 1 are the edge's own traffic and stand in no profile. */
export function checkRecords(records: readonly RateRecord[], profile: EdgeProfile): Refusal | null {
  const institutions = new Set([0, 1, ...profile.institutions.map(({ index }) => index)])
  const services = new Set(profile.services.map(({ index }) => index))
  for (const { institution, service, direction, rate, safe, classes } of records) {
    const record = `record ${institution}/${service}/${direction}`
    if (!institutions.has(institution)) {
      return { code: 'PROFILE', detail: `${record}: the profile has no institution ${institution}` }
    }
    if (!services.has(service)) return { code: 'PROFILE', detail: `${record}: the profile has no service ${service}` }
    if (classes.length !== profile.classes.length) {
      const detail = `${record}: expected ${profile.classes.length} classes, found ${classes.length}`
      return { code: 'PROFILE', detail }
    }
    const port = toKbps(profile.port[DIRECTIONS[direction]])
    if (rate > port || safe > port) {
      return { code: 'BOUNDS', detail: `${record}: the port carries ${port} kbit/s, found ${Math.max(rate, safe)}` }
    }
  }
  return null
}
