// What the people of the accounts mean to the rest of the process: what they own, the names that they know, and what is
// found at their accounts.

import type { Accounts } from '../accounts/accounts.js'
import type { TakenBack } from '../accounts/ended.js'
import type { PolicyState } from '../change/policy-state.js'
import type { OwnDeed } from '../model/happening.js'
import type { Finding } from '../record/findings.js'
import { systemClock } from '../runtime/clock.js'

/** What an account still answers for: overrides that go on or will, and proposals that wait. */
export function ownedBy({ register }: PolicyState, actor: string): { kind: string; id: string }[] {
  const { overrides, proposals } = register
  const mine = overrides.filter(({ owner, until }) => owner === actor && until > systemClock.wall())
  return [
    ...mine.map(({ id }) => ({ kind: 'override', id })),
    ...proposals
      .filter(({ author, state }) => author === actor && state === 'open')
      .map(({ id }) => ({ kind: 'proposal', id })),
  ]
}

/** What everybody here knows. */
export function namesOf({ document: { plane, institutions } }: PolicyState): string[] {
  const known = Object.entries(institutions).flatMap(([id, { name }]) => [id, name.en, name.sw])
  return ['mizani', 'govnet', 'tanzania', plane.id, plane.name.en, plane.name.sw, ...known]
}

/** That the emergency account was used, until somebody has signed for it; at whom somebody guesses. */
export function findingsOf({ emergency, guessedAt }: Accounts): Finding[] {
  const used = emergency.used()
  const found = (code: 'EMERGENCY_ACCOUNT' | 'GUESSING', subject: string): Finding => {
    return { code, subject, cause: code, region: null }
  }
  const isUsed = used === null ? [] : [found('EMERGENCY_ACCOUNT', used.address)]
  return [...isUsed, ...guessedAt().map((id) => found('GUESSING', id))]
}

/** The store had let people in again. */
export function accessTaken(after: TakenBack): OwnDeed {
  const reason = 'the accounts of the store are older than what is known here'
  return { action: 'take access back', subject: after.accounts.join(' '), reason, reference: null, before: null, after }
}
