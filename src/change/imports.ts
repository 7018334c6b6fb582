// Sheets on their way into the policy: laid on what is in force when their turn comes, and then a change like every
// other (validated, previewed, tested, approved, committed, confirmed). What people said about the sheet is remembered
// once it was taken, and answers for nobody who may change more than they: of who has a scope for themselves alone, and
// of a sheet of sites, which engineers bring too, for no sheet of institutions.

import type { PolicyChange, PolicyEdit, PolicyHead, PolicyOutcome } from '../model/revision.js'
import { agreementSheet, contractSheet, institutionSheet, siteSheet } from '../policy/files/tables.js'
import type { ImportKind } from '../policy/import/columns.js'
import { NOTHING_FOUND } from '../policy/import/found.js'
import type { ImportRequest } from '../policy/import/plan.js'
import { fieldOf, type ImportMemory, importOf, NOTHING_SAID } from '../policy/in-force/register.js'
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
type Who = Pick<PolicyChange, 'author' | 'scope'>
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
    const { found, result } = await this.#laid(sheet, change, accept, make)
    if (!change.dryRun) await this.#remember(sheet, change)
    return { found, outcome: result }
  }

  /** The same for a second person to agree to. @throws as `take`, but for what only a commit can meet. */
  async propose(sheet: Sheet, request: ProposalRequest, accept: Accept): Promise<Omit<Imported, 'outcome'> & Proposed> {
    const propose = (lay: PolicyEdit) => this.#proposals.propose(lay, request)
    const { found, result } = await this.#laid(sheet, request, accept, propose)
    await this.#remember(sheet, request)
    return { found, proposal: result }
  }

  /** The sheet is laid on what is in force when `change` asks for it, in the thread that looks at what it would do. */
  async #laid<T>(
    sheet: Sheet,
    who: Who,
    accept: Accept,
    change: (lay: PolicyEdit) => Promise<T>,
  ): Promise<{ found: string; result: T }> {
    const edit = new SheetEdit({ ...sheet, ...this.#said(sheet, who), scope: who.scope ?? null })
    const result = await change((head) => {
      accept(head)
      return edit
    })
    // Made before, by a request of this name: the sheet was not looked at again.
    return { found: edit.found ?? NOTHING_FOUND, result }
  }

  /** What is said of this sheet now, over what was said of earlier ones; who is who is so in sheets of sites too. */
  #said({ kind, columns, same }: Sheet, who: Who): ImportMemory {
    const { imports } = this.#changes.policy.register
    const known = (of: ImportKind): ImportMemory => imports[importOf(of, whose(who))] ?? NOTHING_SAID
    return {
      columns: { ...known(kind).columns, ...columns },
      same: { ...known('institutions').same, ...known(kind).same, ...same },
    }
  }

  async #remember(sheet: Sheet, who: Who): Promise<void> {
    if (Object.keys(sheet.columns).length + Object.keys(sheet.same).length === 0) return
    const field = fieldOf.answers(importOf(sheet.kind, whose(who)))
    await this.#changes.policy.edit(() => ({ [field]: this.#said(sheet, who), [fieldOf.import(sheet.kind)]: null }))
  }

  /** What is in force, as a sheet that can be imported again. */
  sheet(kind: ImportKind): string {
    const { document } = this.#changes.policy
    return SHEETS[kind](document)
  }
}

const SHEETS = {
  ...{ institutions: institutionSheet, sites: siteSheet, contracts: contractSheet, agreements: agreementSheet },
} as const

/** Null: of everybody who may change everything. */
const whose = ({ author, scope }: Who): string | null => (scope == null ? null : author)
