// What the API is handed of policy control.

import type { Imports } from '../../change/imports.js'
import type { Interventions } from '../../change/interventions.js'
import type { PolicyChanges } from '../../change/policy-changes.js'
import type { Proposals } from '../../change/proposals.js'
import type { RevisionHistory } from '../../change/revision-history.js'
import type { AnswerStore } from '../../policy/revisions/answers.js'

export interface ControlPort {
  /** Answers under an Idempotency-Key; absent: the header does nothing. */
  readonly answers?: Pick<AnswerStore, 'begin' | 'keep' | 'forget'> | undefined
  readonly changes: Pick<
    PolicyChanges,
    'edit' | 'put' | 'current' | 'tagOf' | 'changed' | 'look' | 'policy' | 'settled' | 'readParts' | 'readPolicies'
  >
  readonly history: Pick<
    RevisionHistory,
    'pending' | 'unsigned' | 'list' | 'get' | 'diff' | 'confirm' | 'rollback' | 'sign'
  >
  readonly imports: Pick<Imports, 'take' | 'propose' | 'sheet'>
  readonly proposals: Pick<Proposals, 'list' | 'look' | 'propose' | 'approve' | 'reject' | 'commit'>
  readonly interventions: Pick<
    Interventions,
    | 'inForce'
    | 'addOverride'
    | 'endOverride'
    | 'activate'
    | 'end'
    | 'freeze'
    | 'unfreeze'
    | 'reportLink'
    | 'factorOf'
    | 'noteSeen'
  >
}
