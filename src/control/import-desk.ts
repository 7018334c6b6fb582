// Sheets on their way into the policy: laid on what is in force when their turn comes, and then a change like every
// other (validated, previewed, tested, approved, committed, confirmed). What people said about the sheet is remembered
// once it was taken.

import type { PolicyChange, PolicyHead, PolicyOutcome } from '../model/revision.js'
import type { ImportKind } from '../policy/import-columns.js'
import { type ImportPlan, ImportRefused, type ImportRequest, planImport } from '../policy/import-plan.js'
import { fieldOf, NOTHING_SAID } from '../policy/register.js'
import { institutionSheet, siteSheet } from '../policy/tables.js'
import { MizaniError } from '../runtime/errors.js'
import type { ChangeDesk } from './change-desk.js'

export interface Imported {
  readonly plan: ImportPlan
  readonly outcome: PolicyOutcome
}

export class ImportDesk {
  readonly #changes: ChangeDesk

  constructor(changes: ChangeDesk) {
    this.#changes = changes
  }

  /**
   * @param accept looks at what is in force when the turn has come; throws to refuse
   * @throws MizaniError ImportRefused with the sheet that says why, what `accept` throws, and as ChangeDesk.put.
   */
  async take(
    request: Omit<ImportRequest, 'scope'>,
    change: Omit<PolicyChange, 'expected'>,
    accept: (head: PolicyHead) => void,
  ): Promise<Imported> {
    const { desk } = this.#changes
    const { kind } = request
    const known = desk.register.imports[kind] ?? NOTHING_SAID
    const said = { columns: { ...known.columns, ...request.columns }, same: { ...known.same, ...request.same } }
    let plan: ImportPlan | undefined
    const lay = (head: PolicyHead): unknown => {
      accept(head)
      plan = planImport(desk.document, { ...request, ...said, scope: change.scope ?? null })
      return plan.document
    }
    const outcome = await this.#changes.edit(lay, change).catch((error: unknown) => {
      const isOurs = error instanceof MizaniError && error.code === 'POLICY_INVALID'
      if (plan === undefined || !isOurs || error instanceof ImportRefused) throw error
      throw plan.refusal(error.faults)
    })
    const isNews = Object.keys(request.columns).length + Object.keys(request.same).length > 0
    if (!change.dryRun && isNews) await desk.edit(() => ({ [fieldOf.import(kind)]: said }))
    // What has an outcome was laid first.
    return { plan: plan!, outcome }
  }

  /** What is in force, as a sheet that can be imported again. */
  sheet(kind: ImportKind): string {
    const { document } = this.#changes.desk
    return kind === 'institutions' ? institutionSheet(document) : siteSheet(document)
  }
}
