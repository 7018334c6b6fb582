// Which institutions are shown and in which order, and what is usual in their categories.

import type { Schema } from '../call.js'

export interface Institution extends Pick<Schema['Institution'], 'id' | 'name' | 'category' | 'region' | 'tier'> {
  readonly flow: Schema['Figures']
}

export const ORDERS = ['unmet', 'name', 'need', 'demand'] as const
export type Order = (typeof ORDERS)[number]

export const orderOf = (said: string | null): Order => ORDERS.find((order) => order === said) ?? 'unmet'

/** What is missing of a promise counts before what is missing. */
const isBroken = ({ need, demand, guarantee }: Schema['Figures']): boolean => need < Math.min(demand, guarantee) - 1_000

export const missing = (flow: Schema['Figures']): 'bad' | 'warn' | null =>
  isBroken(flow) ? 'bad' : flow.unmet > 0 ? 'warn' : null

/** Made once: comparing names is most of the work. */
const COLLATORS = { en: new Intl.Collator('en'), sw: new Intl.Collator('sw') }

export function inOrder(rows: readonly Institution[], order: Order, lang: 'en' | 'sw'): Institution[] {
  const byName = (a: Institution, b: Institution): number => COLLATORS[lang].compare(a.name[lang], b.name[lang])
  if (order === 'name') return [...rows].sort(byName)
  if (order !== 'unmet') return [...rows].sort((a, b) => b.flow[order] - a.flow[order] || byName(a, b))
  const rank = ({ flow }: Institution): number => (isBroken(flow) ? 1 : 0)
  return [...rows].sort((a, b) => rank(b) - rank(a) || b.flow.unmet - a.flow.unmet || byName(a, b))
}

/** The median need of each category. */
export function medians(rows: readonly Institution[]): ReadonlyMap<string, number> {
  const needs = new Map<string, number[]>()
  for (const { category, flow } of rows) needs.set(category, [...(needs.get(category) ?? []), flow.need])
  return new Map([...needs].map(([category, all]) => [category, all.sort((a, b) => a - b)[all.length >> 1]!]))
}
