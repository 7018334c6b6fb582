// The revisions as people use them: look back, compare, confirm, roll back, sign. A rollback is a new revision that
// says what an old one said; it needs no second person unless it weakens what protects others or goes back to what
// went past approval, no test stops it, it waits for no change or preview, and it settles whatever waits for
// confirmation.

import { randomUUID } from 'node:crypto'
import type { PolicyOutcome } from '../model/revision.js'
import { applyChanges, changesBetween } from '../policy/document/diff.js'
import type { PolicyDocument } from '../policy/document/document.js'
import { fieldOf, type Unsigned } from '../policy/in-force/register.js'
import { weakens } from '../policy/revisions/guards.js'
import type { Change } from '../policy/revisions/proposal.js'
import type { Revision } from '../policy/revisions/revisions.js'
import { MizaniError } from '../runtime/errors.js'
import { assertUnguarded, type PolicyChanges } from './policy-changes.js'
import type { Pending } from './policy-state.js'
import { etagOf } from './policy-state.js'

/** Of a rollback that others were faster than. */
const MOST_TRIES = 5

export type RevisionLine = Pick<Revision, 'revision' | 'hash'> & Revision['meta']

export class RevisionHistory {
  readonly #changes: PolicyChanges

  constructor(changes: PolicyChanges) {
    this.#changes = changes
  }

  get pending(): Pending | null {
    return this.#changes.policy.pending
  }

  get unsigned(): readonly Unsigned[] {
    return this.#changes.policy.register.unsigned
  }

  /** The newest first: at most so many, from `before` (excluded) down. */
  list(most: number, before?: number): Promise<RevisionLine[]> {
    const { policy } = this.#changes
    const from = Math.min(policy.revision.revision, (before ?? Number.POSITIVE_INFINITY) - 1)
    return policy.store.list(from, most)
  }

  /** @throws MizaniError NOT_FOUND. */
  async get(revision: number): Promise<Revision> {
    const { policy } = this.#changes
    const found =
      policy.revision.revision === revision ? policy.revision : await policy.store.get(revision, { looking: true })
    if (found === null) throw noSuch(revision)
    return found
  }

  /** What the revision says differently from another one; from its parent when none is named. */
  async diff(revision: number, against?: number): Promise<{ against: number | null; changes: Change[] }> {
    const { document, meta } = await this.get(revision)
    const other = against ?? meta.parent
    if (other === null) return { against: null, changes: changesBetween(undefined, document) }
    return { against: other, changes: changesBetween((await this.get(other)).document, document) }
  }

  /**
   * The revision that waits stays. What went past approval is confirmed by an approver, and never by its author.
   * @throws MizaniError PRECONDITION_FAILED when it does not wait, SELF_APPROVAL, FORBIDDEN.
   */
  confirm(revision: number, { actor, approves }: Confirmer): Promise<void> {
    return this.#changes.inTurn(async () => {
      const { policy } = this.#changes
      if (policy.pending?.revision === revision) {
        const { breakGlass, author } = policy.revision.meta
        if (breakGlass && author === actor) throw ownDeed(actor, revision, 'confirm')
        if (breakGlass && !approves) throw notAnApprover(revision)
        return policy.confirm(revision)
      }
      const waiting = policy.pending === null ? 'nothing waits' : `revision ${policy.pending.revision} waits`
      const message = `Revision ${revision} does not wait for confirmation: ${waiting}.`
      throw new MizaniError({ code: 'PRECONDITION_FAILED', message })
    }, null)
  }

  /**
   * @throws MizaniError NOT_FOUND, BAD_REQUEST for nothing, POLICY_INVALID when we cannot use the old document,
   * APPROVAL_REQUIRED where it takes away what asks for a second person, PRECONDITION_FAILED when it is to undo one
   * revision (`only`) and another is in force.
   */
  async rollback(revision: number, { only, ...why }: RollbackReason): Promise<PolicyOutcome> {
    const { policy } = this.#changes
    const inForce = policy.revision.revision
    const old = inForce === revision ? null : await policy.revisionOf(revision, { judged: true })
    if (old === null && inForce !== revision) throw noSuch(revision)
    for (let tries = 1; ; tries++) {
      const { document, revision: base } = policy.revision
      if (only !== undefined && base !== only) throw notOnly(only, base)
      const changes = old === null ? [] : changesBetween(document, old.document)
      if (old === null || changes.length === 0) throw sameAlready(revision, base)
      const ruling = await this.#ruling()
      const isWeaker = weakens(changesBetween(ruling, old.document)) || old.meta.breakGlass
      if (isWeaker && ruling !== old.document) assertUnguarded(ruling, changes)
      // What both say alike is kept as it is: whoever compiles tells by identity what has changed.
      const back = applyChanges(document, changes) as PolicyDocument
      try {
        const stamp = { expected: base, ...why, kind: 'rollback', request: randomUUID() } as const
        const { hash, revision: made } = await policy.commit(back, { ...stamp, hash: old.hash })
        return { revision: made, hash, base, etag: etagOf(hash), warnings: [] }
      } catch (error) {
        // It waits for no change that is being looked at; one that was made meanwhile it goes back from as well.
        const isLate = error instanceof MizaniError && error.code === 'PRECONDITION_FAILED'
        if (!isLate || tries === MOST_TRIES) throw error
        await policy.refresh()
      }
    }
  }

  /** The guards that count: while something that went past approval waits, those of before it. */
  async #ruling(): Promise<PolicyDocument> {
    const { pending, revision } = this.#changes.policy
    const { breakGlass, parent } = revision.meta
    if (pending === null || !breakGlass || parent === null) return revision.document
    const before = await this.#changes.policy.revisionOf(parent)
    if (before === null) throw noSuch(parent)
    return before.document
  }

  /** An approver signs a break-glass commit afterwards. @throws MizaniError NOT_FOUND, SELF_APPROVAL. */
  async sign(revision: number, actor: string): Promise<void> {
    const waiting = this.unsigned.find((commit) => commit.revision === revision)
    if (waiting === undefined) {
      throw new MizaniError({ code: 'NOT_FOUND', message: `Revision ${revision} does not wait for a signature.` })
    }
    if (waiting.author === actor) throw ownDeed(actor, revision, 'sign')
    await this.#changes.policy.edit(() => ({ [fieldOf.unsigned(revision)]: null }))
  }
}

interface RollbackReason {
  readonly author: string
  readonly reason: string
  readonly reference: string | null
  /** What it undoes, and nothing that came after it. */
  readonly only?: number | undefined
}

/** Whoever confirms, and whether they may agree to the changes of others. */
export interface Confirmer {
  readonly actor: string
  readonly approves: boolean
}

const notOnly = (only: number, base: number): MizaniError =>
  new MizaniError({
    code: 'PRECONDITION_FAILED',
    message: `Revision ${base} is in force: going back would undo it as well, not revision ${only} alone.`,
    advice: 'Look at what is in force now; then go back without naming what is undone, if that is meant.',
  })

const ownDeed = (actor: string, revision: number, deed: 'confirm' | 'sign'): MizaniError =>
  new MizaniError({
    code: 'SELF_APPROVAL',
    message: `${actor} has made revision ${revision} past approval; somebody else has to ${deed} it.`,
  })

const notAnApprover = (revision: number): MizaniError =>
  new MizaniError({
    code: 'FORBIDDEN',
    message: `Revision ${revision} went past approval: an approver confirms it, in person, soon after signing in.`,
    advice: 'Without that it is undone by itself, as it says.',
  })

const noSuch = (revision: number): MizaniError =>
  new MizaniError({ code: 'NOT_FOUND', message: `There is no revision ${revision}.` })

function sameAlready(revision: number, inForce: number): MizaniError {
  const which = revision === inForce ? 'is the one in force' : `says what revision ${inForce}, in force, says`
  const message = `Revision ${revision} ${which}: rolling back to it would change nothing.`
  return new MizaniError({ code: 'BAD_REQUEST', message, advice: '`mizani policy history` lists the others.' })
}
