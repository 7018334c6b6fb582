// While a revision waits for confirmation, its health is watched: it is reverted at once when edges begin to refuse it,
// when the proof of an allocation fails, or when promises break that the revision before would keep at this moment.
// What was so at the first look is what the author saw in the preview; only what comes after that counts.

import type { Board } from '../model/board.js'
import type { Logger } from '../runtime/log.js'
import type { ChangeDesk } from './change-desk.js'

interface Signs {
  readonly refusing: ReadonlySet<string>
  readonly broken: ReadonlySet<string>
  readonly certified: boolean
}

export class HealthGuard {
  readonly #changes: ChangeDesk
  readonly #board: () => Board | null
  readonly #log: Logger
  #first: { readonly revision: number; readonly signs: Signs } | null = null

  constructor(changes: ChangeDesk, board: () => Board | null, log: Logger) {
    this.#changes = changes
    this.#board = board
    this.#log = log
  }

  /** Looks once; nothing to do while nothing waits. */
  async check(): Promise<void> {
    const { desk } = this.#changes
    const { pending } = desk
    const board = this.#board()
    // A board that still shows the revision before says nothing of this one.
    if (pending === null || board === null || board.plan.revision !== pending.revision) return
    const parent = await desk.store.get(pending.parent)
    if (parent === null) return
    const { impact } = await this.#changes.preview(parent, desk.revision)
    const name = (row: { institution: string; service: string; direction: string }): string =>
      `${row.institution}/${row.service}/${row.direction}`
    const signs = {
      refusing: new Set(board.edges.filter(({ refusal }) => refusal !== null).map(({ id }) => id)),
      broken: new Set((impact.now?.guaranteesBroken ?? []).map(name)),
      certified: board.certificate.ok,
    }
    if (this.#first?.revision !== pending.revision) this.#first = { revision: pending.revision, signs }
    const reason = worse(this.#first.signs, signs)
    if (reason === null || desk.pending?.revision !== pending.revision) return
    this.#log.error({ revision: pending.revision, reason }, 'a health guard fires')
    await desk.revert(pending, `revision ${pending.revision}: ${reason}`)
  }
}

/** What has become worse, in words; null: nothing. */
export function worse(first: Signs, now: Signs): string | null {
  const edge = [...now.refusing].find((id) => !first.refusing.has(id))
  if (edge !== undefined) return `edge ${edge} refuses it`
  if (first.certified && !now.certified) return 'the proof of the allocation fails'
  const flow = [...now.broken].find((id) => !first.broken.has(id))
  return flow === undefined ? null : `the promise of ${flow} breaks, which the revision before would keep`
}
