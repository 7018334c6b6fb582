// How a change of the policy comes into force: validate, preview, tests, approve, commit, confirm or revert. Changes go
// one after the other, so that twenty people who edit twenty institutions wait for each other and nobody is refused.
//
// What may pass without a second person is said in one place, `admit`; proposals (proposal-desk) come back here when
// somebody has approved them.

import type { Board } from '../model/board.js'
import type { Preview } from '../model/preview.js'
import type { PolicyChange, PolicyHead, PolicyOutcome } from '../model/revision.js'
import type { Milliseconds, UnixMilliseconds } from '../model/units.js'
import { hashOf } from '../policy/canonical.js'
import { applyChanges, changesBetween } from '../policy/diff.js'
import type { PolicyDocument } from '../policy/document.js'
import { guardsOf, someoneLoses } from '../policy/guards.js'
import { policyAt } from '../policy/holding.js'
import type { Change } from '../policy/proposal.js'
import { fieldOf } from '../policy/register.js'
import type { Revision } from '../policy/revisions.js'
import { assertInScope } from '../policy/scope.js'
import { validatePolicy } from '../policy/validate.js'
import type { Clock } from '../runtime/clock.js'
import { MizaniError } from '../runtime/errors.js'
import type { Logger } from '../runtime/log.js'
import { etagOf, type PolicyDesk } from './policy-desk.js'
import type { Previews } from './previews.js'

/** Where someone loses and nobody says how long to wait. */
const CONFIRM_WITHIN: Milliseconds = 600_000

export interface ChangeDeskOptions {
  readonly desk: PolicyDesk
  readonly previews: Pick<Previews, 'preview'>
  board(): Board | null
  readonly clock: Clock
  readonly log: Logger
}

/** A policy with its hash. */
export type Hashed = Pick<Revision, 'document' | 'hash'>

/** A change with everything that is known of it before it is made. */
export interface Draft {
  readonly base: Revision
  readonly document: PolicyDocument
  readonly hash: string
  readonly changes: readonly Change[]
  readonly warnings: readonly string[]
  readonly preview: Preview
  readonly guards: readonly string[]
}

export class ChangeDesk {
  readonly desk: PolicyDesk
  readonly #previews: Pick<Previews, 'preview'>
  readonly #board: () => Board | null
  readonly #clock: Clock
  readonly #log: Logger
  #turn: Promise<unknown> = Promise.resolve()

  constructor({ desk, previews, board, clock, log }: ChangeDeskOptions) {
    this.desk = desk
    this.#previews = previews
    this.#board = board
    this.#clock = clock
    this.#log = log
  }

  current(): PolicyHead {
    return this.desk.current()
  }

  /** ETag of a part of the document. */
  tagOf(part: unknown): string {
    return etagOf(hashOf(part))
  }

  /** One change after the other. */
  inTurn<T>(work: () => Promise<T>): Promise<T> {
    const done = this.#turn.then(work)
    this.#turn = done.catch(() => undefined)
    return done
  }

  /**
   * Makes the document the next revision, or says what would become of it.
   * @throws MizaniError POLICY_INVALID, PRECONDITION_FAILED, CONFIRM_PENDING, TESTS_FAILED, APPROVAL_REQUIRED,
   * READ_ONLY, and what the store throws.
   */
  put(input: unknown, change: PolicyChange): Promise<PolicyOutcome> {
    return this.inTurn(() => this.#put(() => input, change))
  }

  /**
   * The same for an edit of whatever is in force when its turn comes: `edit` is handed that document.
   * @throws as `put`, and what `edit` throws.
   */
  edit(edit: (head: PolicyHead) => unknown, change: Omit<PolicyChange, 'expected'>): Promise<PolicyOutcome> {
    return this.inTurn(() => this.#put(edit, { ...change, expected: null }))
  }

  async #put(
    input: (head: PolicyHead) => unknown,
    change: Omit<PolicyChange, 'expected'> & { readonly expected: number | null },
  ): Promise<PolicyOutcome> {
    const { revision } = this.desk
    if (change.expected !== null && change.expected !== revision.revision) throw stale(change.expected, revision)
    const document = this.check(input(this.desk.current()))
    assertInScope(revision.document, document, change.scope ?? null)
    const hash = hashOf(document)
    const outcome = { hash, base: revision.revision, etag: etagOf(hash) }
    // Nothing changes: the revision in force is already what is asked for.
    if (hash === revision.hash) return { ...outcome, revision: revision.revision, warnings: [] }
    const draft = await this.draft(document, hash)
    const confirmBy = this.#confirmBy(draft, change)
    const { warnings, preview, guards } = draft
    const known = { ...outcome, revision: revision.revision + 1, warnings, preview, guards, confirmBy }
    if (change.dryRun) return known
    this.admit(draft, change)
    await this.commit(draft, { ...change, confirmBy, approvedBy: null })
    return known
  }

  /** @throws MizaniError POLICY_INVALID with every fault. */
  check(input: unknown): PolicyDocument {
    const { document, faults } = validatePolicy(input)
    if (document === null)
      throw new MizaniError({ code: 'POLICY_INVALID', message: 'The policy cannot be used:', faults })
    const { id } = this.desk.document.plane
    if (document.plane.id !== id) throw otherPlane(document.plane.id, id)
    return document
  }

  /** Everything that is known of a change of what is in force now. */
  async draft(document: PolicyDocument, hash = hashOf(document)): Promise<Draft> {
    const base = this.desk.revision
    const changes = changesBetween(base.document, document)
    const preview = await this.preview(base, { document, hash })
    const guards = guardsOf(base.document, changes, preview, this.#clock.wall())
    return { base, document, hash, changes, warnings: preview.warnings, preview, guards }
  }

  /** Both policies as they would hold now, with what is laid over them. */
  preview(before: Hashed, after: Hashed): Promise<Preview> {
    const at = this.#clock.wall()
    const named = ({ document, hash }: Hashed) => {
      const { document: held, holdings, conditions } = policyAt(document, this.desk.register, at)
      return { key: `${hash} ${JSON.stringify(holdings)}`, document: held, conditions }
    }
    const { conditions, ...was } = named(before)
    const { conditions: _, ...is } = named(after)
    return this.#previews.preview({ before: was, after: is, board: this.#board(), conditions })
  }

  /** A document with changes. */
  changed(document: unknown, changes: readonly Change[]): unknown {
    return applyChanges(document, changes)
  }

  /** What stops a change: a freeze, one that waits for confirmation, tests, guards. @throws MizaniError. */
  admit({ preview, guards }: Draft, { breakGlass = false, approved = false }: Passes): void {
    const { pending, register } = this.desk
    if (register.freeze !== null) throw frozen(register.freeze)
    if (pending !== null) throw waits(pending)
    if (breakGlass) return
    const [first] = preview.tests.failed
    if (first !== undefined) throw testsFailed(preview)
    if (guards.length > 0 && !approved) throw approvalRequired(guards)
  }

  /** Writes it. A break-glass commit is on the list of the unsigned from then on. */
  async commit({ document, base }: Draft, commit: Commit): Promise<Revision> {
    const { author, reason, reference, confirmBy, approvedBy, breakGlass = false, request } = commit
    const stamp = { author, reason, reference, confirmBy, approvedBy, breakGlass }
    const named = request === undefined ? {} : { request }
    const revision = await this.desk.commit(document, { expected: base.revision, ...stamp, ...named })
    if (breakGlass) {
      const unsigned = { revision: revision.revision, author, reason, at: this.#clock.wall() }
      await this.desk.edit(() => ({ [fieldOf.unsigned(revision.revision)]: unsigned }))
      this.#log.error({ ...unsigned }, 'BREAK GLASS: a change went past approval and tests; an approver must sign it')
    }
    return revision
  }

  #confirmBy({ preview }: Draft, { confirmWithin, breakGlass = false }: Omit<PolicyChange, 'expected'>) {
    return confirmDeadline(this.#clock.wall(), { confirmWithin, must: breakGlass, loses: someoneLoses(preview) })
  }
}

interface Passes {
  readonly breakGlass?: boolean | undefined
  readonly approved?: boolean
}

export interface Commit extends Omit<PolicyChange, 'expected' | 'dryRun'> {
  readonly confirmBy: UnixMilliseconds | null
  readonly approvedBy: string | null
}

/** When a change is undone unless it is confirmed; null: never. */
export function confirmDeadline(
  now: UnixMilliseconds,
  {
    confirmWithin,
    must,
    loses,
  }: { readonly confirmWithin: Milliseconds | undefined; readonly must: boolean; readonly loses: boolean },
): UnixMilliseconds | null {
  if (confirmWithin === undefined) return must || loses ? now + CONFIRM_WITHIN : null
  if (confirmWithin > 0) return now + confirmWithin
  return must ? now + CONFIRM_WITHIN : null
}

export function stale(expected: number, { revision, hash }: Pick<Revision, 'revision' | 'hash'>): MizaniError {
  return new MizaniError({
    code: 'PRECONDITION_FAILED',
    remedy: 'drop',
    message: `Revision ${revision} (${hash}) is in force, not ${expected}: somebody else was faster.`,
    advice: 'Read the policy again and repeat the change on it.',
  })
}

function otherPlane(found: string, expected: string): MizaniError {
  const message = `This is the policy of plane ${found}; this controller serves ${expected}.`
  return new MizaniError({
    code: 'POLICY_INVALID',
    message,
    faults: [{ code: 'OTHER_PLANE', pointer: '/plane/id', message: `expected ${expected}, found ${found}` }],
  })
}

export function frozen({
  since,
  author,
  reason,
}: {
  since: UnixMilliseconds
  author: string
  reason: string
}): MizaniError {
  return new MizaniError({
    code: 'READ_ONLY',
    message: `The policy is frozen since ${new Date(since).toISOString()} by ${author}: ${reason}.`,
    advice: 'Rolling back, ending overrides and modes, and link states are still possible; unfreeze to change more.',
  })
}

function waits({ revision, confirmBy }: { revision: number; confirmBy: UnixMilliseconds }): MizaniError {
  return new MizaniError({
    code: 'CONFIRM_PENDING',
    message: `Revision ${revision} waits for confirmation until ${new Date(confirmBy).toISOString()}.`,
    advice: 'Confirm it or roll it back first.',
  })
}

function testsFailed({ tests: { failed } }: Preview): MizaniError {
  const faults = failed.map(
    ({ test, institution, service, direction, expected, found, failure, bottleneck, because }) => ({
      code: 'TEST',
      pointer: `/tests/${test}`,
      message:
        `${institution}, ${service} ${direction}: expected ${expected} bit/s, would get ${found}` +
        `${failure === null ? '' : ` when ${failure} fails`}` +
        `${bottleneck === null ? '' : `; it stops at ${bottleneck}`}${because === null ? '' : ` (${because})`}`,
    }),
  )
  const count = failed.length === 1 ? 'A test of the policy begins' : `${failed.length} tests of the policy begin`
  return new MizaniError({ code: 'TESTS_FAILED', message: `${count} to fail: ${faults[0]!.message}.`, faults })
}

function approvalRequired(guards: readonly string[]): MizaniError {
  return new MizaniError({
    code: 'APPROVAL_REQUIRED',
    message: `This needs a second person: ${guards.join(', ')}.`,
    advice: 'Send the same change to POST /v1/proposals; someone else approves it.',
  })
}
