// Policy control, put together around the state of the policy: changes, proposals, imports, history, interventions.
// The API is handed it as the port that is declared here, and takes no more of it than the port names.

import { messageOf } from '../runtime/errors.js'
import { HealthGuard } from './health-guard.js'
import { Imports } from './imports.js'
import { Interventions } from './interventions.js'
import { PolicyChanges, type PolicyChangesOptions } from './policy-changes.js'
import type { PolicyState } from './policy-state.js'
import { Proposals } from './proposals.js'
import { RevisionHistory } from './revision-history.js'
import { TrialGuard } from './trial-guard.js'

/** What of a part is for others to see. */
type Shown<Part> = Pick<Part, keyof Part>

/** The policy, for whoever shows it and asks for changes. */
export interface PolicyPort {
  readonly state: Pick<PolicyState, 'current' | 'document' | 'revision' | 'switches' | 'refresh' | 'settle'>
  readonly changes: Pick<PolicyChanges, 'change' | 'look' | 'changed' | 'tagOf' | 'readParts' | 'readPolicies'>
  readonly history: Shown<RevisionHistory>
  readonly imports: Shown<Imports>
  readonly proposals: Omit<Proposals, 'commitDue'>
  readonly interventions: Shown<Interventions>
}

export interface PolicyControl extends PolicyPort {
  /** To be called again and again: reads what others wrote, makes changes whose hour has come, watches health. */
  refresh(): Promise<void>
}

export function policyControl(options: PolicyChangesOptions): PolicyControl {
  const { policy, board, clock, log } = options
  let warm = false
  const changes = new PolicyChanges(options)
  const proposals = new Proposals(changes, clock, log)
  const health = new HealthGuard(changes, board, log)
  const trials = new TrialGuard(policy, board, clock, log)
  return {
    ...{ state: policy, changes, proposals },
    history: new RevisionHistory(changes),
    imports: new Imports(changes, proposals),
    interventions: new Interventions(policy, changes, clock),
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
