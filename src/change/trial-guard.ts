// A way in, some edges at a time: an edge that is ordered to enforce until a stated time is on trial. Nothing need be
// done for it to go back: when the time is over it observes again, by itself (edge/goal.ts), controller or not. Whoever
// is content orders it to enforce without an end.
//
// Until then its health is watched, and that of the edges that were put on trial with it (by the same person, for the
// same reason, until the same time): when one of them refuses what it is told, or is not heard until its lease is over,
// all of them observe again at once.

import type { Board } from '../model/board.js'
import type { EnforcementSwitch } from '../policy/revisions/revisions.js'
import type { Clock } from '../runtime/clock.js'
import type { Logger } from '../runtime/log.js'
import type { PolicyState } from './policy-state.js'

/** Who it is that acts, in the record. */
const AUTHOR = 'mizani'

export class TrialGuard {
  readonly #policy: PolicyState
  readonly #board: () => Board | null
  readonly #clock: Clock
  readonly #log: Logger

  constructor(policy: PolicyState, board: () => Board | null, clock: Clock, log: Logger) {
    this.#policy = policy
    this.#board = board
    this.#clock = clock
    this.#log = log
  }

  /** Looks once; nothing to do while nobody is on trial. @throws MizaniError what the store throws. */
  async check(): Promise<void> {
    const board = this.#board()
    const now = this.#clock.wall()
    const trials = [...this.#policy.switches]
      .filter(([, order]) => isTrial(order, now))
      .sort(([a], [b]) => (a < b ? -1 : 1))
    if (board === null || trials.length === 0) return
    const failing = new Map(
      board.edges.flatMap((edge) => {
        const why = ailment(edge)
        return why === null ? [] : [[edge.id, why] as const]
      }),
    )
    const [first, order] = trials.find(([edge]) => failing.has(edge)) ?? []
    if (first === undefined || order === undefined) return
    const reason = `the trial "${order.reason}" is over: edge ${first} ${failing.get(first)}`
    this.#log.error({ edge: first, reason }, 'a trial is ended')
    // Who fails goes last: as long as it is on trial, whoever is interrupted here finds the rest of its batch again.
    const batch = trials.filter(([, other]) => isSameBatch(order, other))
    batch.sort(([a], [b]) => Number(failing.has(a)) - Number(failing.has(b)))
    for (const [edge, other] of batch) {
      await this.#policy.set(edge, { enforcement: 'observe', until: null, reason, author: AUTHOR })
      const [before, after] = [{ enforcement: 'enforce', until: other.until }, { enforcement: 'observe' }]
      this.#policy.told({ action: 'end-trial', subject: edge, reason, reference: null, before, after })
    }
  }
}

const isTrial = ({ enforcement, until }: EnforcementSwitch, now: number): boolean =>
  enforcement === 'enforce' && until !== null && now < until

const isSameBatch = (a: EnforcementSwitch, b: EnforcementSwitch): boolean =>
  a.author === b.author && a.reason === b.reason && a.until === b.until

function ailment({ refusal, state }: Board['edges'][number]): string | null {
  if (refusal !== null) return `refuses it (${refusal.code})`
  return state === 'SAFE' ? 'is not heard' : null
}
