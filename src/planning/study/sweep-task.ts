// Sweeps in threads. What they sweep over crosses as shared memory and is prepared once in each thread; a task names
// its conditions, and its answer depends on nothing else.

import type { Conditions } from '../../model/network.js'
import type { PolicyDocument } from '../../policy/document/document.js'
import { createPool } from '../../runtime/pool.js'
import { parsed, shared } from '../shared-document.js'
import type { Harm } from './harm.js'
import { type Steps, Sweep } from './sweep.js'

export interface SweepTask {
  /** Of the document and the steps together. */
  readonly key: string
  /** The policy as JSON. */
  readonly document: SharedArrayBuffer
  readonly count: number
  readonly demand: SharedArrayBuffer
  readonly conditions: readonly Conditions[]
}

let last: { readonly key: string; readonly sweep: Sweep } | undefined

/** Whom each of the conditions hurts. */
export function sweep({ key, document, count, demand, conditions }: SweepTask): Harm[] {
  if (last?.key !== key) last = { key, sweep: new Sweep(parsed(document), { count, demand: new Float64Array(demand) }) }
  const prepared = last.sweep
  return conditions.map((each) => prepared.under(each))
}

export interface SweepOptions {
  readonly workers: number
  /** Conditions answered so far, of all. */
  readonly onProgress?: (done: number, of: number) => void
}

/** In the order of `conditions`, whatever the number of workers. */
export async function sweepAll(
  document: PolicyDocument,
  { count, demand }: Steps,
  conditions: readonly Conditions[],
  { workers, onProgress = () => undefined }: SweepOptions,
): Promise<Harm[]> {
  const common = { key: 'one', document: shared(document), count, demand: sharedColumn(demand) }
  const chunk = Math.max(1, Math.min(64, Math.ceil(conditions.length / (8 * workers))))
  const starts = Array.from({ length: Math.ceil(conditions.length / chunk) }, (_, n) => n * chunk)
  const pool = createPool<SweepTask, Harm[]>('sweep', workers)
  try {
    let done = 0
    const found = await Promise.all(
      starts.map(async (start) => {
        const some = conditions.slice(start, start + chunk)
        const hurts = await pool.run({ ...common, conditions: some })
        done += some.length
        onProgress(done, conditions.length)
        return hurts
      }),
    )
    return found.flat()
  } finally {
    await pool.close()
  }
}

function sharedColumn(column: Float64Array): SharedArrayBuffer {
  const buffer = new SharedArrayBuffer(column.byteLength)
  new Float64Array(buffer).set(column)
  return buffer
}
