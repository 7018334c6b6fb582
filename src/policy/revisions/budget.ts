// How much a scope may hold, beside whom it may change: how many institutions, of which tiers, and how much guarantee
// and ceiling they have in sum. What no budget names may not grow: a scoped officer hands around what the scope holds,
// and more of it comes from somebody above.
//
// A sum is judged beside all that holds or will hold at the same time (budget-moments.ts): many changes for a while,
// each of which fits alone, add up. What others have laid over the scope's institutions stands, and leaves that much
// less to give.

import { DIRECTIONS, type Direction } from '../../model/network.js'
import type { Budget, Scope } from '../../model/principal.js'
import { type BitsPerSecond, formatRate } from '../../model/units.js'
import type { Fault } from '../../runtime/errors.js'
import { MizaniError } from '../../runtime/errors.js'
import type { PolicyDocument } from '../document/document.js'
import { promisesTo } from '../document/promise.js'
import { patched } from '../in-force/holding.js'
import { type BudgetedChange, type Held, momentsOf } from './budget-moments.js'
import { institutionInScope } from './scope.js'

/** What the institutions of a scope have in sum, in each direction. */
interface Holdings {
  readonly members: readonly string[]
  readonly tiers: ReadonlySet<string>
  readonly guarantee: Readonly<Record<Direction, BitsPerSecond>>
  readonly ceiling: Readonly<Record<Direction, BitsPerSecond>>
}

const RATES = ['guarantee', 'ceiling'] as const

/**
 * What a change makes a scope hold beyond its budget, and beyond what it would hold without the change, at the first
 * moment at which it does.
 */
export function overBudget(change: BudgetedChange, scope: Scope | null): Fault[] {
  if (scope === null) return []
  const [before, after] = [change.before.document, change.after.document]
  const own = holdingsOf(before, scope)
  const members = new Set([...own.members, ...membersOf(after, scope)])
  const [was, is] = [ofThese(change.before, members), ofThese(change.after, members)]
  for (const { without, beside } of momentsOf({ ...change, before: was, after: is }, members)) {
    const faults = overAt(own, patched(was.document, without), patched(is.document, beside), scope)
    const names = without.map(({ kind, id }) => `${kind} ${id}`)
    if (faults.length > 0) return names.length === 0 ? faults : faults.map((fault) => besides(fault, names))
  }
  return []
}

/** A sum over the scope needs nobody else: there are as many moments as changes for a while begin and end. */
function ofThese(held: Held, members: ReadonlySet<string>): Held {
  const institutions = Object.entries(held.document.institutions).filter(([id]) => members.has(id))
  return { ...held, document: { ...held.document, institutions: Object.fromEntries(institutions) } }
}

/** @param own what the scope holds by the document alone, which is its budget where none is named */
function overAt(own: Holdings, before: PolicyDocument, after: PolicyDocument, scope: Scope): Fault[] {
  const [had, has] = [holdingsOf(before, scope), holdingsOf(after, scope)]
  const budget: Budget = scope.budget ?? {}
  const fault = (what: string, now: string, most: string): Fault => {
    const message = `${what} of the scope: ${now} in sum, and ${most} is its budget`
    return { code: 'OVER_BUDGET', pointer: '/institutions', message }
  }
  const most = budget.institutions ?? own.members.length
  const sums = RATES.flatMap((kind) =>
    DIRECTIONS.flatMap((direction): Fault[] => {
      const [before, now] = [had[kind][direction], has[kind][direction]]
      const most = budget[kind] ?? own[kind][direction]
      return now <= Math.max(most, before) ? [] : [fault(`${kind} ${direction}`, formatRate(now), formatRate(most))]
    }),
  )
  if (has.members.length > Math.max(most, had.members.length)) {
    sums.unshift(fault('institutions', String(has.members.length), String(most)))
  }
  const tiers = new Set(budget.tiers ?? own.tiers)
  const risen = has.members.filter((id) => !tiers.has(after.institutions[id]!.tier) && !keepsTier(before, after, id))
  return [...sums, ...risen.map((id) => tierFault(id, after.institutions[id]!.tier, tiers))]
}

/** As many as a person reads. */
const MOST_NAMED = 5

function besides(fault: Fault, names: readonly string[]): Fault {
  const more = names.length > MOST_NAMED ? ` and ${names.length - MOST_NAMED} more` : ''
  return { ...fault, message: `${fault.message}, beside ${names.slice(0, MOST_NAMED).join(', ')}${more}` }
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

function holdingsOf(document: PolicyDocument, scope: Scope): Holdings {
  const members = membersOf(document, scope)
  const sums = { guarantee: { down: 0, up: 0 }, ceiling: { down: 0, up: 0 } }
  for (const id of members) {
    for (const { direction, guarantee, ceiling } of promisesTo(document, document.institutions[id]!)) {
      sums.ceiling[direction] += ceiling
      sums.guarantee[direction] += guarantee
    }
  }
  return { members, tiers: new Set(members.map((id) => document.institutions[id]!.tier)), ...sums }
}
