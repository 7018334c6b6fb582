// How a plan crosses from thread to thread. One comes with every rollback and every link that is cut, and nearly all of
// it is as it was: only what is new crosses, and what is not is the very object that it was on the other side, so that
// whoever keeps something by it keeps that too.

import equal from 'fast-deep-equal/es6/index.js'
import type { Plan } from '../model/plan.js'
import type { InPieces } from '../runtime/pieces.js'

/** A plan, or what somebody needs of one. */
interface Parts {
  readonly flows: readonly Pick<Plan['flows'][number], 'id'>[]
  readonly flowIndex: Plan['flowIndex']
}

/** Items of a list by place, where there are as many as before; else the part whole. */
type PartNews = { readonly whole: unknown } | { readonly at: Uint32Array; readonly items: readonly unknown[] }

/** By name of the part; what is not there is as it was. */
export type PlanNews<P extends Parts> = Readonly<Partial<Record<keyof P, PartNews>>>

/** Items of a list that are looked at in one piece. */
const ITEMS_A_PIECE = 400

/** @param before null: the other side has none yet */
export function* planNews<P extends Parts>(plan: P, before: P | null): InPieces<PlanNews<P>> {
  const { flowIndex: _, ...parts } = plan
  const all: [name: string, news: PartNews][] = []
  for (const [name, part] of Object.entries(parts)) {
    // Names of entries are those of the plan.
    const news = yield* partNews(part, before?.[name as keyof P])
    if (news !== null) all.push([name, news])
  }
  return Object.fromEntries(all) as PlanNews<P>
}

function* partNews(part: unknown, before: unknown): InPieces<PartNews | null> {
  if (part === before) return null
  if (!Array.isArray(part) || !Array.isArray(before) || part.length !== before.length)
    return equal(part, before) ? null : { whole: part }
  const at: number[] = []
  for (let k = 0; k < part.length; k++) {
    if (!equal(part[k], before[k])) at.push(k)
    if ((k + 1) % ITEMS_A_PIECE === 0) yield
  }
  return at.length === 0 ? null : { at: Uint32Array.from(at), items: at.map((k) => part[k] as unknown) }
}

/**
 * What has crossed has a copy of each text for each time that it is said: tens of thousands of `down`. From here on
 * they are one. What is changed was made by the crossing, and is nobody else's yet.
 */
function shareTexts(value: unknown, texts: Map<string, string>): void {
  if (typeof value !== 'object' || value === null || ArrayBuffer.isView(value)) return
  const parts = value as Record<string, unknown>
  for (const name in parts) {
    const part = parts[name]
    if (typeof part !== 'string') shareTexts(part, texts)
    else {
      const known = texts.get(part)
      if (known === undefined) texts.set(part, part)
      else parts[name] = known
    }
  }
}

/**
 * @param news made of a crossing, for this alone
 * @param before the plan that the news were made against, as it is on this side
 */
export function planOf<P extends Parts>(news: PlanNews<P>, before: P | null): P {
  shareTexts(news, new Map())
  const read = Object.entries(news).map(([name, part]) => [name, partOf(part as PartNews, before?.[name as keyof P])])
  // It has all parts but one: the other side has made them of a plan.
  const plan = { ...before, ...Object.fromEntries(read) } as P
  const { flows } = plan
  const isSame = flows.length === before?.flows.length && flows.every(({ id }, f) => id === before.flows[f]!.id)
  return { ...plan, flowIndex: isSame ? before.flowIndex : new Map(flows.map(({ id }, f) => [id, f])) }
}

function partOf(news: PartNews, before: unknown): unknown {
  if ('whole' in news) return news.whole
  const part = [...(before as readonly unknown[])]
  news.items.forEach((item, k) => {
    part[news.at[k]!] = item
  })
  return part
}
