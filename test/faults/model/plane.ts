// The plane of the model and the ways in which it changes: small, with two upstreams that share what flows, promises
// that are more than the upstreams carry, and institutions that move between edges.

import type { WholeSegments } from '../../../src/model/families.js'
import type { Conditions } from '../../../src/model/network.js'
import type { Plan } from '../../../src/model/plan.js'
import { compile, provisionalIndexes } from '../../../src/policy/compile/compile.js'
import type { PolicyDocument } from '../../../src/policy/document/document.js'
import type { Problem } from '../../../src/solve/problem.js'
import { smallPlane } from '../../tick/small-plane.js'
import type { Random } from './random.js'

/** Short, so that leases end often, and just long enough for reports that take up to two seconds: edge-lease.ts. */
export const LEASE = 15_000
export const EDGES = ['core', 'east', 'west'] as const
/** Where two of them lie. */
export const MORE_EDGES = ['coast', 'core', 'east', 'north', 'south', 'west'] as const
const UPSTREAM = 150_000_000
/** What the lines of an edge that lies carry, each way: much less than it says. */
export const LIARS_PORT = 30_000_000
/** What both upstreams carry, each way, bit/s. */
export const UPSTREAMS = 2 * UPSTREAM

export interface Cast {
  readonly edges?: readonly string[]
  /** An edge whose device is slow. */
  readonly paced?: string | undefined
  /** Those that lie. */
  readonly liars?: readonly string[]
}

/** The same object for all stories that begin with it. */
export function firstDocument(institutions: number, cast: Cast = {}): PolicyDocument {
  const key = JSON.stringify([institutions, cast])
  const document = FIRST.get(key) ?? madeDocument(institutions, cast)
  FIRST.set(key, document)
  return document
}
const FIRST = new Map<string, PolicyDocument>()

function madeDocument(institutions: number, { edges = EDGES, paced, liars = [] }: Cast): PolicyDocument {
  // The first by name comes last, for it has no institution of its own.
  const [first, ...others] = edges
  const document = smallPlane({ institutions, upstream: UPSTREAM, lease: LEASE, edges: [...others, first!] })
  document.links['transit-b'] = { ...document.links.transit! }
  document.services.internet!.via = ['transit', 'transit-b']
  // Every failure of a story is one that safe rates are made for.
  document.plane.survive = [{ id: 'one-upstream', cut: ['transit-b'], derate: {} }]
  if (paced) document.edges[paced]!.pace = 'paced'
  for (const liar of liars) document.edges[liar]!.port = { down: LIARS_PORT, up: LIARS_PORT }
  return document
}

/** Another policy: promises change hands, so safe rates do; or an institution gets, loses or moves a site. */
export function changed(document: PolicyDocument, random: Random): PolicyDocument {
  const next = structuredClone(document)
  const ids = Object.keys(next.institutions)
  const id = random.pick(ids)
  const second = `${id}-b`
  const edges = Object.keys(next.edges).sort()
  const [kind, where] = [random.next(), random.next()]
  if (kind < 0.5) {
    for (const other of [id, random.pick(ids)]) {
      const institution = next.institutions[other]!
      institution.tier = institution.tier === 'large' ? 'small' : 'large'
    }
  } else if (next.sites[second]) delete next.sites[second]
  else if (where < 0.5) {
    const site = next.sites[`${id}-a`]!
    const edge = random.pick(edges.filter((other) => other !== site.edge))
    next.sites[second] = { ...site, edge, prefixes: [`10.${ids.indexOf(id)}.9.0/24`] }
  } else {
    const site = next.sites[`${id}-a`]!
    site.edge = random.pick(edges.filter((other) => other !== site.edge))
  }
  return next
}

/** What one record at one edge puts on each real link, by `edge record-key`; and the room of the links, bit/s. */
export interface Geography {
  readonly plan: Plan
  readonly problem: Problem
  readonly whole: WholeSegments
  readonly room: ReadonlyMap<string, number>
}

/** Compiled once for a document: many stories begin with the same one. */
export function geography(document: PolicyDocument, conditions: Conditions): Geography {
  const known = DRAWN.get(document) ?? new Map<string, Geography>()
  DRAWN.set(document, known)
  const key = JSON.stringify(conditions)
  const drawn = known.get(key) ?? draw(document, conditions)
  // Of these there are few; a link that lost a part of its capacity has lost another each time.
  if (Object.values(conditions).every((part) => part === 0)) known.set(key, drawn)
  return drawn
}
const DRAWN = new WeakMap<PolicyDocument, Map<string, Geography>>()

function draw(document: PolicyDocument, conditions: Conditions): Geography {
  const context = { revision: 1, hash: '', indexes: provisionalIndexes(document), conditions }
  const { plan, problem, makeWhole } = compile(document, context)
  const real = plan.links.filter(({ virtual }) => !virtual)
  return { plan, problem, whole: makeWhole(), room: new Map(real.map(({ id, room }) => [id, room])) }
}
