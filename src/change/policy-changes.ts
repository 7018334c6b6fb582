// How a change of the policy comes into force: validate, preview, tests, approve, commit, confirm or revert. A change
// is an edit of whatever is in force when its turn comes. Changes take turns, so that twenty people who edit twenty
// institutions wait for each other and nobody is refused; whoever only looks takes none.
//
// What stops a change is said in `admit`; overrides and rollbacks, which wait for nothing, meet the guards by
// themselves. Proposals (proposals.ts) come back here when somebody has approved them.

import type { Board } from '../model/board.js'
import type { Conditions } from '../model/network.js'
import type { Preview } from '../model/preview.js'
import type { Scope } from '../model/principal.js'
import { type Asker, type PolicyChange, type PolicyEdit, type PolicyOutcome, UnreadEdit } from '../model/revision.js'
import type { Milliseconds, UnixMilliseconds } from '../model/units.js'
import type { Replays } from '../planning/recorded/replay-thread.js'
import { hashOf } from '../policy/document/canonical.js'
import { applyChanges, replacedIn } from '../policy/document/diff.js'
import type { PolicyDocument } from '../policy/document/document.js'
import type { ImportRequest } from '../policy/import/plan.js'
import { patched } from '../policy/in-force/holding.js'
import type { Laid } from '../policy/revisions/budget-moments.js'
import type { Drafted, Edit, RecordedHour } from '../policy/revisions/draft.js'
import { someoneLoses } from '../policy/revisions/guards.js'
import type { Change } from '../policy/revisions/proposal.js'
import type { Revision } from '../policy/revisions/revisions.js'
import { testFailureText } from '../policy/revisions/test-text.js'
import type { Clock } from '../runtime/clock.js'
import { type ErrorParts, MizaniError } from '../runtime/errors.js'
import {
  CHANGE_TIME,
  MAX_CHANGES_EACH,
  MAX_CHANGES_WAITING,
  MAX_PREVIEWS_EACH,
  MAX_PREVIEWS_WAITING,
  PREVIEW_TIME,
} from '../runtime/limits.js'
import type { Logger } from '../runtime/log.js'
import { Places } from '../runtime/places.js'
import { SerialQueue } from '../runtime/serial-queue.js'
import type { Errand } from '../runtime/turns.js'
import { spansOf, writeBeside } from './beside.js'
import { Conflicts } from './conflicts.js'
import { etagOf, type Pending, type PolicyState } from './policy-state.js'
import type { Drafting, Hashed, Present, Previews } from './previews.js'

/** Where someone loses and nobody says how long to wait. */
const CONFIRM_WITHIN: Milliseconds = 600_000

export interface PolicyChangesOptions {
  readonly policy: PolicyState
  readonly previews: Pick<Previews, 'draft' | 'compare' | 'warm'>
  board(): Board | null
  /** The busiest hour that is recorded; null: none is. */
  busyHour(): RecordedHour | null
  /** What was recorded, under another policy; absent: nothing is recorded. */
  readonly replays?: Pick<Replays, 'ask'>
  readonly clock: Clock
  readonly log: Logger
}

/** A change with everything that is known of it before it is made. */
export interface Draft extends Drafted {
  readonly base: Revision
  /** What it was judged beside: `spansOf`. */
  readonly beside: string
  /** It shares with its base whatever the change leaves as it is. */
  readonly document: PolicyDocument
}

export class PolicyChanges {
  readonly policy: PolicyState
  readonly replays: PolicyChangesOptions['replays']
  /** What people have read of the policy; a whole one takes megabytes. */
  readonly readParts = new Conflicts(200)
  readonly readPolicies = new Conflicts(8)
  readonly #options: PolicyChangesOptions
  readonly #clock: Clock
  readonly #turn = new SerialQueue()
  readonly #looking = new Places('previews', MAX_PREVIEWS_WAITING, MAX_PREVIEWS_EACH)
  readonly #waiting = new Places('changes', MAX_CHANGES_WAITING, MAX_CHANGES_EACH)

  constructor(options: PolicyChangesOptions) {
    this.policy = options.policy
    this.replays = options.replays
    this.#options = options
    this.#clock = options.clock
  }

  /** ETag of a part of the document. */
  tagOf(part: unknown): string {
    return etagOf(hashOf(part))
  }

  /** One change after the other. @param who null: the machine itself. @throws MizaniError RATE_LIMITED. */
  inTurn<T>(work: () => Promise<T>, who: string | null): Promise<T> {
    return inPlace(this.#waiting, who, () => this.#turn.run(work))
  }

  /**
   * Makes what `edit` returns the next revision, or says what would become of it. `edit` judges what is in force when
   * its turn has come: until the change is made nobody else here makes one but a revert or a rollback, and where that
   * or another controller was faster the store refuses this one.
   * @throws MizaniError POLICY_INVALID, FORBIDDEN, CONFIRM_PENDING, TESTS_FAILED, APPROVAL_REQUIRED, READ_ONLY, what
   * `edit` and the store throw, RATE_LIMITED, PAYLOAD_TOO_LARGE for what takes too long.
   */
  change(edit: PolicyEdit, change: PolicyChange): Promise<PolicyOutcome> {
    const work = () => this.#change(edit, change)
    // Whoever only looks keeps nobody waiting who changes something.
    return change.dryRun ? inPlace(this.#looking, change.author, work) : this.inTurn(work, change.author)
  }

  async #change(edit: PolicyEdit, change: PolicyChange): Promise<PolicyOutcome> {
    const made = change.dryRun ? null : await this.settled(change.request)
    if (made !== null) return made
    const within = change.dryRun ? PREVIEW_TIME : CHANGE_TIME
    const errand = { first: !change.dryRun, within, gone: change.gone }
    const drafting = { scope: change.scope ?? null, looking: change.dryRun }
    for (;;) {
      const draft = await this.draft(edit(this.policy.current()), drafting, errand)
      const { base, hash, preview, guards } = draft
      const outcome = { hash, base: base.revision, etag: etagOf(hash) }
      // Nothing changes: the revision in force is already what is asked for.
      if (hash === base.hash) return { ...outcome, revision: base.revision, warnings: [] }
      const confirmBy = this.#confirmBy(draft, change)
      const { warnings } = preview
      const known = { ...outcome, revision: base.revision + 1, warnings, preview, guards, confirmBy }
      if (change.dryRun) return known
      this.admit(draft, change)
      if ((await this.commit(draft, { ...change, confirmBy, approvedBy: null })) !== null) return known
    }
  }

  /**
   * What a write of this name became, where it was made already: whoever did not hear the answer asks again. Null: it
   * was not made, or has no name.
   */
  async settled(request: string | undefined): Promise<PolicyOutcome | null> {
    const { store } = this.policy
    const number = request === undefined ? null : await store.madeBy(request)
    const made = number === null ? null : await store.get(number)
    if (made === null) return null
    await this.policy.refresh()
    const { revision, hash, meta } = made
    const base = meta.parent ?? 0
    return { revision, hash, base, etag: etagOf(hash), warnings: [], confirmBy: meta.confirmBy }
  }

  /**
   * Everything that is known of a change of what is in force now. `input`: a whole policy, a copy of the one in force
   * in which parts were replaced, an edit that nobody has read yet, or a sheet, which is told what was found in it.
   * @throws ImportRefused; MizaniError POLICY_INVALID with every fault, FORBIDDEN.
   */
  draft(
    input: unknown,
    drafting: Drafting,
    errand: Errand = CHANGING,
    at: UnixMilliseconds = this.#clock.wall(),
  ): Promise<Draft> {
    return this.#draftOn(this.policy.revision, input, drafting, errand, at)
  }

  async #draftOn(
    base: Revision,
    input: unknown,
    drafting: Drafting,
    errand: Errand = CHANGING,
    at: UnixMilliseconds = this.#clock.wall(),
  ): Promise<Draft> {
    const present = { ...this.#present(), at }
    const drafted = await this.#options.previews.draft(
      ...([base, editOf(base.document, input), drafting, present, errand] as const),
    )
    if (input instanceof SheetEdit) input.found = drafted.found
    // The thread has checked what these changes make of their base.
    const document = applyChanges(base.document, drafted.changes) as PolicyDocument
    return { ...drafted, base, beside: spansOf(present.inForce), document }
  }

  /** Both policies as they would hold now, with what is laid over them. */
  preview(before: Hashed, after: Hashed): Promise<Preview> {
    return this.#options.previews.compare(before, after, this.#present(), CHANGING)
  }

  /** What a policy would do, for whoever only wants to know. @throws as `draft`, and RATE_LIMITED. */
  look(input: unknown, { actor, gone }: Asker): Promise<Preview> {
    const errand = { first: false, within: PREVIEW_TIME, gone }
    return inPlace(this.#looking, actor, async () => (await this.draft(input, LOOKING, errand)).preview)
  }

  /** What the policy in force would do if links lost as much. @throws MizaniError RATE_LIMITED. */
  lookWithout(losing: Conditions, { actor, gone }: Asker): Promise<Preview> {
    const errand = { first: false, within: PREVIEW_TIME, gone }
    const { revision } = this.policy
    const compare = () => this.#options.previews.compare(revision, revision, this.#present(), errand, losing)
    return inPlace(this.#looking, actor, compare)
  }

  /** Lets the thread of previews learn what is in force, and its trade, before anybody waits for it. */
  warm(): Promise<void> {
    return this.#options.previews.warm(this.policy.revision, this.#present())
  }

  #present(): Present {
    const { board, busyHour } = this.#options
    return { at: this.#clock.wall(), inForce: this.policy.register, board: board(), busyHour: busyHour() }
  }

  /** A document with changes. */
  changed(document: unknown, changes: readonly Change[]): unknown {
    return applyChanges(document, changes)
  }

  /**
   * Holds what is to be in force for a while against the guards and tests that it would meet as a revision. What is
   * taken from a link waits for nobody.
   * A budget is judged beside all that holds at the same time, and while a revision waits for confirmation also on the
   * one before it, which may come back.
   * @throws MizaniError TESTS_FAILED, APPROVAL_REQUIRED, and as `draft`.
   */
  judge(laid: Laid, scope: Scope | null): Promise<void> {
    return this.#onEach(async (base) => {
      const held = patched(base.document, [{ kind: 'override', id: '', patches: [laid.patch] }])
      if (held === base.document) return
      assertMayPass(await this.#draftOn(base, held, { scope, looking: false, laid }, CHANGING, laid.from))
    })
  }

  /** Whether a scope has room for what holds once this override has ended. @throws MizaniError as `draft`. */
  judgeEnd(override: string, scope: Scope): Promise<void> {
    return this.#onEach(async (base) => {
      await this.#draftOn(base, base.document, { scope, looking: true, ends: override })
    })
  }

  /** On the revision in force, and on the one to which it may go back. */
  async #onEach(judged: (base: Revision) => Promise<void>): Promise<void> {
    const { pending, revision } = this.policy
    await judged(revision)
    if (pending === null) return
    const before = await this.policy.revisionOf(pending.parent)
    // What is not in the store cannot come back.
    if (before === null) return
    await judged(before).catch((error: unknown) => {
      throw error instanceof MizaniError ? alsoBefore(error, pending) : error
    })
  }

  /** What stops a change: a freeze, one that waits for confirmation, tests, guards. @throws MizaniError. */
  admit(draft: Draft, { breakGlass = false, approved = false }: Passes): void {
    const { pending, register } = this.policy
    if (register.freeze !== null) throw frozen(register.freeze)
    if (pending !== null) throw waits(pending)
    if (!breakGlass) assertMayPass(draft, approved)
  }

  /**
   * Writes it. A break-glass commit is on the list of the unsigned from then on. Null: something was laid over the
   * policy since it was judged within a scope, and it is to be judged anew.
   */
  async commit({ base, beside, document, hash }: Draft, commit: Commit): Promise<Revision | null> {
    const { author, reason, reference, confirmBy, approvedBy, breakGlass = false, request, scope } = commit
    const stamp = { author, reason, reference, confirmBy, approvedBy, breakGlass }
    const named = request === undefined ? {} : { request }
    const put = (judged: { readonly beside?: number } = {}): Promise<Revision> =>
      this.policy.commit(document, { expected: base.revision, hash, ...stamp, ...named, ...judged })
    const made = scope ? await writeBeside(this.policy, beside, (version) => put({ beside: version })) : await put()
    if (made === null) return null
    if (breakGlass) {
      const unsigned = { revision: made.revision, author, reason }
      this.#options.log.error(unsigned, 'BREAK GLASS: a change went past approval and tests; an approver must sign it')
    }
    return made
  }

  #confirmBy({ preview }: Draft, { confirmWithin, breakGlass = false }: PolicyChange) {
    return confirmDeadline(this.#clock.wall(), { confirmWithin, must: breakGlass, loses: someoneLoses(preview) })
  }
}

/** @throws MizaniError TESTS_FAILED, APPROVAL_REQUIRED. */
function assertMayPass({ preview, guards, changes }: Draft, approved = false): void {
  if (preview.tests.failed.length > 0) throw testsFailed(preview)
  if (guards.length > 0 && !approved) throw new ApprovalRequired(guards, changes)
}

interface Passes {
  readonly breakGlass?: boolean | undefined
  readonly approved?: boolean
}

export interface Commit extends Omit<PolicyChange, 'dryRun'> {
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

/** A sheet on its way into the policy. */
export class SheetEdit {
  readonly sheet: ImportRequest
  /** What was found in it, as JSON, once it was laid. */
  found: string | null = null

  constructor(sheet: ImportRequest) {
    this.sheet = sheet
  }
}

function editOf(base: PolicyDocument, input: unknown): Edit {
  if (input instanceof SheetEdit) return { sheet: input.sheet }
  if (input instanceof UnreadEdit) return { json: input.json, most: input.most }
  const changes = replacedIn(base, input)
  return changes === null ? { whole: input } : { changes }
}

const LOOKING: Drafting = { scope: null, looking: true }
/** Of whoever changes something, or of the machine. */
const CHANGING: Errand = { first: true, within: CHANGE_TIME }

async function inPlace<T>(places: Places, who: string | null, work: () => Promise<T>): Promise<T> {
  const leave = places.take(who)
  return await work().finally(leave)
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

/** What fits the revision in force, and not the one before it. */
function alsoBefore(error: MizaniError, { revision, confirmBy, parent }: Pending): MizaniError {
  const until = new Date(confirmBy).toISOString()
  const { code, remedy, exitCode, faults, cause } = error
  return new MizaniError({
    ...{ code, remedy, exitCode, faults, cause },
    message: `${error.message} So it would be on revision ${parent}, which comes back unless ${revision} is confirmed.`,
    advice: `Revision ${revision} waits for confirmation until ${until}: confirm it or roll it back first.`,
  })
}

function testsFailed({ tests: { failed } }: Preview): MizaniError {
  const faults = failed.map((failure) => ({
    ...{ code: 'TEST', pointer: `/tests/${failure.test}` },
    message: testFailureText(failure),
  }))
  const count = failed.length === 1 ? 'A test of the policy begins' : `${failed.length} tests of the policy begin`
  return new MizaniError({ code: 'TESTS_FAILED', message: `${count} to fail: ${faults[0]!.message}.`, faults })
}

/** @throws MizaniError APPROVAL_REQUIRED where there are guards: all of them ask. */
export function assertUnguarded({ guards }: PolicyDocument, changes: readonly Change[]): void {
  const ids = Object.keys(guards).sort()
  if (ids.length > 0) throw new ApprovalRequired(ids, changes)
}

/** A refusal with the change as it can be proposed. */
class ApprovalRequired extends MizaniError {
  readonly proposal: { readonly changes: readonly Change[] }

  constructor(guards: readonly string[], changes: readonly Change[]) {
    const parts: ErrorParts = {
      code: 'APPROVAL_REQUIRED',
      message: `This needs a second person: ${guards.join(', ')}.`,
      advice: 'Send `proposal` of this answer to POST /v1/proposals with a reason; someone else approves it.',
    }
    super(parts)
    this.proposal = { changes: changes.map(({ before: _, ...change }) => change) }
  }
}
