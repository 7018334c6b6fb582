// Rows that speak of a contract or an agreement. What the row does not say stays as it was; amounts are no part of it,
// for the policy has no place for them (document/contracts.ts).

import { COUNTS } from '../document/contracts.js'
import type { Cells } from './cells.js'
import { definedOnly, type ImportDraft, labelsFrom } from './draft.js'
import { idFrom } from './names.js'
import { asId } from './sites.js'

const CONTRACT_NEEDS = ['name', 'provider', 'links', 'down', 'valid_from'] as const
const AGREEMENT_NEEDS = ['institution', 'reference', 'valid_from', 'tier', 'services', 'signatory'] as const

/** Lays a row of a sheet of contracts on the draft. @returns its id; undefined: it has none */
export function importContract(draft: ImportDraft, cells: Cells): string | undefined {
  const id = idOf(cells, cells.text('name'), 'name')
  if (id === undefined || !isFirst(draft, cells, 'contracts', id)) return undefined
  const present = draft.before.contracts.get(id)
  if (present === undefined) requireAll(cells, CONTRACT_NEEDS)
  const [en, sw] = [cells.text('name') ?? present?.name.en, cells.text('name_sw')]
  const [down, up] = [cells.rate('down'), cells.rate('up')]
  const capacity = { down: down ?? present?.capacity.down, up: up ?? present?.capacity.up ?? down }
  draft.put('contracts', id, {
    ...present,
    ...definedOnly({
      ...{
        provider: cells.text('provider'),
        links: cells.list('links'),
        services: draft.severalNamed(cells, 'services', 'services'),
      },
      ...{ committed: cells.rate('committed'), percent: cells.percent('percent'), counts: countsOf(cells) },
      ...{ monthFrom: cells.whole('month_from'), leadDays: cells.whole('lead_days') },
      ...{ timezone: cells.text('timezone'), from: cells.date('valid_from'), until: cells.end('until') },
      ...{ sharing: cells.cleared('sharing') ? null : cells.text('sharing'), documents: cells.list('documents', /;/) },
      labels: labelsOf(cells, present?.labels),
    }),
    name: { en, sw: sw ?? present?.name.sw ?? en },
    capacity,
  })
  return id
}

/** Lays a row of a sheet of agreements on the draft. @returns its id; undefined: it has none */
export function importAgreement(draft: ImportDraft, cells: Cells): string | undefined {
  const id = idOf(cells, cells.text('reference'), 'reference')
  if (id === undefined || !isFirst(draft, cells, 'agreements', id)) return undefined
  const present = draft.before.agreements.get(id)
  if (present === undefined) requireAll(cells, AGREEMENT_NEEDS)
  const [institution] = draft.institutionsIn(cells, 'institution')
  const attainment = cells.percent('attainment')
  draft.put('agreements', id, {
    ...present,
    ...definedOnly({
      ...{ institution, reference: cells.text('reference'), tier: draft.named(cells, 'tier', 'tiers') },
      ...{
        services: draft.severalNamed(cells, 'services', 'services'),
        from: cells.date('valid_from'),
        until: cells.end('until'),
      },
      attainment: attainment === undefined ? undefined : attainment > 1 ? attainment / 100 : attainment,
      ...{ signatory: cells.text('signatory'), budget: cells.text('budget') },
      labels: labelsOf(cells, present?.labels),
    }),
  })
  return id
}

function idOf(cells: Cells, text: string | undefined, column: string): string | undefined {
  const said = cells.text('id')
  const id = said === undefined ? (text === undefined ? '' : idFrom(text)) : asId(said)
  return id === '' ? cells.fault(column, 'REQUIRED', `expected an id, or a ${column} to make one of`) : id
}

function isFirst(draft: ImportDraft, cells: Cells, kind: 'contracts' | 'agreements', id: string): boolean {
  const earlier = draft.claim(kind, id, cells.line)
  if (earlier !== undefined) cells.fault('id', 'DUPLICATE', `${id} is already in line ${earlier}`)
  return earlier === undefined
}

function requireAll(cells: Cells, columns: readonly string[]): void {
  for (const column of columns)
    if (cells.text(column) === undefined) cells.fault(column, 'REQUIRED', `expected ${column}: it is new`)
}

function countsOf(cells: Cells): string | undefined {
  const word = cells.text('counts')?.toLowerCase()
  if (word === undefined || COUNTS.some((one) => one === word)) return word
  return cells.fault('counts', 'INVALID', `expected ${COUNTS.join(', ')}, found "${word}"`)
}

/** Who had none gets none: a document that was written without them stays the same. */
function labelsOf(cells: Cells, present: Readonly<Record<string, string>> | undefined): object | undefined {
  const labels = labelsFrom(cells, present)
  return present === undefined && Object.keys(labels).length === 0 ? undefined : labels
}
