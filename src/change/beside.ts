// What a budget is judged beside: the policy in force, and whatever is laid over it. Two who are judged at the same
// time, by one controller or by two, would each fit, and both would not. So whoever writes by a scope says to the store
// what it was judged beside, and is judged anew where that holds no more.

import type { Register } from '../policy/in-force/register.js'
import { RegisterMoved } from '../policy/revisions/revisions.js'
import { MizaniError } from '../runtime/errors.js'
import type { PolicyState } from './policy-state.js'

export interface Beside {
  readonly spans: string
  readonly revision: number
}

/** What holds as far as is known here. */
export const besideNow = ({ register, revision }: PolicyState): Beside => ({
  spans: spansOf(register),
  revision: revision.revision,
})

/** Which overrides and modes there are, and until when. */
export function spansOf({ overrides, modes }: Pick<Register, 'overrides' | 'modes'>): string {
  const switched = modes.map(({ mode, from, until }) => `${mode} ${from} ${until}`)
  return [...overrides.map(({ id, until }) => `${id} ${until}`), ...switched].join()
}

/** Whether something was laid over the policy, or the next revision made, by the time that the register says this. */
export const isPast = ({ spans, revision }: Beside, now: Register): boolean =>
  spans !== spansOf(now) || now.revision > revision

/** Writes a revision that was judged beside these spans; null: others hold by now, and nothing was written. */
export async function writeBeside<T>(
  policy: PolicyState,
  spans: string,
  write: (version: number) => Promise<T>,
): Promise<T | null> {
  for (;;) {
    const { register } = policy
    if (spans !== spansOf(register)) return null
    try {
      return await write(register.version)
    } catch (error) {
      // Other things stand in the register as well: a link that has failed says nothing of a budget.
      if (!(error instanceof RegisterMoved)) throw error
      await policy.refresh()
      if (policy.register.version <= register.version) throw notFollowed()
    }
  }
}

/** @throws MizaniError STORE_UNAVAILABLE where what the store says cannot be taken over: asking would never end. */
export async function judgeAnew(policy: PolicyState, judged: Beside): Promise<void> {
  await policy.refresh()
  const { spans, revision } = besideNow(policy)
  if (spans === judged.spans && revision === judged.revision) throw notFollowed()
}

const notFollowed = (): MizaniError =>
  new MizaniError({
    code: 'STORE_UNAVAILABLE',
    remedy: 'retry',
    message: 'The policy store cannot be followed: it is behind what is known here, or does not answer.',
  })
