// The door to the preview threads. They are a pool of their own, so that a preview never stands in the way of a tick.

import type { Board } from '../model/board.js'
import type { Conditions } from '../model/network.js'
import type { Preview } from '../model/preview.js'
import type { PolicyDocument } from '../policy/document.js'
import { createPool } from '../runtime/pool.js'

/** A policy, and a name that no other policy has. */
export interface NamedPolicy {
  readonly key: string
  readonly document: PolicyDocument
}

export interface PreviewRequest {
  readonly before: NamedPolicy
  readonly after: NamedPolicy
  readonly board: Board | null
  readonly conditions: Conditions
}

export interface Previews {
  preview(request: PreviewRequest): Promise<Preview>
  close(): Promise<void>
}

interface Named {
  readonly key: string
  readonly document: PolicyDocument | null
}
interface Task {
  readonly before: Named
  readonly after: Named
  readonly asked: { readonly flows: readonly string[]; readonly demand: Float64Array } | null
  readonly conditions: Conditions
}

export function createPreviews(): Previews {
  // One thread knows what it has compiled; a second one would have to learn it again.
  const pool = createPool<Task, Preview | { readonly unknown: string }>('preview', 1)
  const flowIds = new WeakMap<object, readonly string[]>()
  const askedOf = (board: Board | null): Task['asked'] => {
    if (board === null) return null
    const flows = flowIds.get(board.plan) ?? board.plan.flows.map(({ id }) => id)
    flowIds.set(board.plan, flows)
    return { flows, demand: board.flows.demand }
  }
  return {
    async preview({ before, after, board, conditions }) {
      const asked = askedOf(board)
      // The thread knows what is in force; it says so when it does not, and is then told.
      let answer = await pool.run({
        before: { key: before.key, document: null },
        after: after.key === before.key ? { key: after.key, document: null } : after,
        ...{ asked, conditions },
      })
      if ('unknown' in answer) {
        answer = await pool.run({ before, after, asked, conditions })
      }
      if ('unknown' in answer) throw new Error(`the preview thread does not know ${answer.unknown}`)
      return answer
    },
    close: () => pool.close(),
  }
}
