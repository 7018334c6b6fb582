// Rows that speak of a site: one of a sheet of sites, or the part of an institution's row that says where it is. A row
// without an id means the site of that institution that has one of its networks, or a new one.

import { MIN_LIFELINE } from '../../model/units.js'
import { networkOf } from '../document/addressing.js'
import type { PolicySite } from '../document/document.js'
import type { Cells } from './cells.js'
import { SITE_COLUMNS } from './columns.js'
import { definedOnly, type ImportDraft, labelsFrom } from './draft.js'
import { idFrom } from './names.js'

const NEW_SITE = { prefixes: [], vlan: null, medium: 'fibre', labels: {} }

/** Lays a row of a sheet of sites on the draft. @returns the site's id; undefined: nobody knows whose it is */
export function importSite(draft: ImportDraft, cells: Cells): string | undefined {
  const said = cells.text('id')
  const present = said === undefined ? undefined : draft.before.sites.get(said)
  const [institution] = cells.has('institution') ? draft.institutionsIn(cells, 'institution') : []
  const owner = institution ?? present?.institution
  if (owner === undefined || !draft.institutions.has(owner)) {
    if (cells.text('institution') === undefined) cells.fault('institution', 'REQUIRED', 'expected whose site this is')
    // Nobody's, but what else is wrong with it is said at once.
    readSite(draft, cells)
    return undefined
  }
  const id = said ?? siteMeant(draft, cells, owner) ?? draft.newSiteId(owner)
  const earlier = draft.claim('sites', id, cells.line)
  if (earlier !== undefined) return cells.fault('id', 'DUPLICATE', `site ${id} is already in line ${earlier}`)
  putSite(draft, cells, id, owner, labelsFrom(cells, draft.before.sites.get(id)?.labels))
  return id
}

/** The site in an institution's row, where there is one. */
export function importSiteOf(draft: ImportDraft, cells: Cells, institution: string): void {
  if (SITE_COLUMNS.every((column) => cells.text(column) === undefined)) return
  const sites = draft.sitesOf(institution)
  const id = sites.length === 1 ? sites[0]![0] : siteMeant(draft, cells, institution)
  if (id === undefined && sites.length > 1) {
    cells.fault('', 'UNCLEAR', `${institution} has ${sites.length} sites; change them in a sheet of sites`)
    return
  }
  const meant = id ?? draft.newSiteId(institution)
  draft.claim('sites', meant, cells.line)
  putSite(draft, cells, meant, institution, draft.before.sites.get(meant)?.labels ?? {})
}

/** The site that has a network of this row; where it has none the one at its edge; with neither, the only one. */
function siteMeant(draft: ImportDraft, cells: Cells, institution: string): string | undefined {
  const networks = (cells.text('prefixes') ?? '').split(/[\s,;]+/).flatMap((text) => networkOf(text) ?? [])
  const edge = cells.text('edge')
  const sites = draft.sitesOf(institution)
  if (networks.length === 0 && edge === undefined) return sites.length === 1 ? sites[0]![0] : undefined
  const meant = (site: PolicySite): boolean =>
    networks.length === 0 ? site.edge === edge : site.prefixes.some((prefix) => networks.includes(prefix))
  const found = sites.filter(([, site]) => meant(site))
  return found.length === 1 ? found[0]![0] : undefined
}

function putSite(draft: ImportDraft, cells: Cells, id: string, institution: string, labels: unknown): void {
  const present = draft.before.sites.get(id)
  const { down, up, edge, ...rest } = readSite(draft, cells)
  if (present === undefined) {
    // One column of bandwidth is both directions.
    const missing = { edge, down: down ?? up }
    for (const [column, value] of Object.entries(missing)) {
      if (value === undefined && cells.text(column) === undefined)
        cells.fault(
          column,
          'REQUIRED',
          column === 'edge'
            ? `a new site needs an edge; ${edgesFor(draft, institution)}`
            : 'a new site needs a bandwidth in down',
        )
    }
  }
  // Where nothing can be used, a fault stands in the cell and nothing is taken; the rest is still looked at.
  const known = present ?? { ...NEW_SITE, edge: Object.keys(draft.document.edges)[0] }
  const access = {
    down: down ?? present?.access.down ?? up ?? MIN_LIFELINE,
    up: up ?? present?.access.up ?? down ?? MIN_LIFELINE,
  }
  draft.put('sites', id, {
    ...known,
    ...definedOnly({ institution, edge, access, labels, ...rest }),
  })
}

/** Those of the institution's region, where it has some; else all, as far as anybody reads on. */
export function edgesFor({ document: { edges }, institutions }: ImportDraft, institution: string): string {
  const region = institutions.get(institution)?.region
  const ids = Object.keys(edges).sort()
  const near = ids.filter((id) => edges[id]!.region === region)
  if (near.length > 0) return `in ${region}: ${near.join(', ')}`
  const more = ids.length > EDGES_NAMED ? `, … (${ids.length} in all)` : ''
  return `known: ${ids.slice(0, EDGES_NAMED).join(', ')}${more}`
}

const EDGES_NAMED = 32

/** What the row says of a site. */
function readSite(draft: ImportDraft, cells: Cells) {
  return {
    ...{ down: cells.rate('down'), up: cells.rate('up'), edge: draft.named(cells, 'edge', 'edges') },
    ...{ prefixes: cells.prefixes('prefixes'), vlan: cells.vlan('vlan'), medium: cells.medium('medium') },
  }
}

/** An id as somebody wrote it, made into one of ours. */
export const asId = (text: string): string => (/^[a-z0-9][a-z0-9.-]*$/.test(text) ? text : idFrom(text))
