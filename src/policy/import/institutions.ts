// Rows that speak of an institution. Who is meant is told by the id, else by the name in either language, else by the
// id that this name once made; a name that is nearly another's is asked about. What the row does not say stays.
//
// The life of institutions keeps its history: renaming changes a name and no id; one that is closed or merged into
// another leaves its id and name in `former`, where nobody can use it again, and its sites go to the other; one that
// was split off, or took another in, says so in `from`. What is restricted stays so when it is gone, and in its heirs.

import type { PolicyInstitution } from '../document/document.js'
import { type Cells, sameName } from './cells.js'
import { ceilingsFrom, definedOnly, type ImportDraft, labelsFrom } from './draft.js'
import { idFrom } from './names.js'
import { asId, importSiteOf } from './sites.js'

const REQUIRED = ['category', 'region', 'tier', 'internet', 'govnet'] as const

/** Lays a row on the draft. @returns the institution's id; undefined: nobody knows who is meant */
export function importInstitution(draft: ImportDraft, cells: Cells): string | undefined {
  const id = whoIsMeant(draft, cells)
  if (id === undefined) return undefined
  const earlier = draft.claim('institutions', id, cells.line)
  if (earlier !== undefined) return cells.fault('', 'DUPLICATE', `${id} is already in line ${earlier}`)
  const present = draft.before.institutions.get(id)
  const fields = {
    category: draft.named(cells, 'category', 'categories'),
    region: draft.named(cells, 'region', 'regions'),
    tier: draft.named(cells, 'tier', 'tiers'),
    internet: cells.yesNo('internet'),
    govnet: cells.yesNo('govnet'),
    nounClass: cells.nounClass('noun_class'),
  }
  const name = nameFrom(cells, present)
  if (present === undefined) requireAll(cells, name)
  const envelope = cells.cleared('envelope') ? null : draft.named(cells, 'envelope', 'envelopes')
  const from = fromOf(draft, cells, present)
  const restricted = cells.yesNo('restricted') ?? (hasRestricted(draft, from, present?.from) || undefined)
  const { ceilings: _, ...rest } = present ?? standIn(draft, id)
  draft.put('institutions', id, {
    ...rest,
    ...definedOnly({ ...fields, name, envelope, from, restricted, labels: labelsFrom(cells, present?.labels) }),
    ...definedOnly({ ceilings: ceilingsFrom(cells, present?.ceilings) }),
  })
  if (present === undefined && name !== undefined) draft.called.add(id, name.en, name.sw)
  importSiteOf(draft, cells, id)
  return id
}

/** Closes institutions and merges them into others; asked for when all rows are there. */
export function endInstitution(draft: ImportDraft, cells: Cells, id: string): void {
  const [heir] = draft.institutionsIn(cells, 'merged_into')
  const closed = cells.yesNo('closed') ?? false
  if (heir === undefined && !closed) return
  if (!draft.before.institutions.has(id)) {
    cells.fault('closed', 'INVALID', `${id} is not there, so it cannot be closed`)
    return
  }
  const member = draft.institutions.get(heir ?? '')
  if (heir === id || (heir !== undefined && member === undefined)) {
    cells.fault('merged_into', 'INVALID', `expected another institution that goes on, found ${heir}`)
    return
  }
  close(draft, id, heir)
  if (heir === undefined || member === undefined) return
  const before = Array.isArray(member.from) ? (member.from as readonly string[]) : []
  const from = [...new Set([...before, id])]
  const inherits = member.restricted === undefined && hasRestricted(draft, [id])
  draft.put('institutions', heir, { ...member, from, ...(inherits ? { restricted: true } : {}) })
}

/** Whether one of those that it is made from now is restricted: what comes of it is too, unless its row says no. */
function hasRestricted(draft: ImportDraft, from: readonly string[] = [], earlier: readonly string[] = []): boolean {
  const { institutions } = draft.before
  const { former = {} } = draft.document
  return from.some((id) => {
    const one = institutions.get(id) ?? (Object.hasOwn(former, id) ? former[id] : undefined)
    return !earlier.includes(id) && one?.restricted === true
  })
}

/** Its id is not used again; its sites go to the heir, or with it. */
export function close(draft: ImportDraft, id: string, heir?: string): void {
  for (const [site, about] of draft.sitesOf(id)) {
    if (heir === undefined) draft.sites.delete(site)
    else draft.put('sites', site, { ...about, institution: heir })
  }
  draft.institutions.delete(id)
  const { name, restricted } = draft.before.institutions.get(id) ?? {}
  if (name !== undefined) draft.former.set(id, restricted ? { name, restricted } : { name })
}

function whoIsMeant(draft: ImportDraft, cells: Cells): string | undefined {
  const { institutions } = draft.before
  const said = cells.text('id')
  const name = cells.text('name') ?? cells.text('name_sw')
  const answer = name === undefined ? undefined : draft.same.get(name)
  const id = said === undefined ? answer : asId(said)
  if (id !== undefined) {
    if (draft.former.has(id)) return wasClosed(cells, id)
    const others = name === undefined || institutions.has(id) ? [] : draft.called.called(name)
    if (others.length === 0 || id === answer) return id
    return cells.fault('id', 'ASK', `is this ${naming(draft, others)}? Then write that id; if not: ${own(name!, id)}`)
  }
  if (name === undefined) return cells.fault('name', 'REQUIRED', 'expected a name or an id')
  const called = draft.called.called(name)
  if (called.length === 1) return called[0]
  if (called.length > 1)
    return cells.fault('id', 'UNCLEAR', `this may be ${naming(draft, called)}; write the id in a column id`)
  const made = idFrom(name)
  if (made === '') return cells.fault('id', 'REQUIRED', 'no id can be made from this name; write one in a column id')
  if (institutions.has(made)) return made
  if (draft.former.has(made)) return wasClosed(cells, made)
  const near = draft.called.nearly(name)
  if (near.length === 0 && !draft.institutions.has(made)) return made
  const alike = near.length === 0 ? [made] : near
  return cells.fault('id', 'ASK', `is this ${naming(draft, alike)}? Then write that id; if not: ${own(name, made)}`)
}

/** A row that closes what is closed says nothing new. */
function wasClosed(cells: Cells, id: string): undefined {
  if (cells.text('merged_into') !== undefined || cells.yesNo('closed') === true) return
  return cells.fault('id', 'CLOSED', `${id} was closed; its id is not used again, write another one`)
}

const own = (name: string, id: string): string => `a new id, such as ${id}, or the answer "${name}=${id}"`

function naming(draft: ImportDraft, ids: readonly string[]): string {
  return ids
    .slice(0, 3)
    .map((id) => {
      const name = draft.institutions.get(id)?.name as PolicyInstitution['name'] | undefined
      return name === undefined ? id : `${id} ("${name.en}")`
    })
    .join(' or ')
}

/** A row that was told by its name alone cannot change it. */
function nameFrom(cells: Cells, present: PolicyInstitution | undefined): PolicyInstitution['name'] | undefined {
  const [en, sw] = [cells.text('name'), cells.text('name_sw')]
  if (present === undefined) return en === undefined ? undefined : { en, sw: sw ?? en }
  if (cells.text('id') === undefined || (en === undefined && sw === undefined)) return present.name
  const both = sameName(present.name.en, present.name.sw)
  return { en: en ?? present.name.en, sw: sw ?? (both && en !== undefined ? en : present.name.sw) }
}

/**
 * What a new institution is where its row says nothing that can be used. Each such cell has a fault and nothing is
 * taken; but so the rest of the row is looked at, and all that is wrong is said at once.
 */
function standIn({ document }: ImportDraft, id: string): Partial<PolicyInstitution> {
  const [category = '', region = '', tier = ''] = (['categories', 'regions', 'tiers'] as const).map(
    (collection) => Object.keys(document[collection])[0],
  )
  const name = { en: id, sw: id }
  return { name, category, region, tier, internet: true, govnet: false, envelope: null, labels: {} }
}

function requireAll(cells: Cells, name: unknown): void {
  if (name === undefined) cells.fault('name', 'REQUIRED', 'a new institution needs a name')
  for (const column of REQUIRED) {
    if (cells.text(column) !== undefined) continue
    cells.fault(column, 'REQUIRED', `a new institution needs ${column}; one for all rows: the default ${column}=…`)
  }
}

function fromOf(draft: ImportDraft, cells: Cells, present: PolicyInstitution | undefined): string[] | undefined {
  const said = draft.institutionsIn(cells, 'split_from')
  return said.length === 0 ? present?.from : [...new Set([...(present?.from ?? []), ...said])]
}
