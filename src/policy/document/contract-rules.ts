// Whether contracts, agreements and sharing rules agree with the rest of the policy and with each other: what they name
// is there, dates are in order, no line is paid for twice at a time, nobody has two agreements on one thing, and the
// parts of a rule make a whole.

import type { Path, Report } from '../../runtime/shape-faults.js'
import type { PolicyContract } from './contracts.js'
import type { PolicyDocument } from './document.js'
import { referencesOf } from './names.js'
import { plain, type Rule, rule } from './rule.js'

interface Period {
  readonly from: string
  readonly until: string | null
}

export const CONTRACTS: readonly Rule[] = [
  rule(['contracts', 'sharing', 'links', 'groups', 'sites', 'services'], (document, names, report) => {
    const { contracts = {} } = document
    const check = referencesOf(report)
    const payable = new Set([...names.links, ...names.groups, ...names.sites])
    for (const [id, contract] of Object.entries(contracts)) {
      const { links, services = [], timezone, capacity, committed } = contract
      for (const [at, link] of links.entries())
        check(['contracts', id, 'links', at], 'link, group or site', link, payable)
      for (const [at, service] of services.entries())
        check(['contracts', id, 'services', at], 'service', service, names.services)
      check(['contracts', id, 'sharing'], 'sharing rule', contract.sharing, names.sharing)
      if (timezone !== undefined && !isZone(timezone))
        report('UNKNOWN', ['contracts', id, 'timezone'], `unknown time zone "${timezone}"`)
      if (committed > Math.max(capacity.down, capacity.up))
        report('TOO_LARGE', ['contracts', id, 'committed'], 'expected no more than the capacity that may be used')
      orderRule(contract, ['contracts', id, 'until'], report)
    }
  }),
  rule(['agreements', 'institutions', 'former', 'tiers', 'services'], ({ agreements = {} }, names, report) => {
    const check = referencesOf(report)
    const ever = new Set([...names.institutions, ...names.former])
    for (const [id, agreement] of Object.entries(agreements)) {
      check(['agreements', id, 'institution'], 'institution', agreement.institution, ever)
      check(['agreements', id, 'tier'], 'tier', agreement.tier, names.tiers)
      for (const [at, service] of agreement.services.entries())
        check(['agreements', id, 'services', at], 'service', service, names.services)
      orderRule(agreement, ['agreements', id, 'until'], report)
    }
  }),
  rule(['sharing', 'tiers'], ({ sharing = {} }, names, report) => {
    const check = referencesOf(report)
    for (const [id, { parts, free }] of Object.entries(sharing)) {
      const sum = parts.reduce((total, { share }) => total + Math.round(share * 10_000), 0)
      if (sum !== 10_000)
        report('TOO_LARGE', ['sharing', id, 'parts'], `expected shares that sum to 1, found ${sum / 10_000}`)
      const ways = parts.map(({ by }) => by)
      for (const [at, by] of ways.entries())
        if (ways.indexOf(by) < at) report('DUPLICATE', ['sharing', id, 'parts', at, 'by'], `"${by}" is there already`)
      for (const [at, tier] of (free?.tiers ?? []).entries())
        check(['sharing', id, 'free', 'tiers', at], 'tier', tier, names.tiers)
    }
  }),
  plain(['contracts', 'links', 'groups'], (document, report) => {
    const paid = Object.entries(document.contracts ?? {}).flatMap(([id, contract]) =>
      linesOf(document, contract).map((line) => ({ on: line, id, ...contract })),
    )
    overlapRule(paid, (id, other, line) => {
      report('OVERLAP', ['contracts', id, 'links'], `"${line}" is paid for by contract "${other}" at the same time`)
    })
  }),
  plain(['agreements'], ({ agreements = {} }, report) => {
    const agreed = Object.entries(agreements).flatMap(([id, { institution, services, ...period }]) =>
      services.map((service) => ({ ...period, on: `${institution} ${service}`, id })),
    )
    overlapRule(agreed, (id, other, on) => {
      const [, service] = on.split(' ')
      report('OVERLAP', ['agreements', id, 'services'], `agreement "${other}" is about ${service} at the same time`)
    })
  }),
]

/** Links and sites that a contract pays for, its groups taken apart. */
export function linesOf(
  { links, groups }: Pick<PolicyDocument, 'links' | 'groups'>,
  contract: Pick<PolicyContract, 'links'>,
): string[] {
  const members = (id: string): string[] =>
    Object.hasOwn(groups, id) ? Object.keys(links).filter((link) => links[link]!.groups.includes(id)) : [id]
  return [...new Set(contract.links.flatMap(members))].sort()
}

function orderRule({ from, until }: Period, path: Path, report: Report): void {
  if (until !== null && until < from) report('ORDER', path, `expected ${from} or later, found ${until}`)
}

/** Of those that are about one thing and hold on one day the later one is at fault. */
function overlapRule<One extends Period & { readonly on: string; readonly id: string }>(
  all: readonly One[],
  found: (id: string, other: string, on: string) => void,
): void {
  const sorted = [...all].sort((a, b) =>
    a.on < b.on ? -1 : a.on > b.on ? 1 : a.from < b.from ? -1 : a.from > b.from ? 1 : 0,
  )
  let last: One | null = null
  for (const one of sorted) {
    const isOver = last === null || last.on !== one.on || (last.until !== null && last.until < one.from)
    if (!isOver && last!.id !== one.id) found(one.id, last!.id, one.on)
    if (isOver || (last!.until !== null && (one.until === null || one.until > last!.until))) last = one
  }
}

function isZone(timeZone: string): boolean {
  try {
    Intl.DateTimeFormat('en', { timeZone })
    return true
  } catch {
    return false // the only way in which Intl says that it knows no such zone
  }
}
