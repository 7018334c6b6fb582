// What shall be enforced now, as a function of what was told, how far the lease has run, and the enforcement state.
//
//   enforce   the rates this step of the lease allows; without content the boot rates; for a stated time on trial
//   observe   the same rates, which the driver counts against and does not enforce
//   hold      what was in force when hold began, whatever comes, lease or not
//   bypass    as observe, for a stated time
//
// Limits may be lifted at the box too: those of the whole edge (its enforcement is then bypass) or of some institutions
// while the others' hold.

import { type EdgeProfile, type LocalBypass, recordKey } from '../model/lease.js'
import type { Enforcement } from '../model/network.js'
import type { UnixMilliseconds } from '../model/units.js'
import type { Goal } from './enforcer.js'
import { atRate, bootRates } from './fallback-rates.js'
import { type Content, type Phase, ratesAt } from './lease-keeper.js'
import type { ProfileInForce } from './memory.js'

/**
 * What was ordered. When its time is over what the policy says follows. Where a profile of format 1 does not tell, a
 * hold or bypass returns to `enforce`, and enforce for a while, which is a trial, to `observe`.
 */
export function orderedAt({ enforcement, until, after }: EdgeProfile, now: UnixMilliseconds): Enforcement {
  if (until === null || now < until) return enforcement
  return after ?? (enforcement === 'enforce' ? 'observe' : 'enforce')
}

/** The enforcement in force: as ordered, unless the limits of the whole edge are lifted at the box. */
export const enforcementAt = (
  profile: EdgeProfile,
  now: UnixMilliseconds,
  bypasses: readonly LocalBypass[] = [],
): Enforcement => (bypasses.some(({ institution }) => institution === null) ? 'bypass' : orderedAt(profile, now))

/** Numbers of the institutions whose own limits are lifted. */
export const liftedBy = (bypasses: readonly LocalBypass[]): ReadonlySet<number> =>
  new Set(bypasses.flatMap(({ institution }) => institution ?? []))

/**
 * What is kept through a hold, given what stands: taken until hold itself stands (a change may have been under way when
 * it began), dropped when it ends. A flow that the newest content has not is dropped too: should it come back, its old
 * rate belongs to others.
 */
export function heldThrough(
  enforcement: Enforcement,
  held: Content | null,
  inForce: Goal | null,
  content: Content | null,
): Content | null {
  if (enforcement !== 'hold') return null
  if (!inForce?.content || (held && inForce.desired.enforcement === 'hold'))
    return held && content && withoutGone(held, content)
  return { ...inForce.content, records: inForce.desired.rates }
}

function withoutGone(held: Content, { records: told }: Content): Content {
  const keys = new Set(told.map(recordKey))
  const records = held.records.filter((record) => keys.has(recordKey(record)))
  return records.length === held.records.length ? held : { ...held, records }
}

interface GoalInput {
  readonly profile: ProfileInForce
  readonly enforcement: Enforcement
  readonly content: Content | null
  readonly held: Content | null
  readonly step: Phase['step']
  readonly lifted: ReadonlySet<number>
}

/** Two inputs with the same key have the same goal. */
function goalKeys({ profile, enforcement, content, held, step, lifted }: GoalInput): Pick<Goal, 'key' | 'urgency'> {
  const kept = held ?? content
  const urgency = [profile.hash, enforcement, held ? 'held' : kept ? step : 'boot', ...lifted].join('/')
  return { urgency, key: kept ? `${urgency}/${kept.epoch}.${kept.seq}` : urgency }
}

export function goalOf(input: GoalInput): Goal {
  const { profile, content, held, step, lifted } = input
  // Where some are lifted the kernel changes, which it never does in hold; the rates are those that are held.
  const enforcement = lifted.size > 0 && input.enforcement === 'hold' ? 'enforce' : input.enforcement
  const rates = !content ? bootRates(profile.profile) : held ? heldRates(content, held) : ratesAt(content, step)
  return {
    ...goalKeys(input),
    profileHash: profile.hash,
    desired: { profile: profile.profile, enforcement, rates, ...(lifted.size > 0 ? { lifted } : {}) },
    content: held ?? content,
  }
}

/** The flows of the newest content at the rates that are held; flows that are new meanwhile at what they were told. */
function heldRates(content: Content, held: Content): Content['records'] {
  const kept = new Map(held.records.map((record) => [recordKey(record), record.rate]))
  return content.records.map((record) => atRate(record, kept.get(recordKey(record)) ?? record.rate))
}
