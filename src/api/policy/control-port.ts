// The desks of policy control, as the API sees them.

import type { ChangeDesk } from '../../change/change-desk.js'
import type { HistoryDesk } from '../../change/history-desk.js'
import type { ImportDesk } from '../../change/import-desk.js'
import type { Interventions } from '../../change/interventions.js'
import type { ProposalDesk } from '../../change/proposal-desk.js'
import type { AnswerStore } from '../../policy/revisions/answers.js'

export interface ControlPort {
  /** Answers under an Idempotency-Key; absent: the header does nothing. */
  readonly answers?: Pick<AnswerStore, 'begin' | 'keep' | 'forget'> | undefined
  readonly changes: Pick<
    ChangeDesk,
    'edit' | 'put' | 'current' | 'tagOf' | 'changed' | 'look' | 'policy' | 'settled' | 'readParts' | 'readPolicies'
  >
  readonly history: Pick<
    HistoryDesk,
    'pending' | 'unsigned' | 'list' | 'get' | 'diff' | 'confirm' | 'rollback' | 'sign'
  >
  readonly imports: Pick<ImportDesk, 'take' | 'propose' | 'sheet'>
  readonly proposals: Pick<ProposalDesk, 'list' | 'look' | 'propose' | 'approve' | 'reject' | 'commit'>
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
