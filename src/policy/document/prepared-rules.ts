// Whether what a policy prepares can be put in force: every name leads somewhere, a tier has bandwidth for whoever gets
// it, a ceiling leaves room for the lifeline. The same rules judge the overrides that people ask for.

import { DIRECTIONS } from '../../model/network.js'
import { formatRate, MIN_LIFELINE } from '../../model/units.js'
import type { Path, Report } from '../../runtime/shape-faults.js'
import { membersOf, serves } from '../in-force/holding.js'
import type { PolicyDocument } from './document.js'
import { SUBJECTS } from './members.js'
import { breakableOf, namesIn, referencesOf, unknown } from './names.js'
import type { Patch } from './prepared.js'
import { type NamesOf, plain, type Rule, rule } from './rule.js'

const OF_PATCHES = [
  ...(['institutions', 'tiers', 'services', 'regions', 'categories', 'envelopes'] as const),
  ...(['links', 'edges', 'sites', 'groups'] as const),
] as const

export const PREPARED: readonly Rule[] = [
  plain(['calendars'], ({ calendars }, report) => {
    for (const [id, { days }] of Object.entries(calendars)) {
      for (const [at, { from, until }] of days.entries()) {
        if (until < from) report('ORDER', ['calendars', id, 'days', at], `expected ${from} or later, found ${until}`)
      }
    }
  }),
  rule(['schedules', 'calendars', ...OF_PATCHES], (document, names, report) => {
    const check = referencesOf(report)
    for (const [id, { only, except, patches }] of Object.entries(document.schedules)) {
      check(['schedules', id, 'only'], 'calendar', only, names.calendars)
      check(['schedules', id, 'except'], 'calendar', except, names.calendars)
      for (const [at, patch] of patches.entries())
        patchFaults(document, patch, ['schedules', id, 'patches', at], report, names)
    }
  }),
  rule(['modes', ...OF_PATCHES], (document, names, report) => {
    for (const [id, { patches }] of Object.entries(document.modes)) {
      for (const [at, patch] of patches.entries())
        patchFaults(document, patch, ['modes', id, 'patches', at], report, names)
    }
  }),
  rule(['guards', 'calendars'], ({ guards }, names, report) => {
    const check = referencesOf(report)
    for (const [id, { during }] of Object.entries(guards)) {
      check(['guards', id, 'during'], 'calendar', during, names.calendars)
    }
  }),
  rule(['tests', ...OF_PATCHES], ({ tests }, names, report) => {
    const check = referencesOf(report)
    for (const [id, { expect, during }] of Object.entries(tests)) {
      const path = ['tests', id, 'expect']
      check([...path, 'institution'], 'institution', expect.institution, names.institutions)
      check([...path, 'category'], 'category', expect.category, names.categories)
      check([...path, 'tier'], 'tier', expect.tier, names.tiers)
      check([...path, 'region'], 'region', expect.region, names.regions)
      check([...path, 'service'], 'service', expect.service, names.services)
      for (const [at, link] of during.cut.entries())
        check(['tests', id, 'during', 'cut', at], 'link or group', link, breakableOf(names))
      for (const link of Object.keys(during.derate))
        check(['tests', id, 'during', 'derate', link], 'link or group', link, breakableOf(names))
    }
  }),
]

/** Faults of one prepared change, with pointers below `path`. */
export function patchFaults(
  document: Pick<PolicyDocument, (typeof OF_PATCHES)[number]>,
  patch: Patch,
  path: Path,
  report: Report,
  names: NamesOf<(typeof OF_PATCHES)[number]> = namesIn(document),
): void {
  const { on, tier, ceilings = {} } = patch
  const known = {
    region: names.regions,
    category: names.categories,
    tier: names.tiers,
    institution: names.institutions,
    envelope: names.envelopes,
    link: breakableOf(names),
  }
  for (const subject of SUBJECTS) {
    const id = on[subject]
    if (id === undefined || known[subject].has(id)) continue
    report('UNKNOWN', [...path, 'on', subject], unknown(subject, id, known[subject]))
    return
  }
  for (const [service, pair] of Object.entries(ceilings)) {
    const place = [...path, 'ceilings', service]
    if (!names.services.has(service)) report('UNKNOWN', place, unknown('service', service, names.services))
    for (const direction of DIRECTIONS) {
      if (pair[direction] >= MIN_LIFELINE) continue
      report('TOO_SMALL', [...place, direction], `expected ${formatRate(MIN_LIFELINE)} or more`)
    }
  }
  if (tier === undefined) return
  if (!names.tiers.has(tier)) {
    report('UNKNOWN', [...path, 'tier'], unknown('tier', tier, names.tiers))
    return
  }
  const without = membersOf(document, on).find((id) => !serves(document, tier, document.institutions[id]!))
  if (without === undefined) return
  report('NO_BANDWIDTH', [...path, 'tier'], `tier "${tier}" has no bandwidth for a service that "${without}" takes`)
}
