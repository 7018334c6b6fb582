// Those whom conditions hurt, by tier and service: how many of how many.

import type { Plan } from '../../model/plan.js'
import type { Harm, Hurt, Moment } from './harm.js'

export interface PlanTier {
  readonly tier: string
  readonly service: string
  /** Of the tier. */
  readonly institutions: number
  readonly short: number
  /** At some of their sites only. */
  readonly partly: number
  readonly unreachable: number
  /** What those that are short lack together, and when that is most; null: nobody is. */
  readonly most: Moment | null
  /** Null: nobody is short. */
  readonly kept: number | null
}

/** Only tiers and services in which somebody is hurt; by tier, then service. */
export function tiersOf({ institutions, services }: Plan, { hurts, tiers }: Omit<Harm, 'most'>): PlanTier[] {
  const found = new Map<string, Hurt[]>()
  for (const hurt of hurts) {
    const key = `${institutions[hurt.institution]!.tier} ${services[hurt.service]!.id}`
    const known = found.get(key)
    if (known === undefined) found.set(key, [hurt])
    else known.push(hurt)
  }
  const ordered = [...found].sort(([a], [b]) => (a < b ? -1 : 1))
  return ordered.map(([key, members]): PlanTier => {
    const [tier = '', service = ''] = key.split(' ')
    const ofKind = (kind: Hurt['kind']): Hurt[] => members.filter((hurt) => hurt.kind === kind)
    const short = ofKind('short')
    return {
      ...{ tier, service, short: short.length },
      ...{ partly: ofKind('partly').length, unreachable: ofKind('unreachable').length },
      institutions: institutions.filter((institution) => institution.tier === tier).length,
      most: tiers.get(key) ?? null,
      kept: short.length === 0 ? null : Math.min(...short.map(({ kept }) => kept)),
    }
  })
}
