// While a revision waits for confirmation, its health is watched: it is reverted at once when edges begin to refuse it,
// when the proof of an allocation fails, or when promises break that the revision before would keep at this moment.
//
// What was wrong at the first look is what the author saw in the preview; only what comes after that counts. The first
// look is kept in the register, so that a restart or a takeover does not take for granted what broke meanwhile.

import type { Board } from '../model/board.js'
import { type FirstLook, fieldOf } from '../policy/in-force/register.js'
import type { Revision } from '../policy/revisions/revisions.js'
import type { Logger } from '../runtime/log.js'
import type { PolicyChanges } from './policy-changes.js'
import type { Pending } from './policy-state.js'

export class HealthGuard {
  readonly #changes: PolicyChanges
  readonly #board: () => Board | null
  readonly #log: Logger
  /** Of the revision that waits. */
  #parent: Revision | null = null

  constructor(changes: PolicyChanges, board: () => Board | null, log: Logger) {
    this.#changes = changes
    this.#board = board
    this.#log = log
  }

  /** Looks once; nothing to do while nothing waits. @throws MizaniError what the store throws. */
  async check(): Promise<void> {
    const { policy } = this.#changes
    const { pending } = policy
    const board = this.#board()
    // A board that still shows the revision before says nothing of this one.
    if (pending === null || board === null || board.plan.revision !== pending.revision) return
    const now = await this.#look(pending, board)
    if (now === null) return
    const first = await this.#firstLook(now)
    const reason = worse(first, now)
    if (reason === null || policy.pending?.revision !== pending.revision) return
    this.#log.error({ revision: pending.revision, reason }, 'a health guard fires')
    await policy.revert(pending, `revision ${pending.revision}: ${reason}`)
  }

  async #look({ revision, parent }: Pending, board: Board): Promise<FirstLook | null> {
    const { policy } = this.#changes
    if (this.#parent?.revision !== parent) this.#parent = await policy.store.get(parent)
    if (this.#parent === null) return null
    const { impact } = await this.#changes.preview(this.#parent, policy.revision)
    const broken = impact.now?.guaranteesBroken ?? []
    return {
      revision,
      refusing: board.edges.filter(({ refusal }) => refusal !== null).map(({ id }) => id),
      broken: broken.map(({ institution, service, direction }) => `${institution}/${service}/${direction}`),
      certified: board.certificate.ok,
    }
  }

  /** Whoever looks first says what was wrong then, for all that look later. */
  async #firstLook(now: FirstLook): Promise<FirstLook> {
    const { policy } = this.#changes
    const isThis = (look: FirstLook | null): look is FirstLook => look?.revision === now.revision
    if (isThis(policy.register.watch)) return policy.register.watch
    const { watch } = await policy.edit((register) => (isThis(register.watch) ? {} : { [fieldOf.watch]: now }))
    return isThis(watch) ? watch : now
  }
}

/** What has become worse, in words; null: nothing. */
function worse(first: FirstLook, now: FirstLook): string | null {
  const edge = now.refusing.find((id) => !first.refusing.includes(id))
  if (edge !== undefined) return `edge ${edge} refuses it`
  if (first.certified && !now.certified) return 'the proof of the allocation fails'
  const before = new Set(first.broken)
  const flow = now.broken.find((id) => !before.has(id))
  return flow === undefined ? null : `the promise of ${flow} breaks, which the revision before would keep`
}
