// Health of what the controller depends on: its two stores, its certificates, lines that nobody reads on the way, and a
// policy that nobody had to take back or pass by force. No tick shows what is wrong there; this asks the stores, and
// the alarm book is told of what it finds.

import type { PolicyState } from '../change/policy-state.js'
import type { Milliseconds } from '../model/units.js'
import type { Finding } from '../record/findings.js'
import type { Clock, Timer } from '../runtime/clock.js'
import { messageOf } from '../runtime/errors.js'
import type { Logger } from '../runtime/log.js'
import type { Redis } from '../runtime/redis.js'
import { unmetLimits, whyReadOnly } from '../runtime/store-settings.js'
import type { ExpiryWatch } from './expiry.js'

const LOOK: Milliseconds = 2_000
const ANSWER_WITHIN: Milliseconds = 1_000
/** A revert that the next commit covered unseen is looked for among this many revisions of the last hour. */
const REVISIONS_LOOKED_AT = 20
const RECENT: Milliseconds = 3_600_000

export interface StoreHealthDeps {
  readonly durable: Redis
  readonly rates: { ready(within: Milliseconds): Promise<unknown> }
  readonly policy: Pick<PolicyState, 'away' | 'lostEdits' | 'revision' | 'register'> & {
    readonly store: Pick<PolicyState['store'], 'list'>
  }
  readonly expiry: Pick<ExpiryWatch, 'soon'>
  /** Settings.inClear. */
  readonly inClear: readonly string[] | null
  readonly clock: Clock
  readonly log: Logger
}

export interface StoreHealth extends Timer {
  /** Asks the stores once. */
  look(): Promise<void>
  /** What is wrong now. */
  findings(): Finding[]
}

/** Asks the stores again and again, until it is cancelled. */
export function watchStoreHealth(deps: StoreHealthDeps): StoreHealth {
  const { durable, rates, policy, expiry, inClear, clock, log } = deps
  let ratesAway = false
  let readOnly: string | null = null
  let lookedTo = 0
  let reverts: Finding[] = []
  let timer: Timer | null = clock.setTimer(LOOK, again)
  return { look, findings, cancel }

  async function look(): Promise<void> {
    const [answer, refusal] = await Promise.allSettled([rates.ready(ANSWER_WITHIN), whyReadOnly(durable)])
    ratesAway = answer.status === 'rejected'
    // A store that does not answer is away, which the policy's state knows; it is not read-only.
    const why = refusal.status === 'fulfilled' ? refusal.value : null
    if (why !== null && why !== readOnly) log.warn({ reason: why }, 'the policy store takes no edits')
    readOnly = why
    await lookForReverts()
  }

  async function lookForReverts(): Promise<void> {
    const head = policy.revision.revision
    if (head === lookedTo || policy.away) return
    const metas = await policy.store.list(head, Math.min(REVISIONS_LOOKED_AT, Math.max(1, head - lookedTo)))
    const since = clock.wall() - RECENT
    reverts = [...metas.filter(({ kind, at }) => kind === 'revert' && at >= since).map(revertOf), ...reverts]
    reverts.length = Math.min(reverts.length, REVISIONS_LOOKED_AT)
    lookedTo = head
  }

  function again(): void {
    look()
      .catch((error: unknown) => log.warn({ reason: messageOf(error) }, 'the stores could not be looked at'))
      .finally(() => {
        if (timer !== null) timer = clock.setTimer(LOOK, again)
      })
  }

  function findings(): Finding[] {
    const { revision, meta } = policy.revision
    return [
      ...(policy.away ? [found('STORE_AWAY', 'policy store')] : []),
      ...(ratesAway ? [found('STORE_AWAY', 'rates store')] : []),
      ...(readOnly === null ? [] : [found('STORE_READ_ONLY', `policy store (${readOnly})`)]),
      // One loss, however much of it is seen by and by.
      ...(policy.lostEdits === null ? [] : [{ ...found('STORE_LOST', 'policy store'), said: policy.lostEdits }]),
      ...ofEncryption(inClear),
      ...expiry.soon().map((name) => found('CERTIFICATE_EXPIRY', name)),
      // Seen for as long as it is in force, told once: after a restart or a takeover as well.
      ...(meta.kind === 'revert' ? [revertOf({ revision, ...meta })] : []),
      ...reverts,
      ...policy.register.unsigned.map((commit) =>
        found('BREAK_GLASS', `revision ${commit.revision} by ${commit.author} (${commit.reason})`),
      ),
    ]
  }

  function cancel(): void {
    timer?.cancel()
    timer = null
  }
}

/** That it is accepted is enough: edges live by the same word. */
const ofEncryption = (inClear: readonly string[] | null): Finding[] =>
  (inClear?.length === 0 ? ['MIZANI_UNENCRYPTED'] : (inClear ?? [])).map((who) => found('UNENCRYPTED', who))

interface Reverted {
  readonly revision: number
  readonly reason: string
}
const revertOf = ({ revision, reason }: Reverted): Finding => found('REVERT_FIRED', `revision ${revision} (${reason})`)

/** All of these concern everybody. */
const found = (code: Finding['code'], subject: string): Finding => ({ code, subject, cause: subject, region: null })

/** Stores that are not ours are set by others: what they lack is told once a start, and by the doctor. */
export async function noteLimits(stores: Readonly<Record<string, Redis>>, log: Logger): Promise<void> {
  for (const [store, redis] of Object.entries(stores)) {
    // A store that does not let us look has said so where it matters.
    for (const unmet of await unmetLimits(redis).catch(() => [])) log.warn({ store, ...unmet }, 'a store lacks a limit')
  }
}
