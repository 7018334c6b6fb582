// What makes a policy sound, beyond shape and names: rules about bands, bandwidth functions, classes, services, time
// and size; envelopes have a file of their own. Each says what would be right. A name that leads nowhere is no fault
// here: validate.ts has reported it.

import { DIRECTIONS, PORT_PREFIX } from '../../model/network.js'
import { CONTROL, RESTRICTED, UNMAPPED } from '../../model/plan.js'
import { formatRate, MIN_LIFELINE } from '../../model/units.js'
import {
  MAX_CLASSES,
  MAX_EDGES,
  MAX_ENVELOPES,
  MAX_INSTITUTIONS,
  MAX_SERVICES,
  MAX_SITES,
  MAX_SITES_PER_EDGE,
  MIN_TICKS_PER_LEASE,
} from '../../runtime/limits.js'
import type { Path, Report } from '../../runtime/shape-faults.js'
import type { PolicyBand, PolicyBandwidth, PolicyDocument } from './document.js'
import { envelopeRules } from './envelope-rules.js'
import { subscribes } from './members.js'
import { ACCESS_PREFIX } from './names.js'
import { plain, type Rule } from './rule.js'

/** What a policy must satisfy; envelopes have a file of their own. */
export const RULES: readonly Rule[] = [
  plain(['institutions', 'sites', 'edges', 'services', 'classes', 'envelopes'], sizeRules),
  plain(['plane'], timeRules),
  plain(['institutions', 'sites', 'former', 'links', 'groups', 'plane'], idRules),
  plain(['bands'], bandRules),
  plain(['classes'], classRules),
  plain(['services', 'links'], serviceRules),
  plain(['envelopes', 'tiers', 'bands'], envelopeRules),
  plain(['links', 'edges', 'sites'], linkRules),
  plain(['edges'], portRules),
  plain(['tiers', 'bands', 'plane'], tierRules),
  plain(['institutions', 'services', 'tiers', 'sites'], institutionRules),
]

function sizeRules(
  document: Pick<PolicyDocument, 'institutions' | 'sites' | 'edges' | 'services' | 'classes' | 'envelopes'>,
  report: Report,
): void {
  const limits = {
    institutions: MAX_INSTITUTIONS,
    sites: MAX_SITES,
    edges: MAX_EDGES,
    services: MAX_SERVICES,
    classes: MAX_CLASSES,
    envelopes: MAX_ENVELOPES,
  }
  for (const [collection, most] of Object.entries(limits)) {
    const count = Object.keys(document[collection as keyof typeof limits]).length
    if (count > most) report('TOO_MANY', [collection], `expected at most ${most}, found ${count}`)
  }
  if (Object.keys(document.classes).length === 0) report('MISSING', ['classes'], 'expected at least one class')
  const sites = countBy(Object.values(document.sites), ({ edge }) => edge)
  for (const [edge, count] of sites) {
    if (count <= MAX_SITES_PER_EDGE) continue
    report('TOO_MANY', ['edges', edge], `expected at most ${MAX_SITES_PER_EDGE} sites at one edge, found ${count}`)
  }
}

function timeRules({ plane: { timing, demand, timezone } }: Pick<PolicyDocument, 'plane'>, report: Report): void {
  const { tick, lease, staleAfterTicks } = timing
  if (lease < MIN_TICKS_PER_LEASE * tick) {
    const least = MIN_TICKS_PER_LEASE * tick
    report('TOO_SMALL', ['plane', 'timing', 'lease'], `expected ${MIN_TICKS_PER_LEASE} ticks (${least} ms) or more`)
  }
  if (staleAfterTicks * tick >= lease) {
    report('TOO_LARGE', ['plane', 'timing', 'staleAfterTicks'], 'expected an edge to be STALE before its lease ends')
  }
  if (demand.margin * demand.threshold <= 1) {
    const least = (1 / demand.threshold).toFixed(3)
    const why = 'or a steady flow would be raised and lowered for ever'
    report('TOO_SMALL', ['plane', 'demand', 'margin'], `expected more than 1 / threshold (${least}), ${why}`)
  }
  try {
    Intl.DateTimeFormat('en', { timeZone: timezone })
  } catch {
    report(
      'UNKNOWN',
      ['plane', 'timezone'],
      `unknown time zone "${timezone}"; expected one such as Africa/Dar_es_Salaam`,
    )
  }
}

function idRules(
  {
    institutions,
    sites,
    former = {},
    links,
    groups,
    plane,
  }: Pick<PolicyDocument, 'institutions' | 'sites' | 'former' | 'links' | 'groups' | 'plane'>,
  report: Report,
): void {
  for (const id of [UNMAPPED, CONTROL]) {
    if (id in institutions) report('RESERVED', ['institutions', id], `"${id}" stands for an edge's own traffic`)
  }
  for (const [collection, members] of Object.entries({ institutions, sites, former })) {
    if (!Object.hasOwn(members, RESTRICTED)) continue
    const why = `"${RESTRICTED}" stands in lists for all that are restricted; take another id`
    report('RESERVED', [collection, RESTRICTED], why)
  }
  for (const id of Object.keys(links)) {
    const prefix = [PORT_PREFIX, ACCESS_PREFIX].find((reserved) => id.startsWith(reserved))
    if (prefix !== undefined) report('RESERVED', ['links', id], `ids beginning with "${prefix}" name ports and lines`)
    if (/\.(down|up)$/.test(id))
      report('RESERVED', ['links', id], 'ids ending in .down or .up name directions of links')
    if (id in groups) report('DUPLICATE', ['groups', id], `"${id}" is also a link; a cut could mean either`)
  }
  for (const [at, id] of duplicates(plane.survive.map(({ id }) => id))) {
    report('DUPLICATE', ['plane', 'survive', at, 'id'], `failure "${id}" is listed before`)
  }
}

function bandRules({ bands }: Pick<PolicyDocument, 'bands'>, report: Report): void {
  for (const [at, id] of duplicates(bands.map(({ id }) => id))) {
    report('DUPLICATE', ['bands', at, 'id'], `band "${id}" is listed before`)
  }
  const order = ['guarantee', 'share', 'headroom']
  bands.forEach(({ id, kind }, at) => {
    const before = bands[at - 1]
    if (before !== undefined && order.indexOf(before.kind) > order.indexOf(kind)) {
      report('ORDER', ['bands', at], `expected guarantee bands, then share, then headroom; "${id}" comes too late`)
    }
    if (kind === 'headroom' && before?.kind === 'headroom')
      report('TOO_MANY', ['bands', at], 'expected one headroom band')
  })
  for (const kind of ['guarantee', 'share'] as const) {
    if (!bands.some((band) => band.kind === kind)) report('MISSING', ['bands'], `expected at least one ${kind} band`)
  }
}

function classRules({ classes }: Pick<PolicyDocument, 'classes'>, report: Report): void {
  numberRules('classes', classes, report)
  const owners = new Map<number, string>()
  let promised = 0
  for (const [id, { dscp, guarantee }] of Object.entries(classes)) {
    promised += guarantee
    dscp.forEach((value, at) => {
      const owner = owners.get(value)
      if (owner === undefined) owners.set(value, id)
      else report('DUPLICATE', ['classes', id, 'dscp', at], `DSCP ${value} belongs to class "${owner}"`)
    })
  }
  if (promised > 1 + 1e-9) {
    report('TOO_LARGE', ['classes'], `expected class guarantees to add up to 1 at most, found ${promised.toFixed(3)}`)
  }
}

/** Numbers travel in messages in place of ids: each belongs to one member. */
function numberRules(collection: string, members: Readonly<Record<string, { index: number }>>, report: Report): void {
  const owners = new Map<number, string>()
  for (const [id, { index }] of Object.entries(members)) {
    const owner = owners.get(index)
    if (owner === undefined) owners.set(index, id)
    else report('DUPLICATE', [collection, id, 'index'], `number ${index} belongs to "${owner}"`)
  }
}

function serviceRules({ services, links }: Pick<PolicyDocument, 'services' | 'links'>, report: Report): void {
  numberRules('services', services, report)
  const rest = Object.entries(services).filter(([, { prefixes }]) => prefixes.length === 0)
  for (const [id] of rest.slice(1)) {
    const message = `"${rest[0]![0]}" already takes what no other service claims; expected far prefixes`
    report('DUPLICATE', ['services', id, 'prefixes'], message)
  }
  for (const [id, { via, at, split, fractions }] of Object.entries(services)) {
    const path = ['services', id]
    if ((via.length === 0) === (at.length === 0)) {
      report('INVALID', path, 'expected either links in `via`, over which it enters, or nodes in `at`, where it ends')
    }
    if (split === 'by-capacity' && at.length > 0) {
      report('INVALID', [...path, 'split'], 'nodes have no capacity; expected nearest, equal or fixed')
    }
    via.forEach((link, i) => {
      const kind = links[link]?.kind
      if (kind === undefined || kind === 'upstream' || kind === 'exchange') return
      report('INVALID', [...path, 'via', i], `expected an upstream or an exchange; "${link}" is of kind ${kind}`)
    })
    const parts = Object.values(fractions)
    const sum = parts.reduce((total, part) => total + part, 0)
    if (split !== 'fixed' && parts.length > 0) {
      report('INVALID', [...path, 'fractions'], `only split fixed has fractions; the split is ${split}`)
    } else if (split === 'fixed' && Math.abs(sum - 1) > 1e-9) {
      report('INVALID', [...path, 'fractions'], `expected fractions that add up to 1, found ${sum}`)
    }
  }
}

function linkRules({ links, edges, sites }: Pick<PolicyDocument, 'links' | 'edges' | 'sites'>, report: Report): void {
  for (const [id, { from, to }] of Object.entries(links)) {
    if (from === to) report('LOOP', ['links', id, 'to'], `expected two different nodes, found "${from}" twice`)
  }
  const capacities = [
    ...Object.entries(links).map(([id, { capacity }]) => [['links', id, 'capacity'], capacity] as const),
    ...Object.entries(edges).map(([id, { port }]) => [['edges', id, 'port'], port] as const),
    ...Object.entries(edges).flatMap(([id, { ports = {} }]) =>
      Object.entries(ports).map(([name, rate]) => [['edges', id, 'ports', name], rate] as const),
    ),
    ...Object.entries(sites).map(([id, { access }]) => [['sites', id, 'access'], access] as const),
  ]
  for (const [path, capacity] of capacities) {
    for (const direction of DIRECTIONS) {
      if (capacity[direction] > 0) continue
      report('TOO_SMALL', [...path, direction], 'expected more than 0; a link that carries nothing is left out')
    }
  }
}

/** Several lines of an edge carry its port together; each is cut and derated by a name that nothing else may have. */
function portRules({ edges }: Pick<PolicyDocument, 'edges'>, report: Report): void {
  for (const [id, { port, ports = {} }] of Object.entries(edges)) {
    const lines = Object.entries(ports)
    for (const [name] of lines) {
      const path = ['edges', id, 'ports', name]
      if (/(^|\.)(down|up)$/.test(name)) report('RESERVED', path, 'down and up name the directions of a port')
      if (`${id}.${name}` in edges)
        report('DUPLICATE', path, `"${id}.${name}" is also an edge; a cut could mean either`)
    }
    for (const direction of DIRECTIONS) {
      const together = lines.reduce((sum, [, rate]) => sum + rate[direction], 0)
      if (lines.length === 0 || port[direction] <= together) continue
      const found = `its ports carry ${formatRate(together)} together`
      report(
        'TOO_LARGE',
        ['edges', id, 'port', direction],
        `${found}, expected no more; found ${formatRate(port[direction])}`,
      )
    }
  }
}

function tierRules({ tiers, bands, plane }: Pick<PolicyDocument, 'tiers' | 'bands' | 'plane'>, report: Report): void {
  for (const [tier, { services }] of Object.entries(tiers)) {
    for (const [service, pair] of Object.entries(services)) {
      for (const direction of DIRECTIONS) {
        bandwidthRules(pair[direction], bands, ['tiers', tier, 'services', service, direction], report)
      }
    }
  }
  for (const own of [UNMAPPED, CONTROL] as const) {
    const { lifeline, ceiling } = plane[own]
    if (lifeline < MIN_LIFELINE) report('TOO_SMALL', ['plane', own, 'lifeline'], `expected ${LEAST} or more`)
    if (lifeline > ceiling) report('TOO_LARGE', ['plane', own, 'lifeline'], 'expected no more than its ceiling')
  }
}

const LEAST = formatRate(MIN_LIFELINE)

function bandwidthRules(
  { segments, ceiling }: PolicyBandwidth,
  bands: readonly PolicyBand[],
  path: Path,
  report: Report,
) {
  let promised = 0
  for (const { id, kind } of bands) {
    const steps = segments.flatMap((segment, at) => (segment.band === id ? [{ ...segment, at }] : []))
    if (kind !== 'share' && steps.length > 1) {
      const place = [...path, 'segments', steps[1]!.at]
      report('TOO_MANY', place, `expected at most one segment in ${kind} band "${id}", found ${steps.length}`)
    }
    steps.forEach(({ size, weight = 1, upTo, at }, step) => {
      const place = [...path, 'segments', at]
      const before = steps[step - 1]
      const last = step === steps.length - 1
      if (kind === 'guarantee') {
        promised += size ?? 0
        if (size === undefined) report('MISSING', [...place, 'size'], `guarantee band "${id}" promises a size`)
        if (upTo !== undefined) report('INVALID', [...place, 'upTo'], 'only share bands have weights that end')
        return
      }
      if (size !== undefined)
        report('INVALID', [...place, 'size'], `only guarantee bands have a size; "${id}" is ${kind}`)
      if (kind === 'headroom' && upTo !== undefined) report('INVALID', [...place, 'upTo'], 'headroom has no upTo')
      if (kind !== 'share') return
      if (last && upTo !== undefined) {
        report('UNBOUNDED', [...place, 'upTo'], `expected the last segment of band "${id}" without upTo`)
      }
      if (!last && upTo === undefined)
        report('MISSING', [...place, 'upTo'], 'expected the total at which the next begins')
      if (before === undefined) return
      if (weight > (before.weight ?? 1)) {
        const message = `expected a weight of ${before.weight ?? 1} or less: weights fall, they never rise`
        report('RISING_WEIGHT', [...place, 'weight'], message)
      }
      if (upTo !== undefined && before.upTo !== undefined && upTo <= before.upTo) {
        report('ORDER', [...place, 'upTo'], `expected more than ${formatRate(before.upTo)}, where the last one ends`)
      }
    })
  }
  const first = segments.find(({ band }) => band === bands[0]?.id)?.size ?? 0
  if (first < MIN_LIFELINE) {
    const message = `expected ${LEAST} or more in band "${bands[0]?.id}", found ${first} bit/s`
    report('TOO_SMALL', [...path, 'segments'], message)
  }
  if (promised > ceiling) {
    const message = `expected at least the guarantee, ${formatRate(promised)}; found ${formatRate(ceiling)}`
    report('TOO_SMALL', [...path, 'ceiling'], message)
  }
}

function institutionRules(
  { institutions, services, tiers, sites }: Pick<PolicyDocument, 'institutions' | 'services' | 'tiers' | 'sites'>,
  report: Report,
): void {
  const placed = new Set(Object.values(sites).map(({ institution }) => institution))
  const missing = new Set<string>()
  const offered = Object.entries(services)
  for (const id of Object.keys(institutions)) {
    const institution = institutions[id]!
    if (!placed.has(id)) report('NO_SITE', ['institutions', id], 'expected at least one site')
    const tier = tiers[institution.tier]
    if (tier === undefined) continue
    for (const [service, about] of offered) {
      if (tier.services[service] || !subscribes(institution, about)) continue
      const key = `${institution.tier}/${service}`
      if (missing.has(key)) continue
      missing.add(key)
      const message = `expected bandwidth for service "${service}", which institution "${id}" takes`
      report('NO_BANDWIDTH', ['tiers', institution.tier, 'services', service], message)
    }
  }
}

/** Places of values that were listed before, with the value. */
function duplicates(values: readonly string[]): [number, string][] {
  return [...values.entries()].filter(([at, value]) => values.indexOf(value) < at)
}

function countBy<T>(items: readonly T[], keyOf: (item: T) => string): Map<string, number> {
  const counts = new Map<string, number>()
  for (const item of items) counts.set(keyOf(item), (counts.get(keyOf(item)) ?? 0) + 1)
  return counts
}
