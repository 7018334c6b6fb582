// What makes envelopes sound: no envelope in itself, and promises that can be kept apart. A promise to an envelope is
// handed out in a band of its own, in which no tier promises anything, and no two promises of a band lie in each other:
// else nobody could say which of them a bit counts for.

import { DIRECTIONS } from '../../model/network.js'
import { formatRate } from '../../model/units.js'
import { MAX_ENVELOPE_DEPTH } from '../../runtime/limits.js'
import type { Path, Report } from '../../runtime/shape-faults.js'
import type { PolicyDocument } from './document.js'

type Document = Pick<PolicyDocument, 'envelopes' | 'tiers' | 'bands'>

export function envelopeRules(document: Document, report: Report): void {
  const promisedByTiers = bandsOfTiers(document)
  for (const id of Object.keys(document.envelopes)) {
    const around = envelopesAround(document, id)
    if (around.at(-1) === id) {
      const chain = [id, ...around].join(' in ')
      report('LOOP', ['envelopes', id, 'parent'], `an envelope cannot lie in itself: ${chain}`)
    } else if (around.length >= MAX_ENVELOPE_DEPTH) {
      report('TOO_DEEP', ['envelopes', id, 'parent'], `expected at most ${MAX_ENVELOPE_DEPTH} levels of envelopes`)
    } else promiseRules(document, id, around, promisedByTiers, report)
  }
}

/** Outwards, until there is none, one comes again, or they are too many. */
function envelopesAround({ envelopes }: Document, id: string): string[] {
  const around: string[] = []
  let at = envelopes[id]!.parent
  while (at !== null && around.length < MAX_ENVELOPE_DEPTH) {
    around.push(at)
    if (at === id) break
    at = envelopes[at]?.parent ?? null
  }
  return around
}

function promiseRules(
  { bands, envelopes }: Document,
  id: string,
  around: readonly string[],
  promisedByTiers: ReadonlyMap<string, string>,
  report: Report,
): void {
  const { ceilings, guarantees } = envelopes[id]!
  for (const [service, { band, size }] of Object.entries(guarantees)) {
    const path: Path = ['envelopes', id, 'guarantees', service]
    const kind = bands.find((known) => known.id === band)?.kind
    if (kind !== undefined && kind !== 'guarantee')
      report('INVALID', [...path, 'band'], `expected a guarantee band; "${band}" is of kind ${kind}`)
    const tier = promisedByTiers.get(band)
    if (tier !== undefined)
      report('INVALID', [...path, 'band'], `expected a guarantee band that no tier uses; tier "${tier}" uses "${band}"`)
    const outer = around.find((other) => envelopes[other]?.guarantees[service]?.band === band)
    if (outer !== undefined)
      report(
        'INVALID',
        [...path, 'band'],
        `"${outer}" around it is promised something in "${band}" too; use another band`,
      )
    for (const direction of DIRECTIONS) {
      const ceiling = ceilings[service]?.[direction] ?? Number.POSITIVE_INFINITY
      if (size[direction] <= ceiling) continue
      const message = `expected at most the envelope's ceiling, ${formatRate(ceiling)}`
      report('TOO_LARGE', [...path, 'size', direction], message)
    }
  }
}

/** Bands in which a tier has a segment, with one such tier. */
function bandsOfTiers({ tiers }: Document): Map<string, string> {
  const used = new Map<string, string>()
  for (const [tier, { services }] of Object.entries(tiers)) {
    for (const pair of Object.values(services)) {
      for (const direction of DIRECTIONS) for (const { band } of pair[direction].segments) used.set(band, tier)
    }
  }
  return used
}
