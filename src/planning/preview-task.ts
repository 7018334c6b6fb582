// Previews in a thread: documents come in, an answer goes out. The thread keeps the forecasts of the last few policies,
// so that what is in force is compiled once and not for every preview.

import type { Conditions } from '../model/network.js'
import type { Preview } from '../model/preview.js'
import type { Milliseconds } from '../model/units.js'
import type { PolicyDocument } from '../policy/document.js'
import { Forecast } from './forecast.js'
import { previewChange } from './preview.js'

export interface PreviewTask {
  readonly before: Named
  readonly after: Named
  /** bit/s asked in the last tick, with the ids of the flows; null: there was none. */
  readonly asked: { readonly flows: readonly string[]; readonly demand: Float64Array } | null
  readonly conditions: Conditions
}

/** A policy and a name that no other policy has. A thread that knows the name needs no document. */
export interface Named {
  readonly key: string
  readonly document: PolicyDocument | null
}

/** Instead of an answer: the thread does not know this policy yet. */
export interface Unknown {
  readonly unknown: string
}

/** In force, its parent, and the drafts of a few people. */
const KEPT = 6

export function createPreviewer(now: () => Milliseconds): (task: PreviewTask) => Preview | Unknown {
  const forecasts = new Map<string, Forecast>()
  const enter = ({ key, document }: Named): Forecast | null => {
    const known = forecasts.get(key)
    if (known === undefined && document === null) return null
    const forecast = known ?? new Forecast(document!, now)
    forecasts.delete(key)
    forecasts.set(key, forecast)
    if (forecasts.size > KEPT) forecasts.delete(forecasts.keys().next().value!)
    return forecast
  }
  return ({ before, after, asked, conditions }) => {
    const [was, is] = [enter(before), enter(after)]
    if (was === null) return { unknown: before.key }
    if (is === null) return { unknown: after.key }
    const demand = asked === null ? null : new Map(asked.flows.map((id, f) => [id, asked.demand[f]!]))
    return previewChange(was, is, { demand, conditions })
  }
}
