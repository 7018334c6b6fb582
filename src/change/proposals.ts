// Proposals: a change that waits for a second person, or for its hour. What is kept is the change itself. When the base
// has moved, it is laid on the new one and previewed again, and the approval holds only while nobody else has touched
// the same places and nobody loses who did not lose when it was approved.

import type { Text } from '../model/network.js'
import type { Preview } from '../model/preview.js'
import type { Scope } from '../model/principal.js'
import { type Asker, type PolicyEdit, type PolicyOutcome, type Stale, staleSaid } from '../model/revision.js'
import type { UnixMilliseconds } from '../model/units.js'
import type { Replay } from '../planning/recorded/replay.js'
import { applyChanges, changesBetween, overlaps } from '../policy/document/diff.js'
import { fieldOf, REMEMBERED } from '../policy/in-force/register.js'
import { changeInWords } from '../policy/revisions/change-words.js'
import { lossesOf, newLosses, someoneLoses } from '../policy/revisions/guards.js'
import { decidedBefore, PROPOSAL_STATES, type Proposal } from '../policy/revisions/proposal.js'
import type { Clock } from '../runtime/clock.js'
import { MizaniError, messageOf } from '../runtime/errors.js'
import type { Logger } from '../runtime/log.js'
import { confirmDeadline, type Draft, type PolicyChanges } from './policy-changes.js'
import { etagOf } from './policy-state.js'
import { idInRegister, knownAs } from './register-ids.js'

export interface ProposalRequest {
  readonly author: string
  readonly reason: string
  readonly reference: string | null
  /** Committed by itself at this time once nobody has to approve it any more; null: by a person. */
  readonly effectiveAt: UnixMilliseconds | null
  /** What the author may change; null or absent: everything. */
  readonly scope?: Scope | null | undefined
  /** Names the write: the same one again is the same proposal. */
  readonly request?: string | undefined
}

/** What an approver reads before agreeing. */
export interface ProposalLook {
  readonly proposal: Proposal
  /** Its changes in words, one for one. */
  readonly words: readonly Text[]
  /** The revision in force, on which it was looked at. */
  readonly base: number
  /** What it would do if it were made now; null: it is decided, or cannot be made. */
  readonly preview: Preview | null
  /** Why it cannot be made any more. */
  readonly stale: Stale | null
}

export interface ProposalCommit {
  readonly confirmWithin?: number | undefined
  /** Absent: the machine, as its hour has come. */
  readonly actor?: string
  /** Who makes it before its hour, and why; absent: it waits for that. */
  readonly early?: { readonly actor: string; readonly reason: string } | undefined
}

export class Proposals {
  readonly #changes: PolicyChanges
  readonly #clock: Clock
  readonly #log: Logger

  constructor(changes: PolicyChanges, clock: Clock, log: Logger) {
    this.#changes = changes
    this.#clock = clock
    this.#log = log
  }

  list(): readonly Proposal[] {
    return this.#changes.policy.register.proposals
  }

  /**
   * Keeps a change of what is in force when its turn comes: `edit` is handed that document.
   * @throws MizaniError POLICY_INVALID, FORBIDDEN, what `edit` throws, and what the store throws.
   */
  propose(
    edit: PolicyEdit,
    { author, reason, reference, effectiveAt, scope = null, request }: ProposalRequest,
  ): Promise<Proposal> {
    return this.#changes.inTurn(async () => {
      const id = idInRegister('p', request)
      const known = knownAs(id, request, this.list(), this.#clock.wall())
      if (known !== undefined) return known
      const draft = await this.#changes.draft(edit(this.#changes.policy.current()), { scope, looking: false })
      if (draft.changes.length === 0) throw changesNothing(draft.base.revision)
      const proposal: Proposal = {
        id,
        // A change that needs nobody's approval is approved; it may still wait for its hour.
        state: draft.guards.length === 0 ? 'approved' : 'open',
        ...{ author, scope: structuredClone(scope) as Proposal['scope'], reason, reference, effectiveAt },
        at: this.#clock.wall(),
        approvedBy: null,
        note: null,
        ...boundTo(draft),
      }
      await this.#keep(proposal)
      return proposal
    }, author)
  }

  /** The change as it would be made now; nothing is kept. @throws MizaniError NOT_FOUND, RATE_LIMITED. */
  async look(id: string, asker: Asker): Promise<ProposalLook> {
    const proposal = this.#find(id)
    const base = this.#changes.policy.revision.revision
    const { document } = this.#changes.policy
    const words = proposal.changes.map((change) => changeInWords(change, document))
    const known = { proposal, words, base, preview: null, stale: null }
    if (proposal.state !== 'open' && proposal.state !== 'approved') return known
    const stale = await this.#touched(proposal, { looking: true })
    if (stale !== null) return { ...known, stale }
    try {
      const preview = await this.#changes.look(applyChanges(document, proposal.changes), asker)
      return { ...known, preview }
    } catch (error) {
      if (!(error instanceof MizaniError) || error.code !== 'POLICY_INVALID') throw error
      return { ...known, stale: { code: 'REFUSED', detail: messageOf(error) } }
    }
  }

  /**
   * The change on the moments of so many days that were recorded.
   * @throws MizaniError NOT_FOUND, and as Replays.ask does.
   */
  async replay(id: string, days: number, asker: Asker): Promise<Replay> {
    const { changes } = this.#find(id, ['open', 'approved'])
    const { replays, policy } = this.#changes
    if (replays === undefined) throw new MizaniError({ code: 'NOT_FOUND', message: 'Nothing is recorded here.' })
    const { document, register: inForce } = policy
    return replays.ask({ days, to: this.#clock.wall(), document, inForce, changes }, asker)
  }

  /**
   * @param seen the revision on which the approver has looked at it; absent: whichever is in force
   * @throws MizaniError NOT_FOUND, SELF_APPROVAL, PROPOSAL_STALE.
   */
  approve(id: string, actor: string, seen?: number): Promise<Proposal> {
    return this.#changes.inTurn(async () => {
      const proposal = this.#find(id, ['open'])
      if (proposal.author === actor) throw selfApproval(actor)
      const { revision } = this.#changes.policy.revision
      if (seen !== undefined && seen !== revision) {
        const why = `it was looked at on revision ${seen}, and ${revision} is in force by now`
        throw proposalStale(id, why, `Look at it again: mizani proposal show ${id}`)
      }
      const draft = await this.#rebase(proposal)
      return this.#keep({ ...proposal, ...boundTo(draft), state: 'approved', approvedBy: actor }, proposal.state)
    }, actor)
  }

  /** @throws MizaniError NOT_FOUND, PROPOSAL_STALE. */
  reject(id: string, actor: string, reason: string): Promise<Proposal> {
    return this.#changes.inTurn(async () => {
      const proposal = this.#find(id, ['open', 'approved'])
      return this.#keep({ ...proposal, state: 'rejected', note: `${actor}: ${reason}` }, proposal.state)
    }, actor)
  }

  /**
   * Makes an approved change the next revision.
   * @throws MizaniError NOT_FOUND, APPROVAL_REQUIRED, PROPOSAL_STALE, PRECONDITION_FAILED before its hour, and what a
   * change throws.
   */
  commit(id: string, how: ProposalCommit = {}): Promise<PolicyOutcome> {
    return this.#changes.inTurn(() => this.#commit(this.#find(id, ['open', 'approved']), how), how.actor ?? null)
  }

  /** Commits what was approved for an hour that has come. */
  async commitDue(): Promise<void> {
    const now = this.#clock.wall()
    const due = this.list().filter(
      ({ state, effectiveAt }) => state === 'approved' && effectiveAt !== null && effectiveAt <= now,
    )
    for (const proposal of due) {
      const { id, reason, reference } = proposal
      try {
        const { revision, base } = await this.commit(id)
        this.#changes.policy.told({
          ...{ action: 'commit at its hour', subject: id, reason, reference },
          ...{ before: { revision: base }, after: { revision } },
        })
      } catch (error) {
        // It is tried again; whoever looks at the list is told why it was not made, and the log is told once.
        const note = `its hour has come, but: ${messageOf(error)}`
        if (this.list().find((now) => now.id === id)?.state !== 'approved' || proposal.note === note) continue
        this.#log.warn({ proposal: id, reason: messageOf(error) }, 'a change whose hour has come could not be made')
        // A note that cannot be kept now is kept at the next try.
        await this.#keep({ ...proposal, note }).catch(() => undefined)
      }
    }
  }

  async #commit(proposal: Proposal, { confirmWithin, early }: ProposalCommit): Promise<PolicyOutcome> {
    const { id, author, scope, reference, approvedBy, effectiveAt } = proposal
    const waits = effectiveAt !== null && effectiveAt > this.#clock.wall()
    if (waits && early === undefined) throw tooEarly(id, effectiveAt)
    const hurry = waits && early !== undefined ? `made before its hour by ${early.actor}: ${early.reason}` : null
    const reason = hurry === null ? proposal.reason : `${proposal.reason}; ${hurry}`
    const done = (revision: number): string => `revision ${revision}${hurry === null ? '' : `, ${hurry}`}`
    const request = `proposal-${id}`
    // It may have been made by one that was killed before it could say so here.
    const made = await this.#changes.settled(request)
    if (made !== null) {
      await this.#keep({ ...proposal, state: 'committed', note: done(made.revision) })
      return made
    }
    for (;;) {
      const draft = await this.#admitted(proposal)
      const loses = someoneLoses(draft.preview)
      const confirmBy = confirmDeadline(this.#clock.wall(), { confirmWithin, must: false, loses })
      const stamp = { author, scope, reason, reference, confirmBy, approvedBy, request }
      const revision = await this.#changes.commit(draft, stamp)
      if (revision === null) continue
      await this.#keep({ ...proposal, state: 'committed', note: done(revision.revision) })
      const { base, hash, preview, guards } = draft
      const { warnings } = preview
      const etag = etagOf(hash)
      return { revision: revision.revision, hash, base: base.revision, etag, warnings, preview, guards, confirmBy }
    }
  }

  /** As it would be made now, where it may be. @throws MizaniError PROPOSAL_STALE, APPROVAL_REQUIRED, as `admit`. */
  async #admitted(proposal: Proposal): Promise<Draft> {
    const { id, approvedBy } = proposal
    const draft = await this.#rebase(proposal)
    const fresh = newLosses(proposal.losses, lossesOf(draft.preview))
    if (fresh.length > 0 && approvedBy !== null) {
      const why = `since it was approved ${fresh.length} more would lose, first ${fresh[0]}`
      await this.#keep({ ...proposal, ...boundTo(draft), state: 'open', approvedBy: null, note: why })
      throw proposalStale(id, why, 'It has to be approved again.')
    }
    // Whoever has proposed it need not propose it again.
    if (draft.guards.length > 0 && approvedBy === null) throw notApproved(id, draft.guards)
    this.#changes.admit(draft, { approved: approvedBy !== null })
    return draft
  }

  /**
   * The same change on what is in force now.
   * @throws MizaniError PROPOSAL_STALE when it does not fit any more; FORBIDDEN where its author's scope forbids it.
   */
  async #rebase(proposal: Proposal): Promise<Draft> {
    const stale = await this.#touched(proposal, { looking: false })
    if (stale !== null) {
      const why = staleSaid(stale)
      await this.#keep({ ...proposal, state: 'void', note: why })
      throw proposalStale(proposal.id, why, 'Make the change again on the policy in force.')
    }
    // Whatever has changed meanwhile, it is still its author who changes something, within the scope they had.
    const drafting = { scope: proposal.scope, looking: false }
    return this.#changes.draft(applyChanges(this.#changes.policy.document, proposal.changes), drafting)
  }

  /** Which of its places somebody else has changed meanwhile; null: none. */
  async #touched({ base, changes }: Proposal, by: { readonly looking: boolean }): Promise<Stale | null> {
    const { policy } = this.#changes
    if (base === policy.revision.revision) return null
    const before = await policy.store.get(base, by)
    const touched = overlaps(changes, changesBetween(before?.document, policy.document))
    return touched === null ? null : { code: 'TOUCHED', place: touched, since: base }
  }

  #find(id: string, states: readonly Proposal['state'][] = PROPOSAL_STATES): Proposal {
    const found = this.list().find((proposal) => proposal.id === id)
    if (found === undefined) throw new MizaniError({ code: 'NOT_FOUND', message: `There is no proposal "${id}".` })
    if (states.includes(found.state)) return found
    throw proposalStale(id, `it is ${found.state}${found.note === null ? '' : ` (${found.note})`}`)
  }

  /** @param was what it was when it was decided: another controller may have decided otherwise meanwhile */
  async #keep(proposal: Proposal, was?: Proposal['state']): Promise<Proposal> {
    const old = this.#clock.wall() - REMEMBERED
    await this.#changes.policy.edit((now) => {
      const known = now.proposals.find(({ id }) => id === proposal.id)
      if (was !== undefined && known?.state !== was) throw proposalStale(proposal.id, `it is ${known?.state} by now`)
      return {
        ...Object.fromEntries(decidedBefore(now.proposals, old).map((id) => [fieldOf.proposal(id), null])),
        [fieldOf.proposal(proposal.id)]: proposal,
      }
    })
    return proposal
  }
}

/** What an approval is bound to. */
function boundTo({ base, changes, guards, preview }: Draft): Pick<Proposal, 'base' | 'changes' | 'guards' | 'losses'> {
  return { base: base.revision, changes: [...changes], guards: [...guards], losses: lossesOf(preview) }
}

const changesNothing = (revision: number): MizaniError =>
  new MizaniError({
    code: 'BAD_REQUEST',
    message: `This changes nothing: revision ${revision}, which is in force, says the same.`,
    advice: 'Compare with `mizani policy get`; there is nothing that somebody could agree to.',
  })

function tooEarly(id: string, effectiveAt: UnixMilliseconds): MizaniError {
  return new MizaniError({
    code: 'PRECONDITION_FAILED',
    message: `Proposal ${id} waits for ${new Date(effectiveAt).toISOString()} and is made by itself then.`,
    advice: 'To make it now all the same: now=true with a reason (mizani proposal commit ID --now --reason "...").',
  })
}

function selfApproval(actor: string): MizaniError {
  return new MizaniError({
    code: 'SELF_APPROVAL',
    message: `${actor} has made this change; somebody else has to agree to it.`,
  })
}

function notApproved(id: string, guards: readonly string[]): MizaniError {
  const message = `Proposal ${id} waits for a second person: ${guards.join(', ')}.`
  return new MizaniError({ code: 'APPROVAL_REQUIRED', message, advice: 'Someone other than its author approves it.' })
}

function proposalStale(id: string, why: string, advice?: string): MizaniError {
  const message = `Proposal ${id}: ${why}.`
  return new MizaniError({ code: 'PROPOSAL_STALE', message, ...(advice === undefined ? {} : { advice }) })
}
