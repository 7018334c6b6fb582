// A policy while a sheet is laid on it: the members as they will be, who is called what, which row speaks of which
// member, and everything that is wrong, cell by cell. Nothing of it counts until the whole is taken.

import { canBeTold } from '../document/addressing.js'
import type { PolicyAgreement, PolicyContract } from '../document/contracts.js'
import type { PolicyDocument, PolicyInstitution, PolicySite } from '../document/document.js'
import { CEILING, LABEL } from '../files/tables.js'
import type { CellFault, Cells, Ids } from './cells.js'
import { type ImportKind, LEFT_OUT } from './columns.js'
import { NameBook } from './names.js'

/** An institution or site as it will be; the schema judges it afterwards, as it judges every change. */
export type Member = Readonly<Record<string, unknown>>

type Collection = 'categories' | 'regions' | 'tiers' | 'envelopes' | 'edges' | 'services'

export class ImportDraft {
  readonly document: PolicyDocument
  /** As they are in force, by ids that may be any words, `constructor` included. */
  readonly before: {
    readonly institutions: ReadonlyMap<string, PolicyInstitution>
    readonly sites: ReadonlyMap<string, PolicySite>
    readonly contracts: ReadonlyMap<string, PolicyContract>
    readonly agreements: ReadonlyMap<string, PolicyAgreement>
  }
  readonly same: ReadonlyMap<string, string>
  readonly faults: CellFault[] = []
  readonly institutions: Map<string, Member>
  readonly sites: Map<string, Member>
  readonly contracts: Map<string, Member>
  readonly agreements: Map<string, Member>
  readonly former: Map<string, unknown>
  /** Names of the institutions that are there or were made by an earlier row. */
  readonly called = new NameBook()
  readonly #named: Readonly<Record<Collection, { readonly ids: Ids; readonly names: NameBook }>>
  readonly #lines = new Map<string, number>()
  readonly #sitesOf = new Map<string, string[]>()

  /** @param same institutions by the names that sheets have for them: answers to "is this the same one?" */
  constructor(document: PolicyDocument, same: Readonly<Record<string, string>>) {
    this.document = document
    this.same = new Map(Object.entries(same))
    this.institutions = new Map(Object.entries(document.institutions))
    this.sites = new Map(Object.entries(document.sites))
    this.contracts = new Map(Object.entries(document.contracts ?? {}))
    this.agreements = new Map(Object.entries(document.agreements ?? {}))
    this.before = {
      contracts: new Map(Object.entries(document.contracts ?? {})),
      agreements: new Map(Object.entries(document.agreements ?? {})),
      institutions: new Map(Object.entries(document.institutions)),
      sites: new Map(Object.entries(document.sites)),
    }
    this.former = new Map(Object.entries(document.former ?? {}))
    for (const [id, { name }] of Object.entries(document.institutions)) this.called.add(id, name.en, name.sw)
    for (const [id, { institution }] of Object.entries(document.sites)) this.#stands(institution, id)
    const named = (collection: Collection) => {
      const names = new NameBook()
      for (const [id, { name }] of Object.entries(document[collection])) names.add(id, name.en, name.sw)
      return { ids: new Set(Object.keys(document[collection])), names }
    }
    this.#named = {
      ...{ categories: named('categories'), regions: named('regions'), tiers: named('tiers') },
      ...{ envelopes: named('envelopes'), edges: named('edges'), services: named('services') },
    }
  }

  /** The id in a cell that may also hold a name. */
  named(cells: Cells, column: string, collection: Collection): string | undefined {
    const { ids, names } = this.#named[collection]
    return cells.member(column, ids, names)
  }

  /** Ids in a cell that holds several, or names of one word. */
  severalNamed(cells: Cells, column: string, collection: Collection): string[] | undefined {
    const { ids, names } = this.#named[collection]
    return cells.list(column)?.flatMap((part) => cells.memberNamed(column, part, ids, names) ?? [])
  }

  /** Ids of institutions in a cell, parted by blanks, or one name. */
  institutionsIn(cells: Cells, column: string): string[] {
    const text = cells.text(column)
    if (text === undefined || text === LEFT_OUT) return []
    const answer = this.same.get(text)
    if (answer !== undefined) return [answer]
    const parts = text.split(/[\s,;]+/)
    if (parts.every((part) => this.institutions.has(part) || this.former.has(part))) return parts
    return [cells.memberNamed(column, text, this.institutions, this.called) ?? []].flat()
  }

  /** Notes which row speaks of a member. @returns the line of an earlier row that does */
  claim(kind: ImportKind, id: string, line: number): number | undefined {
    const key = `${kind}/${id}`
    const earlier = this.#lines.get(key)
    if (earlier === undefined) this.#lines.set(key, line)
    return earlier
  }

  lineOf(kind: string, id: string): number | undefined {
    return this.#lines.get(`${kind}/${id}`)
  }

  /** Puts a member last, so that what overlaps names the one that was there before. */
  put(kind: ImportKind, id: string, member: Member): void {
    this[kind].delete(id)
    this[kind].set(id, member)
    if (kind === 'sites') this.#stands(String(member.institution), id)
  }

  sitesOf(institution: string): [string, PolicySite][] {
    const ids = this.#sitesOf.get(institution) ?? []
    return ids.flatMap((id) => {
      const site = this.sites.get(id)
      // What a row has made looks like what was there; only the schema has not seen it yet.
      return site?.institution === institution ? [[id, site as unknown as PolicySite]] : []
    })
  }

  /** Sites of this sheet whose traffic no gateway can tell. */
  untold(): { line: number; site: string }[] {
    return [...this.sites].flatMap(([site, member]) => {
      const line = this.lineOf('sites', site)
      // What a row has made has these two like any site; the schema has only not seen it yet.
      return line === undefined || canBeTold(member as unknown as PolicySite) ? [] : [{ line, site }]
    })
  }

  /** An id for one more site of an institution. */
  newSiteId(institution: string): string {
    const ids = (count: number): string => (count === 1 ? `${institution}.office` : `${institution}.office-${count}`)
    let count = 1
    while (this.sites.has(ids(count))) count++
    return ids(count)
  }

  /** The whole policy as it would be. */
  result(): unknown {
    const { institutions, sites, former, contracts, agreements, document } = this
    return {
      ...document,
      institutions: Object.fromEntries(institutions),
      sites: Object.fromEntries(sites),
      // Of what there never was no empty collection is made.
      ...(contracts.size > 0 || document.contracts ? { contracts: Object.fromEntries(contracts) } : {}),
      ...(agreements.size > 0 || document.agreements ? { agreements: Object.fromEntries(agreements) } : {}),
      ...(former.size > 0 ? { former: Object.fromEntries(former) } : {}),
    }
  }

  #stands(institution: string, site: string): void {
    const ids = this.#sitesOf.get(institution) ?? []
    if (!ids.includes(site)) this.#sitesOf.set(institution, [...ids, site])
  }
}

/** Labels as they will be: those of the sheet's columns, over what was there. */
export function labelsFrom(cells: Cells, present: Readonly<Record<string, string>> = {}): Record<string, string> {
  return familyFrom(cells, LABEL, present, (column) => cells.text(column))
}

/** Own ceilings as they will be; undefined: none. */
export function ceilingsFrom(cells: Cells, present: PolicyInstitution['ceilings']): PolicyInstitution['ceilings'] {
  const found = familyFrom(cells, CEILING, present ?? {}, (column) => {
    const [down, up = down] = (cells.text(column) ?? '').split('/').map((part) => cells.rate(column, part.trim()))
    return down === undefined || up === undefined ? undefined : { down, up }
  })
  return Object.keys(found).length === 0 ? undefined : found
}

function familyFrom<T>(
  cells: Cells,
  family: string,
  present: Readonly<Record<string, T>>,
  read: (column: string) => T | undefined,
): Record<string, T> {
  const next = new Map(Object.entries(present))
  for (const { means } of cells.columns) {
    if (means === null || !means.startsWith(family)) continue
    const key = means.slice(family.length)
    const value = cells.cleared(means) ? undefined : read(means)
    if (value === undefined) next.delete(key)
    else next.set(key, value)
  }
  return Object.fromEntries(next)
}

/** Without what is undefined: such fields stay as they were. */
export function definedOnly(fields: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined))
}
