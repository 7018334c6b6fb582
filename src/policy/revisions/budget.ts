// How much a scope may hold, beside whom it may change: how many institutions, of which tiers, and how much guarantee
// and ceiling they have in sum. What no budget names may not grow: a scoped officer hands around what the scope holds,
// and more of it comes from somebody above.

import { DIRECTIONS, type Direction } from '../../model/network.js'
import type { Budget, Scope } from '../../model/principal.js'
import { type BitsPerSecond, formatRate } from '../../model/units.js'
import type { Fault } from '../../runtime/errors.js'
import { MizaniError } from '../../runtime/errors.js'
import { type PolicyBandwidth, type PolicyDocument, type PolicyInstitution, subscribes } from '../document/document.js'
import { institutionInScope } from './scope.js'

/** What the institutions of a scope have in sum, in each direction. */
interface Holdings {
  readonly institutions: number
  readonly guarantee: Readonly<Record<Direction, BitsPerSecond>>
  readonly ceiling: Readonly<Record<Direction, BitsPerSecond>>
}

const RATES = ['guarantee', 'ceiling'] as const

/** What a change makes a scope hold beyond its budget, and beyond what it held before. */
export function overBudget(before: PolicyDocument, after: PolicyDocument, scope: Scope | null): Fault[] {
  if (scope === null) return []
  const [was, is] = [membersOf(before, scope), membersOf(after, scope)]
  const [had, has] = [sumsOf(before, was), sumsOf(after, is)]
  const budget: Budget = scope.budget ?? {}
  const fault = (what: string, now: string, most: string): Fault => {
    const message = `${what} of the scope: ${now} in sum, and ${most} is its budget`
    return { code: 'OVER_BUDGET', pointer: '/institutions', message }
  }
  const most = budget.institutions ?? had.institutions
  const many = has.institutions > Math.max(most, had.institutions)
  const sums = RATES.flatMap((kind) =>
    DIRECTIONS.flatMap((direction): Fault[] => {
      const [before, now] = [had[kind][direction], has[kind][direction]]
      const most = budget[kind] ?? before
      return now <= Math.max(most, before) ? [] : [fault(`${kind} ${direction}`, formatRate(now), formatRate(most))]
    }),
  )
  if (many) sums.unshift(fault('institutions', String(has.institutions), String(most)))
  const tiers = new Set(budget.tiers ?? was.map((id) => before.institutions[id]!.tier))
  const risen = is.filter((id) => !tiers.has(after.institutions[id]!.tier) && !keepsTier(before, after, id))
  return [...sums, ...risen.map((id) => tierFault(id, after.institutions[id]!.tier, tiers))]
}

/** @throws MizaniError FORBIDDEN */
export const outOfBudget = (faults: readonly Fault[]): MizaniError =>
  new MizaniError({
    code: 'FORBIDDEN',
    remedy: 'drop',
    message: 'This is more than your scope may hold: somebody above makes the change, or gives the scope a budget.',
    faults: [...faults],
  })

const keepsTier = (before: PolicyDocument, after: PolicyDocument, id: string): boolean =>
  before.institutions[id]?.tier === after.institutions[id]!.tier

function tierFault(id: string, tier: string, tiers: ReadonlySet<string>): Fault {
  const message = `tier ${tier} is none that the scope may give: ${[...tiers].sort().join(', ') || 'none'}`
  return { code: 'OVER_BUDGET', pointer: `/institutions/${id}/tier`, message }
}

const membersOf = (document: PolicyDocument, scope: Scope): string[] =>
  Object.keys(document.institutions).filter((id) => institutionInScope(document, id, scope))

function sumsOf(document: PolicyDocument, ids: readonly string[]): Holdings {
  const sums = { guarantee: { down: 0, up: 0 }, ceiling: { down: 0, up: 0 } }
  for (const id of ids) {
    const institution = document.institutions[id]!
    for (const direction of DIRECTIONS) {
      for (const [bandwidth, ceiling] of bandwidths(document, institution, direction)) {
        sums.ceiling[direction] += ceiling
        sums.guarantee[direction] += Math.min(ceiling, guaranteeOf(document, bandwidth))
      }
    }
  }
  return { institutions: ids.length, ...sums }
}

/** Of each service that it takes: what its tier says, and its own ceiling. */
function bandwidths(
  { services, tiers }: PolicyDocument,
  institution: PolicyInstitution,
  direction: Direction,
): [PolicyBandwidth, BitsPerSecond][] {
  return Object.entries(services).flatMap(([id, service]): [PolicyBandwidth, BitsPerSecond][] => {
    const bandwidth = tiers[institution.tier]?.services[id]?.[direction]
    if (bandwidth === undefined || !subscribes(institution, service)) return []
    return [[bandwidth, institution.ceilings?.[id]?.[direction] ?? bandwidth.ceiling]]
  })
}

function guaranteeOf({ bands }: PolicyDocument, { segments }: PolicyBandwidth): BitsPerSecond {
  const promised = new Set(bands.filter(({ kind }) => kind === 'guarantee').map(({ id }) => id))
  return segments.reduce((sum, { band, size = 0 }) => (promised.has(band) ? sum + size : sum), 0)
}
