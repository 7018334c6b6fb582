// When sessions end by themselves, and which one makes room for another. A cap for each account comes first, so that
// one weak account signs out nobody but itself; whoever has shown a password alone, or a token, leaves before a person
// who has shown more.

import type { UnixMilliseconds } from '../model/units.js'
import {
  HALF_SESSION_LIFE,
  MAX_SESSIONS,
  MAX_SESSIONS_EACH,
  MAX_WRONG_CODES,
  SESSION_IDLE,
  SESSION_LIFE,
} from '../runtime/limits.js'
import { isHalf } from './person.js'
import { type AccountState, fieldOf, type Session, userOf, type Write } from './records.js'

export const endOf = (state: AccountState, session: Session): UnixMilliseconds => {
  const { begun, renewed, ends } = session
  const life = isHalf(state, session) ? HALF_SESSION_LIFE : SESSION_LIFE
  return Math.min(begun + life, renewed + SESSION_IDLE, ends ?? Number.POSITIVE_INFINITY)
}

/** Whose it is. Tokens count with their account. */
function ownerOf(state: AccountState, session: Session): string {
  if (session.of.kind === 'machine') return `machine ${session.of.actor}`
  const user = userOf(state, session)
  return user === null ? 'nobody' : `user ${user}`
}

/** A person who has shown all there is stays longer than a password alone, and than a token, which is no person. */
const isLesser = (state: AccountState, session: Session): boolean =>
  session.of.kind === 'token' || isHalf(state, session)

/** Sessions that are over, and those that make room for one more; absent: a cookie that follows another. */
export function outlived(state: AccountState, now: UnixMilliseconds, next?: Session): Write[] {
  const all = [...state.sessions].map(([digest, session]) => ({
    ...{ digest, session, owner: ownerOf(state, session), lesser: isLesser(state, session) },
  }))
  const isOver = ({ session }: (typeof all)[number]): boolean => now >= endOf(state, session)
  const left = all.filter((one) => !isOver(one))
  const had = new Map<string, number>()
  for (const { owner } of left) had.set(owner, (had.get(owner) ?? 0) + 1)
  const has = (owner: string): number => had.get(owner) ?? 0
  // Cookies that have a successor go in a minute by themselves, and are the oldest.
  const first = [...left].sort(
    (a, b) =>
      Number(b.lesser) - Number(a.lesser) || a.session.renewed - b.session.renewed || a.session.begun - b.session.begun,
  )
  const mine = next === undefined ? null : ownerOf(state, next)
  const own = mine === null ? [] : first.filter(({ owner }) => owner === mine)
  const spare = own.slice(0, Math.max(0, own.length - MAX_SESSIONS_EACH + 1))
  const rest = first.filter((one) => !spare.includes(one)).sort((a, b) => has(b.owner) - has(a.owner))
  const oldest = rest.slice(0, Math.max(0, rest.length - MAX_SESSIONS + 1))
  return [...all.filter(isOver), ...spare, ...oldest].map(({ digest }) => [fieldOf.session(digest), null] as const)
}

/** Wrong codes of sign-ins that wait for one; kept in memory, for the few minutes that they wait. */
export class WrongCodes {
  readonly #counts = new Map<string, number>()

  /** Whether that was one too many. */
  isTooMany(login: string): boolean {
    const count = (this.#counts.get(login) ?? 0) + 1
    this.#counts.delete(login)
    if (count >= MAX_WRONG_CODES) return true
    this.#counts.set(login, count)
    for (const oldest of this.#counts.keys()) {
      if (this.#counts.size <= MAX_SESSIONS) break
      this.#counts.delete(oldest)
    }
    return false
  }
}
