// Which institutions are shown and in which order, and what is usual in their categories.

import { RESTRICTED } from '../../model/plan.js'
import type { Schema } from '../call.js'

export interface Institution extends Pick<Schema['Institution'], 'id' | 'name' | 'category' | 'region' | 'tier'> {
  readonly flow: Schema['Figures']
}

export const ORDERS = ['unmet', 'name', 'need', 'demand'] as const
export type Order = (typeof ORDERS)[number]

export const orderOf = (said: string | null): Order => ORDERS.find((order) => order === said) ?? 'unmet'

type Asked = Pick<Schema['Figures'], 'belowGuarantee' | 'unmet'>

/** Its colour wherever it stands: of a promise, or of what is asked beyond it. */
export const missing = ({ belowGuarantee, unmet }: Asked): 'bad' | 'warn' | null =>
  belowGuarantee ? 'bad' : unmet > 0 ? 'warn' : null

/** Made once: comparing names is most of the work. */
const COLLATORS = { en: new Intl.Collator('en'), sw: new Intl.Collator('sw') }

/** The sum of those that are restricted stands last in every order. */
export function inOrder(rows: readonly Institution[], order: Order, lang: 'en' | 'sw'): Institution[] {
  const sum = ({ id }: Institution): number => Number(id === RESTRICTED)
  const by = byOrder(order, lang)
  return [...rows].sort((a, b) => sum(a) - sum(b) || by(a, b))
}

function byOrder(order: Order, lang: 'en' | 'sw'): (a: Institution, b: Institution) => number {
  const byName = (a: Institution, b: Institution): number => COLLATORS[lang].compare(a.name[lang], b.name[lang])
  if (order === 'name') return byName
  if (order !== 'unmet') return (a, b) => b.flow[order] - a.flow[order] || byName(a, b)
  // What is missing of a promise counts before what is missing.
  const rank = ({ flow }: Institution): number => (flow.belowGuarantee ? 1 : 0)
  return (a, b) => rank(b) - rank(a) || b.flow.unmet - a.flow.unmet || byName(a, b)
}

/** The median need of each category. */
export function medians(rows: readonly Institution[]): ReadonlyMap<string, number> {
  const needs = new Map<string, number[]>()
  const single = rows.filter(({ id }) => id !== RESTRICTED)
  for (const { category, flow } of single) needs.set(category, [...(needs.get(category) ?? []), flow.need])
  return new Map([...needs].map(([category, all]) => [category, all.sort((a, b) => a - b)[all.length >> 1]!]))
}
