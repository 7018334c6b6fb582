// Which page stands at which address, what it is called, and how it is reached from everywhere. A page comes to a
// browser when it is first asked for.

import { looksAround } from '../model/looks-around.js'
import type { Role } from '../model/principal.js'
import { MINE } from './home.js'
import { type Address, namesIn, type Page } from './page.js'
import { TEXTS, type Text } from './words/texts.js'

export interface Place {
  /** Such as `/institutions/:id`. */
  readonly pattern: string
  readonly title: Text
  /** Two letters, pressed one after the other; absent: it is reached from another page. */
  readonly keys?: string
  /** Who is shown the way; absent: everybody who works here. */
  readonly roles?: readonly Role[]
  /** Name of its file. */
  readonly file: string
  module(): Promise<{ readonly page: Page }>
}

/** Parts of the policy that are no collections. */
const TOPS = ['plane', 'bands', 'whole']

/** Those with keys stand in the navigation, in this order. */
export const PLACES: readonly Place[] = [
  { pattern: '/', title: TEXTS.overview, keys: 'go', file: 'overview', module: () => import('./pages/overview.js') },
  {
    ...{ pattern: '/institutions', title: TEXTS.institutions, keys: 'gi', file: 'institutions' },
    module: () => import('./pages/institutions.js'),
  },
  {
    ...{ pattern: '/institutions/:id', title: TEXTS.institution, file: 'institution' },
    module: () => import('./pages/institution.js'),
  },
  { pattern: '/links', title: TEXTS.links, keys: 'gl', file: 'links', module: () => import('./pages/links.js') },
  { pattern: '/links/:id', title: TEXTS.link, file: 'link', module: () => import('./pages/link.js') },
  { pattern: '/edges', title: TEXTS.edges, keys: 'ge', file: 'edges', module: () => import('./pages/edges.js') },
  { pattern: '/edges/:id', title: TEXTS.edge, file: 'edge', module: () => import('./pages/edge.js') },
  {
    pattern: '/in-force',
    title: TEXTS.inForce,
    keys: 'gf',
    file: 'in-force',
    module: () => import('./pages/in-force.js'),
  },
  {
    ...{ pattern: '/emergency', title: TEXTS.emergency, keys: 'gx', file: 'emergency' },
    module: () => import('./pages/emergency.js'),
  },
  { pattern: '/policy', title: TEXTS.policy, keys: 'gp', file: 'policy', module: () => import('./pages/policy.js') },
  {
    ...{ pattern: '/policy/revisions/:n', title: TEXTS.policy, file: 'revision' },
    module: () => import('./pages/revision.js'),
  },
  ...TOPS.map((name) => ({
    ...{ pattern: `/policy/${name}`, title: TEXTS.policy, file: 'policy-part' },
    module: () => import('./pages/policy-part.js'),
  })),
  {
    ...{ pattern: '/policy/:collection', title: TEXTS.policy, file: 'policy-list' },
    module: () => import('./pages/policy-list.js'),
  },
  {
    ...{ pattern: '/policy/:collection/:id', title: TEXTS.policy, file: 'policy-part' },
    module: () => import('./pages/policy-part.js'),
  },
  { pattern: '/mine', title: TEXTS.mine, keys: 'gh', file: 'mine', module: () => import('./pages/mine.js') },
  {
    ...{ pattern: '/requests', title: TEXTS.requests, keys: 'gq', file: 'requests' },
    module: () => import('./pages/requests.js'),
  },
  {
    ...{ pattern: '/requests/:id', title: TEXTS.requests, file: 'request' },
    module: () => import('./pages/request.js'),
  },
  {
    ...{ pattern: '/proposals', title: TEXTS.proposals, keys: 'gr', file: 'proposals' },
    module: () => import('./pages/proposals.js'),
  },
  {
    ...{ pattern: '/proposals/:id', title: TEXTS.proposals, file: 'proposal' },
    module: () => import('./pages/proposal.js'),
  },
  { pattern: '/import', title: TEXTS.importSheet, file: 'import', module: () => import('./pages/import.js') },
  { pattern: '/ledger', title: TEXTS.ledger, keys: 'gm', file: 'ledger', module: () => import('./pages/ledger.js') },
  {
    ...{ pattern: '/ledger/register', title: TEXTS.ledger, file: 'ledger-register' },
    module: () => import('./pages/ledger-register.js'),
  },
  {
    ...{ pattern: '/ledger/prices', title: TEXTS.ledger, file: 'ledger-prices' },
    module: () => import('./pages/ledger-prices.js'),
  },
  {
    ...{ pattern: '/ledger/:month', title: TEXTS.ledger, file: 'ledger-month' },
    module: () => import('./pages/ledger-month.js'),
  },
  {
    ...{ pattern: '/ledger/:month/:id', title: TEXTS.ledger, file: 'ledger-statement' },
    module: () => import('./pages/ledger-statement.js'),
  },
  {
    ...{ pattern: '/planner', title: TEXTS.planner, keys: 'gn', file: 'planner', roles: ['planner', 'admin'] },
    module: () => import('./pages/planner.js'),
  },
  {
    ...{ pattern: '/planner/:id', title: TEXTS.planner, file: 'simulation' },
    module: () => import('./pages/simulation.js'),
  },
  { pattern: '/alarms', title: TEXTS.alarms, keys: 'ga', file: 'alarms', module: () => import('./pages/alarms.js') },
  { pattern: '/alarms/:id', title: TEXTS.alarms, file: 'alarm', module: () => import('./pages/alarm.js') },
  { pattern: '/audit', title: TEXTS.audit, keys: 'gt', file: 'audit', module: () => import('./pages/audit.js') },
  { pattern: '/people', title: TEXTS.people, keys: 'gu', file: 'people', module: () => import('./pages/people.js') },
  { pattern: '/people/:id', title: TEXTS.people, file: 'person', module: () => import('./pages/person.js') },
  { pattern: '/me', title: TEXTS.account, file: 'me', module: () => import('./pages/me.js') },
  { pattern: '/told', title: TEXTS.told, file: 'told', module: () => import('./pages/told.js') },
  { pattern: '/wall', title: TEXTS.wall, keys: 'gw', file: 'wall', module: () => import('./pages/wall.js') },
]

/** Those that are reached from everywhere, by somebody of these roles. */
export const placesFor = (roles: readonly Role[]): readonly Place[] =>
  PLACES.filter(({ keys, pattern, roles: wanted }) => {
    if (keys === undefined || wanted?.some((role) => roles.includes(role)) === false) return false
    return pattern === MINE ? roles.includes('member') : looksAround(roles)
  })

const NOWHERE: Place = {
  pattern: '',
  title: TEXTS.notThere,
  file: 'not-found',
  module: () => import('./pages/not-found.js'),
}

export function placeAt(whole: string): { readonly place: Place; readonly address: Address } {
  const [path = '/', search = ''] = whole.split('?', 2)
  const query = new URLSearchParams(search)
  for (const place of PLACES) {
    const names = namesIn(place.pattern, path)
    if (names !== null) return { place, address: { whole, names, query } }
  }
  return { place: NOWHERE, address: { whole, names: {}, query } }
}

export const isPage = (path: string): boolean => placeAt(path).place !== NOWHERE

/** What is drawn at an address, but for its data. */
export async function findPage(whole: string) {
  const { place, address } = placeAt(whole)
  const { page } = await place.module()
  return { page, address, title: place.title, pattern: place.pattern }
}

export type Found = Awaited<ReturnType<typeof findPage>>
