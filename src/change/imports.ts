// Sheets on their way into the policy: laid on what is in force when their turn comes, and then a change like every
// other (validated, previewed, tested, approved, committed, confirmed). What people said about the sheet is remembered
// once it was taken.

import type { Scope } from '../model/principal.js'
import type { PolicyChange, PolicyEdit, PolicyHead, PolicyOutcome } from '../model/revision.js'
import { institutionSheet, siteSheet } from '../policy/files/tables.js'
import type { ImportKind } from '../policy/import/columns.js'
import { NOTHING_FOUND } from '../policy/import/found.js'
import type { ImportRequest } from '../policy/import/plan.js'
import { fieldOf, type ImportMemory, NOTHING_SAID } from '../policy/in-force/register.js'
import type { Proposal } from '../policy/revisions/proposal.js'
import { type PolicyChanges, SheetEdit } from './policy-changes.js'
import type { ProposalRequest, Proposals } from './proposals.js'

export interface Imported {
  /** What was found in the sheet, as JSON. */
  readonly found: string
  readonly outcome: PolicyOutcome
}

interface Proposed {
  readonly proposal: Proposal
}

type Sheet = Omit<ImportRequest, 'scope'>
/** Looks at what is in force when the turn has come; throws to refuse. */
type Accept = (head: PolicyHead) => void

export class Imports {
  readonly #changes: PolicyChanges
  readonly #proposals: Pick<Proposals, 'propose'>

  constructor(changes: PolicyChanges, proposals: Pick<Proposals, 'propose'>) {
    this.#changes = changes
    this.#proposals = proposals
  }

  /** @throws ImportRefused with the sheet that says why, what `accept` throws, and as PolicyChanges.change. */
  async take(sheet: Sheet, change: PolicyChange, accept: Accept): Promise<Imported> {
    const make = (lay: PolicyEdit) => this.#changes.change(lay, change)
    const { found, result } = await this.#laid(sheet, change.scope ?? null, accept, make)
    if (!change.dryRun) await this.#remember(sheet)
    return { found, outcome: result }
  }

  /** The same for a second person to agree to. @throws as `take`, but for what only a commit can meet. */
  async propose(sheet: Sheet, request: ProposalRequest, accept: Accept): Promise<Omit<Imported, 'outcome'> & Proposed> {
    const propose = (lay: PolicyEdit) => this.#proposals.propose(lay, request)
    const { found, result } = await this.#laid(sheet, request.scope ?? null, accept, propose)
    await this.#remember(sheet)
    return { found, proposal: result }
  }

  /** The sheet is laid on what is in force when `change` asks for it, in the thread that looks at what it would do. */
  async #laid<T>(
    sheet: Sheet,
    scope: Scope | null,
    accept: Accept,
    change: (lay: PolicyEdit) => Promise<T>,
  ): Promise<{ found: string; result: T }> {
    const edit = new SheetEdit({ ...sheet, ...this.#said(sheet), scope })
    const result = await change((head) => {
      accept(head)
      return edit
    })
    // Made before, by a request of this name: the sheet was not looked at again.
    return { found: edit.found ?? NOTHING_FOUND, result }
  }

  /** What people say of this sheet now, over what they said of earlier ones; who is who is the same in all sheets. */
  #said({ kind, columns, same }: Sheet): ImportMemory {
    const { imports } = this.#changes.policy.register
    const known = imports[kind] ?? NOTHING_SAID
    const answered = Object.values(imports).flatMap((memory) => Object.entries(memory.same))
    return {
      columns: { ...known.columns, ...columns },
      same: Object.fromEntries([...answered, ...Object.entries(same)]),
    }
  }

  async #remember(sheet: Sheet): Promise<void> {
    if (Object.keys(sheet.columns).length + Object.keys(sheet.same).length === 0) return
    await this.#changes.policy.edit(() => ({ [fieldOf.import(sheet.kind)]: this.#said(sheet) }))
  }

  /** What is in force, as a sheet that can be imported again. */
  sheet(kind: ImportKind): string {
    const { document } = this.#changes.policy
    return kind === 'institutions' ? institutionSheet(document) : siteSheet(document)
  }
}
