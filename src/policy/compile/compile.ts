// From a policy document to the two things every later stage speaks in: the plan, which names the rows and columns, and
// the problem, which holds their numbers. plan.flows[i] is flow i of the problem and plan.links[l] its link l.
//
// Compile is pure and whole: a new revision or new conditions of the network make a new plan, never a patched one. What
// demand changes later stands in its own columns (demand, recent, and the segments of families).

import type { WholeSegments } from '../../model/families.js'
import type { Conditions, Enforcement } from '../../model/network.js'
import type { LaidBy, Plan, PlanLink } from '../../model/plan.js'
import { atOnce, type InPieces } from '../../runtime/pieces.js'
import type { Problem } from '../../solve/problem.js'
import { addressWarnings } from '../document/addressing.js'
import type { PolicyDocument } from '../document/document.js'
import { admissionWarnings, shortfallsUnder } from './admission.js'
import { listSegments, type Memory, makeProblem, type PathKeeper, wholeSegments } from './columns.js'
import { type FlowList, listFlows } from './flows.js'
import { detoursUnder, layPaths } from './paths.js'
import { stackFailures } from './safe.js'
import { subjectsOf } from './subjects.js'
import { type Routed, Topology } from './topology.js'
import type { VirtualLink } from './virtual-links.js'

export interface CompileContext {
  readonly revision: number
  /** sha256:… of the canonical document. */
  readonly hash: string
  /** Persistent numbers of the institutions, from 2. */
  readonly indexes: ReadonlyMap<string, number>
  readonly conditions?: Conditions
  /** What operators have switched at edges since; it outranks the document. */
  readonly enforcement?: ReadonlyMap<string, Enforcement>
  /** What is laid over it, as `laidOver` says. */
  readonly laid?: ReadonlyMap<string, LaidBy>
  /** Plans that are only compared name neither shortfalls nor detours. Here is the memory of their problems. */
  readonly compared?: Memory
}

export interface Compiled {
  /** `safe` is all 0: `withSafe` writes it. */
  readonly plan: Plan
  /** demand and recent are 0; families' segments stand at their starting phi. */
  readonly problem: Problem
  /** Segments before phi, for who moves phi (model/families.ts). */
  makeWhole(): WholeSegments
  /**
   * The guarantee bands with everyone asking for everything, over the links of the intact network and of every failure
   * the plane survives, stacked. It depends on the document alone, takes megabytes, and is kept by nobody.
   */
  makeSafe(): InPieces<Problem>
}

/** What makes plans of one document, for conditions of the network, in pieces. */
export type Compiler = (conditions: Conditions) => InPieces<Compiled>

/**
 * Compiles a document that `validatePolicy` has passed.
 * @throws Error when an institution has no persistent number.
 */
export function compile(document: PolicyDocument, context: CompileContext): Compiled {
  return createCompiler(document, context)(context.conditions ?? {})
}

/**
 * The same for many conditions of the network: what does not depend on them is made once, over the document's topology.
 * @throws as `compile`.
 */
export function createCompiler(...about: Parameters<typeof makeCompiler>): (conditions: Conditions) => Compiled {
  const compile = atOnce(makeCompiler(...about))
  return (conditions) => atOnce(compile(conditions))
}

const keepers = new WeakMap<Routed, PathKeeper>()
/** Those that have paths, megabytes each; the one used last comes last. */
const keeping = new Set<PathKeeper>()
/** As many as solvers that previews have ready (planning/solvers.ts), which have the same copies. */
const MOST_KEEPING = 5

/** Of policies that are compared there are many, one after the other, over each state of a network. */
function keeperOf(routed: Routed): PathKeeper {
  const keeper = keepers.get(routed) ?? { written: null }
  keepers.set(routed, keeper)
  keeping.delete(keeper)
  keeping.add(keeper)
  if (keeping.size > MOST_KEEPING) {
    const [last] = keeping
    last!.written = null
    keeping.delete(last!)
  }
  return keeper
}

/** The same, in pieces. */
export function* makeCompiler(
  document: PolicyDocument,
  context: Omit<CompileContext, 'conditions'>,
  topology = new Topology(document),
): InPieces<Compiler> {
  const list = yield* listFlows(document, context.indexes, topology, context.laid)
  yield
  const { columns, virtualLinks, envelopes } = list
  const intact = layPaths(columns, topology.intact)
  yield
  const segments = listSegments(columns, document.bands)
  yield
  const warnings = [...admissionWarnings(columns, intact), ...addressWarnings(document)]
  yield
  const lasting = makePlan(document, context, list, warnings)
  const { compared } = context
  const { segmentStart, segmentBand } = segments
  const makeWhole = () => wholeSegments(columns, segmentStart, segmentBand.length, document.bands)
  const makeSafe = () => stackFailures(document, list, topology)
  return function* (conditions) {
    const routed = topology.under(conditions)
    const paths = layPaths(columns, routed)
    const links = [...paths.table.links, ...virtualLinks.map(virtualPlanLink)]
    yield
    const problem = yield* makeProblem({
      list,
      segments,
      bands: document.bands,
      envelopes,
      rooms: links.map(({ room }) => room),
      realLinks: paths.table.links.length,
      layers: [
        { offset: 0, routes: paths.routes },
        { offset: 0, routes: columns.local },
        { offset: 0, routes: columns.virtualLinks },
      ],
      lifelineOnly: paths.unreachable,
      ...(compared && { keep: keeperOf(routed), memory: compared }),
    })
    yield
    return {
      plan: shaped({
        ...lasting,
        links,
        unreachable: paths.unreachable,
        shortfalls: compared ? [] : shortfallsUnder(list, intact, paths),
        detours: compared ? [] : detoursUnder(intact, paths),
      }),
      problem,
      makeWhole,
      makeSafe,
    }
  }
}

/** The plan with these safe rates. */
export const withSafe = (plan: Plan, safe: Plan['safe']): Plan => shaped({ ...plan, safe })

/**
 * Named one by one: what is spread has a form in memory of its own, and what was compiled for one plan, which all that
 * a tick or a preview does goes over, does not fit the next.
 */
function shaped(plan: Plan): Plan {
  const { plane, name, demo, revision, hash, timing, demand, timezone, bootRate, flows, flowIndex, families } = plan
  const { envelopes, institutions, edges, services, classes, bands, safe, warnings, links } = plan
  const { unreachable, shortfalls, detours } = plan
  const first = { plane, name, demo, revision, hash, timing, demand, timezone, bootRate, flows, flowIndex, families }
  const second = { envelopes, institutions, edges, services, classes, bands, safe, warnings, links }
  return Object.assign(first, second, { unreachable, shortfalls, detours })
}

/** Warnings of the admission check. */
export function warningsOf(document: PolicyDocument): readonly string[] {
  return compile(document, { revision: 0, hash: '', indexes: provisionalIndexes(document) }).plan.warnings
}

/** Numbers for a plane that no store has numbered: by order of id. Good for plans that are never published. */
export function provisionalIndexes(document: PolicyDocument): Map<string, number> {
  return new Map(
    Object.keys(document.institutions)
      .sort()
      .map((id, at) => [id, at + 2]),
  )
}

/** All of a plan but what depends on the conditions of the network. */
function makePlan(
  document: PolicyDocument,
  context: CompileContext,
  { columns: { planned }, flowIndex, families, envelopes }: FlowList,
  warnings: readonly string[],
): Omit<Plan, 'links' | 'unreachable' | 'shortfalls' | 'detours'> {
  const { plane } = document
  return {
    plane: plane.id,
    name: plane.name,
    demo: plane.demo,
    revision: context.revision,
    hash: context.hash,
    timing: plane.timing,
    demand: plane.demand,
    timezone: plane.timezone,
    bootRate: plane.bootRate,
    flows: planned,
    flowIndex,
    families,
    envelopes,
    ...subjectsOf(document, context, flowIndex, planned),
    services: indexed(document.services).map(({ id, index, name, prefixes }) => ({ id, index, name, prefixes })),
    classes: indexed(document.classes),
    bands: document.bands,
    safe: new Uint32Array(planned.length),
    warnings,
  }
}

function virtualPlanLink({ id, subject, kind, direction, capacity }: VirtualLink): PlanLink {
  return {
    id,
    link: subject,
    direction,
    kind,
    from: '',
    to: '',
    capacity,
    room: capacity,
    state: 'up',
    groups: [],
    virtual: true,
  }
}

/** Members with their ids, in the order of their numbers. */
function indexed<T extends { readonly index: number }>(
  collection: Readonly<Record<string, T>>,
): (T & { id: string })[] {
  return Object.entries(collection)
    .map(([id, member]) => ({ id, ...member }))
    .sort((a, b) => a.index - b.index)
}
