// Rates an edge works out by itself, when what it was told may no longer be used or when it was told nothing.

import { LEAST_BURST } from '../model/burst.js'
import type { EdgeProfile, RateRecord } from '../model/lease.js'
import { type KilobitsPerSecond, toKbps } from '../model/units.js'

/** Record numbers of the edge's own traffic: unmapped and control. */
const OWN = [0, 1]

/** The record at another rate; its classes keep their proportions and sum to the rate, exactly. */
export function atRate(record: RateRecord, rate: KilobitsPerSecond): RateRecord {
  if (rate === record.rate) return record
  const burst = record.rate === 0 ? LEAST_BURST : Math.ceil((record.burst * rate) / record.rate)
  return { ...record, rate, burst: Math.max(LEAST_BURST, burst), classes: divide(rate, record.classes) }
}

/**
 * What an edge without memory enforces: the boot rate for each site, in each direction, divided evenly over services,
 * and the boot rate for the edge's own traffic, so that it can be reached. Thrown away with the first rates it is
 * told.
 */
export function bootRates(profile: EdgeProfile): readonly RateRecord[] {
  const perSite = toKbps(profile.bootRate)
  const records: RateRecord[] = []
  const weights = profile.classes.map(({ weight }) => weight)
  const add = (institution: number, service: number, direction: 0 | 1, kbps: number): void => {
    const rate = Math.floor(kbps)
    records.push({
      institution,
      service,
      direction,
      rate,
      safe: rate,
      burst: LEAST_BURST,
      classes: divide(rate, weights),
    })
  }
  const rest = profile.services.find(({ prefixes }) => prefixes.length === 0) ?? profile.services[0]
  for (const direction of [0, 1] as const) {
    for (const { index, sites } of profile.institutions) {
      for (const service of profile.services) {
        add(index, service.index, direction, (perSite * sites.length) / profile.services.length)
      }
    }
    for (const own of OWN) if (rest) add(own, rest.index, direction, perSite)
  }
  return records
}

/**
 * Whole parts of `total` in proportion to the weights: floors, then one more for the largest fractions, first first.
 */
function divide(total: number, weights: readonly number[]): readonly number[] {
  const sum = weights.reduce((all, weight) => all + weight, 0)
  const exact = weights.map((weight) => (sum === 0 ? total / weights.length : (total * weight) / sum))
  const parts = exact.map(Math.floor)
  const left = total - parts.reduce((all, part) => all + part, 0)
  const byFraction = [...exact.keys()].sort((a, b) => exact[b]! - parts[b]! - (exact[a]! - parts[a]!) || a - b)
  for (const place of byFraction.slice(0, left)) parts[place]!++
  return parts
}
