// The state of links as monitoring systems report it. Bad news counts at once. Good news from a link that has been
// changing its mind waits until it has been quiet for a while (flap damping): routes that follow every flap hurt more
// than a cable that stays out of use for a minute. All of it a function of what was reported and the time.

import type { Milliseconds, UnixMilliseconds } from '../../model/units.js'

export interface LinkState {
  /** Link, directed link or shared-risk group. */
  readonly link: string
  /**
   * The edge whose word this is; absent: that of monitoring. One does not take back what the other has said: of all
   * words about a link the least counts.
   */
  readonly edge?: string | undefined
  /** What is left of its capacity by the last word: 0 is down, 1 is up. */
  readonly factor: number
  /** What counts until `heldUntil`; the worse word of before. */
  readonly held: number
  readonly heldUntil: UnixMilliseconds
  /** When this word ends and the link counts as up again; null: when another one comes. */
  readonly until: UnixMilliseconds | null
  readonly at: UnixMilliseconds
  /** Since when its word is this factor, however often it was repeated; absent in records of before: `at`. */
  readonly since?: UnixMilliseconds | undefined
  /** Since when `held` was so. */
  readonly heldSince?: UnixMilliseconds | undefined
  readonly source: string
  readonly reason: string
  /** Ids of the last events, the newest last: the same event twice is one event. */
  readonly events: readonly string[]
  /** When the link last changed for the worse, the newest last. */
  readonly falls: readonly UnixMilliseconds[]
}

export interface LinkEvent extends Pick<LinkState, 'link' | 'edge' | 'factor' | 'until' | 'at' | 'source' | 'reason'> {
  readonly event: string
}

/** Falls older than this are forgiven. */
const MEMORY: Milliseconds = 600_000
/** Falls within the memory that are taken without suspicion. */
const FREE_FALLS = 2
const FIRST_HOLD: Milliseconds = 60_000
const LONGEST_HOLD: Milliseconds = 600_000
const EVENTS_KEPT = 64

/** What counts at the time. A hold that would be longer than any is one of before the clock was set back. */
export function factorNow(state: LinkState, at: UnixMilliseconds): number {
  const { factor, held, until } = state
  const word = until !== null && at >= until ? 1 : factor
  return isHeld(state, at) ? Math.min(word, held) : word
}

const isHeld = ({ heldUntil }: LinkState, at: UnixMilliseconds): boolean =>
  at < heldUntil && heldUntil - at <= LONGEST_HOLD

/** Since when, and until when, what counts at the time has counted and will. */
export function spanNow(
  state: LinkState,
  at: UnixMilliseconds,
): { readonly since: UnixMilliseconds; readonly until: UnixMilliseconds | null } {
  const { factor, held, heldUntil, heldSince, until } = state
  const since = state.since ?? state.at
  if (isHeld(state, at) && held < factor) return { since: heldSince ?? since, until: heldUntil }
  return { since: held < factor && heldUntil <= at ? Math.max(since, heldUntil) : since, until }
}

/** The state after an event; the same object when the event is known already. */
export function afterEvent(before: LinkState | undefined, event: LinkEvent): LinkState {
  const { event: id, ...word } = event
  if (before?.events.includes(id)) return before
  const was = before === undefined ? 1 : factorNow(before, event.at)
  const recent = (before?.falls ?? []).filter((fall) => Math.abs(event.at - fall) < MEMORY)
  const falls = event.factor < was ? [...recent, event.at] : recent
  const suspicion = falls.length - FREE_FALLS
  const hold = suspicion <= 0 ? 0 : Math.min(LONGEST_HOLD, FIRST_HOLD * 2 ** (suspicion - 1))
  const rises = event.factor > was
  const isSame = before !== undefined && event.factor === was
  const stood = before === undefined ? event.at : spanNow(before, event.at).since
  return {
    ...word,
    since: isSame ? stood : event.at,
    held: rises ? was : event.factor,
    heldSince: rises ? stood : event.at,
    // Counted from the fall, so that a monitor that repeats its good word does not prolong the wait.
    heldUntil: rises ? (falls.at(-1) ?? 0) + hold : event.at,
    events: [...(before?.events ?? []), id].slice(-EVENTS_KEPT),
    falls,
  }
}
