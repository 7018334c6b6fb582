// The way to the thread in which drafts are checked, previewed and judged. It is a thread of its own, so that no tick
// waits for a preview, and one only: it knows what it has compiled, and a second one would have to learn it again.

import type { Board } from '../model/board.js'
import type { Conditions } from '../model/network.js'
import type { Preview } from '../model/preview.js'
import type { Scope } from '../model/principal.js'
import type { UnixMilliseconds } from '../model/units.js'
import type { PolicyDocument } from '../policy/document/document.js'
import { ImportRefused } from '../policy/import/plan.js'
import type { InForce } from '../policy/in-force/holding.js'
import { outOfBudget } from '../policy/revisions/budget.js'
import type { Laid } from '../policy/revisions/budget-moments.js'
import type {
  Asked,
  Drafted,
  DrafterAnswer,
  DrafterTask,
  Edit,
  Named,
  RecordedHour,
} from '../policy/revisions/draft.js'
import { outOfScope } from '../policy/revisions/scope.js'
import type { Clock } from '../runtime/clock.js'
import { type Fault, MizaniError } from '../runtime/errors.js'
import { CHANGE_TIME } from '../runtime/limits.js'
import { createPool, type Pool } from '../runtime/pool.js'
import { type Errand, Turns } from '../runtime/turns.js'

/** A policy with its hash. */
export interface Hashed {
  readonly document: PolicyDocument
  readonly hash: string
}

/** When, and over what, policies are compared. */
export interface Present {
  readonly at: UnixMilliseconds
  readonly inForce: InForce
  /** The last tick; null: there was none. */
  readonly board: Board | null
  /** The busiest hour that is recorded; null: none is. */
  readonly busyHour: RecordedHour | null
}

export interface Drafting {
  /** What they may change; null: everything. */
  readonly scope: Scope | null
  /** The draft is what this makes of the policy for a while; absent: it is for good. */
  readonly laid?: Laid
  /** The override that ends. */
  readonly ends?: string
  /** They only look: what the draft changes is not told. */
  readonly looking: boolean
}

export interface Previews {
  /**
   * Everything that is to be known of a change before it is made.
   * @throws ImportRefused; MizaniError POLICY_INVALID with every fault, FORBIDDEN with every place outside the scope.
   */
  draft(base: Hashed, edit: Edit, who: Drafting, present: Present, errand: Errand): Promise<Drafted>
  /** @param losing what links would be left with besides, afterwards */
  compare(before: Hashed, after: Hashed, present: Present, errand: Errand, losing?: Conditions): Promise<Preview>
  /** Lets the thread learn this policy, and its own trade, before anybody waits for it. */
  warm(base: Hashed, present: Present): Promise<void>
  close(): Promise<void>
}

/** Drafts after which the thread's code is as fast as it gets. */
const WARMING = 4

export function createPreviews(
  clock: Clock,
  pool: Pool<DrafterTask, DrafterAnswer> = createPool('preview', 1, { awaited: true }),
): Previews {
  const turns = new Turns(clock)
  const lists = new WeakMap<object, { readonly list: number; readonly flows: readonly string[] }>()
  let listed = 0

  const askedOf = (board: Board | null): Asked | null => {
    if (board === null) return null
    const known = lists.get(board.plan) ?? { list: ++listed, flows: board.plan.flows.map(({ id }) => id) }
    lists.set(board.plan, known)
    return { ...known, demand: board.flows.demand }
  }

  const ask = (task: DrafterTask, errand: Errand): Promise<DrafterAnswer> =>
    turns.run(errand, async (ending) => {
      const answer = await pool.run(withoutKnown(task), ending)
      return answer.kind === 'unknown' ? await pool.run(task, ending) : answer
    })

  const draft: Previews['draft'] = async (base, edit, who, { board, ...moment }, errand) => {
    const answer = await ask({ kind: 'draft', base, edit, ...who, asked: askedOf(board), ...moment }, errand)
    if (answer.kind === 'refused') throw policyInvalid(answer.faults, answer.message)
    if (answer.kind === 'misread') throw misread(answer.faults)
    if (answer.kind === 'unlaid') throw new ImportRefused(answer.sheet, answer.rows, answer.faults)
    if (answer.kind === 'outside') throw outOfScope(answer.outside)
    if (answer.kind === 'over') throw outOfBudget(answer.faults)
    if (answer.kind !== 'drafted') throw new Error(`a draft was answered with ${answer.kind}`)
    return answer
  }

  return {
    draft,
    async compare(before, after, { board, ...moment }, errand, losing) {
      const answer = await ask({ kind: 'compare', before, after, losing, asked: askedOf(board), ...moment }, errand)
      if (answer.kind !== 'compared') throw new Error(`a comparison was answered with ${answer.kind}`)
      return answer.preview
    },
    async warm(base, present) {
      for (let n = 0; n < WARMING; n++) {
        const changes = [{ pointer: '/plane/name/en', after: `warming up ${n}` }]
        await draft(base, { changes }, { scope: null, looking: true }, present, { first: false, within: CHANGE_TIME })
      }
    },
    close: () => pool.close(),
  }
}

/** The same task as short as it can be said. */
function withoutKnown(task: DrafterTask): DrafterTask {
  const demands = {
    asked: task.asked && { ...task.asked, flows: null },
    busyHour: task.busyHour && { ...task.busyHour, demand: null },
  }
  const short = ({ hash }: Named): Named => ({ hash, document: null })
  if (task.kind === 'draft') return { ...task, ...demands, base: short(task.base) }
  return { ...task, ...demands, before: short(task.before), after: short(task.after) }
}

const misread = (faults: readonly Fault[]): MizaniError =>
  new MizaniError({ code: 'BAD_REQUEST', message: 'This is neither a policy nor a list of changes:', faults })

const policyInvalid = (faults: readonly Fault[], message = 'The policy cannot be used:'): MizaniError =>
  new MizaniError({ code: 'POLICY_INVALID', message, faults })
