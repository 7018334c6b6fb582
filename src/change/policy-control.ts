// The desks of policy control, put together around the one that keeps what holds.

import { messageOf } from '../runtime/errors.js'
import { ChangeDesk, type ChangeDeskOptions } from './change-desk.js'
import { HealthGuard } from './health-guard.js'
import { HistoryDesk } from './history-desk.js'
import { ImportDesk } from './import-desk.js'
import { Interventions } from './interventions.js'
import { ProposalDesk } from './proposal-desk.js'
import { TrialGuard } from './trial-guard.js'

export interface PolicyControl {
  readonly changes: ChangeDesk
  readonly history: HistoryDesk
  readonly imports: ImportDesk
  readonly proposals: ProposalDesk
  readonly interventions: Interventions
  /** To be called again and again: reads what others wrote, makes changes whose hour has come, watches health. */
  refresh(): Promise<void>
}

export function policyControl(options: ChangeDeskOptions): PolicyControl {
  const { policy, board, clock, log } = options
  let warm = false
  const changes = new ChangeDesk(options)
  const proposals = new ProposalDesk(changes, clock, log)
  const health = new HealthGuard(changes, board, log)
  const trials = new TrialGuard(policy, board, clock, log)
  return {
    changes,
    history: new HistoryDesk(changes),
    imports: new ImportDesk(changes, proposals),
    proposals,
    interventions: new Interventions(policy, clock),
    async refresh() {
      await policy.refresh()
      if (!warm && board() !== null) {
        warm = true
        changes.warm().catch((error: unknown) => {
          log.warn({ reason: messageOf(error) }, 'the first previews will be slow')
        })
      }
      await proposals.commitDue()
      await health.check().catch((error: unknown) => {
        log.warn({ reason: messageOf(error) }, 'the health of the waiting revision could not be looked at')
      })
      await trials.check().catch((error: unknown) => {
        log.warn({ reason: messageOf(error) }, 'edges on trial could not be returned; trying on')
      })
    },
  }
}
