// Which plan holds now. A plan depends on six things only: the revision in force, what holds over it at this time
// (schedules, modes, overrides), the conditions of the network, what edges say of their links (edge-words.ts), the
// enforcement that engineers have switched on at edges (with its end), and what they say of edges that nobody can ask
// (static-rates.ts) or that are to go. While none
// of them changes the plan is the same object; when one does, a new plan is compiled and its safe rates are solved,
// before anyone sees it. So every tick applies the boundaries that time has passed.

import type { WholeSegments } from '../model/families.js'
import type { Enforcement } from '../model/network.js'
import type { Plan } from '../model/plan.js'
import type { UnixMilliseconds } from '../model/units.js'
import { type Compiled, type Compiler, makeCompiler, withSafe } from '../policy/compile/compile.js'
import { Topology } from '../policy/compile/topology.js'
import type { PolicyDocument } from '../policy/document/document.js'
import { conditionsAt, type Holding, holdingsAt, type InForce, laidOver, patched } from '../policy/in-force/holding.js'
import type { Drain, Replacement } from '../policy/in-force/register.js'
import { makeProfiles, type Profiles, type SwitchEnd } from '../publish/profile.js'
import { anotherRound } from '../runtime/clock.js'
import { byPieces } from '../runtime/pieces.js'
import { copyBuffer } from '../solve/copies.js'
import { type Problem, viewProblem } from '../solve/problem.js'
import { edgeWordsAt, judge, type LoneWord } from './edge-words.js'
import { type StaticConfirmation, type StaticRate, StaticRates, staticRatesOf } from './static-rates.js'

/** A revision as the store keeps it, with the persistent numbers of its institutions. */
export interface Revision {
  readonly document: PolicyDocument
  readonly revision: number
  /** sha256:… */
  readonly hash: string
  readonly indexes: ReadonlyMap<string, number>
}

/** What an engineer switched at an edge. */
export interface Switch {
  readonly enforcement: Enforcement
  /** Null: no end. */
  readonly until: UnixMilliseconds | null
}

export interface Situation {
  readonly revision: Revision
  /** What people and monitoring have put in force beside the document. */
  readonly inForce: InForce
  readonly switches: ReadonlyMap<string, Switch>
  /** What is said to be in force at edges that a person configures; absent: nothing. */
  readonly confirmations?: readonly StaticConfirmation[]
  readonly drains?: readonly Drain[]
  /** Edges of which a person said that another agent takes the place of the one that was; absent: none. */
  readonly replacements?: readonly Replacement[]
}

/** A plan with what the stages need beside it. */
export interface PlanInForce {
  readonly plan: Plan
  readonly whole: WholeSegments
  /** Two arenas of one problem, solved in turn: the board explains from one while the next tick fills the other. */
  readonly problems: readonly [Problem, Problem]
  /** By edge. */
  readonly profiles: Profiles
  /** Flows of edges that a person configures. */
  readonly staticRates: ReadonlyMap<number, StaticRate>
  /** Edges that are to be switched off. */
  readonly drained: ReadonlySet<string>
  /** What edges say of links and others on them do not: by the plan without it. */
  readonly lone: readonly LoneWord[]
}

export class Planner {
  readonly #solve: (problem: Problem) => Promise<unknown>
  readonly #round: () => Promise<void>
  readonly #rates: StaticRates
  #key = ''
  #inForce: PlanInForce | null = null
  #compiler: { readonly key: string; readonly compile: Compiler } | null = null
  #topology: Topology | null = null
  /** Safe rates depend on the document and on what is laid over it: conditions and switches do not change them. */
  #safe: { readonly key: string; readonly kbps: Plan['safe'] } | null = null

  /** @param round lets reports be heard between two pieces of work */
  constructor(solve: (problem: Problem) => Promise<unknown>, round: () => Promise<void> = anotherRound) {
    this.#solve = solve
    this.#round = round
    this.#rates = new StaticRates(solve, round)
  }

  /** The plan for this situation at this time; the same object as before when nothing it depends on has changed. */
  async planAt(situation: Situation, now: UnixMilliseconds): Promise<PlanInForce> {
    const active = new Map([...situation.switches].filter(([, s]) => s.until === null || now < s.until))
    const { revision, inForce, confirmations = [], drains = [] } = situation
    const holdings = holdingsAt(revision.document, inForce, now)
    const conditions = conditionsAt(holdings, { links: inForce.links.filter(({ edge }) => edge === undefined) }, now)
    const words = edgeWordsAt(inForce.links, now)
    const laid = JSON.stringify([revision.revision, revision.hash, holdings])
    const said = confirmations.map(({ edge, revision, at }) => [edge, revision, at])
    const drained = new Set(drains.map(({ edge }) => edge))
    const told = [Object.entries(conditions).sort(), words]
    const key = JSON.stringify([laid, told, [...active].sort(), said, [...drained].sort()])
    if (this.#inForce && key === this.#key) return this.#inForce
    // Some milliseconds in all: what edges say meanwhile is heard between the pieces.
    const compile = await this.#compilerOf(revision, holdings, active, laid)
    await this.#round()
    const without = await byPieces(compile(conditions), this.#round)
    await this.#round()
    const { shared, lone } = judge(words, without.plan, without.problem)
    const least = Object.entries(shared).map(([link, factor]) => [link, Math.min(factor, conditions[link] ?? 1)])
    await this.#round()
    const others = { ...conditions, ...Object.fromEntries(least) }
    const compiled = least.length === 0 ? without : await byPieces(compile(others), this.#round)
    await this.#round()
    const ends = endsOf(active, revision)
    // The solver's thread answers while the profiles are made.
    const [safe, profiles] = await Promise.all([
      this.#safeRates(compiled, laid),
      byPieces(makeProfiles(compiled.plan, ends, this.#inForce?.profiles), this.#round),
    ])
    const plan = withSafe(compiled.plan, safe)
    const problems = [compiled.problem, twin(compiled.problem)] as const
    const staticRates = plan.edges.some(({ pace }) => pace === 'static')
      ? staticRatesOf(plan, await this.#rates.of(revision), confirmations)
      : new Map<number, StaticRate>()
    await this.#round()
    this.#inForce = { plan, whole: compiled.makeWhole(), problems, profiles, staticRates, drained, lone }
    this.#key = key
    return this.#inForce
  }

  /** What of a plan depends on neither conditions nor time is made once, over a topology that policies share. */
  async #compilerOf(
    revision: Revision,
    holdings: readonly Holding[],
    active: Situation['switches'],
    layers: string,
  ): Promise<Compiler> {
    const key = JSON.stringify([layers, [...active].sort()])
    if (this.#compiler?.key === key) return this.#compiler.compile
    const document = patched(revision.document, holdings)
    const enforcement = new Map([...active].map(([edge, s]) => [edge, s.enforcement]))
    this.#topology = Topology.of(document, this.#topology)
    const laid = laidOver(revision.document, holdings)
    await this.#round()
    const made = makeCompiler(document, { ...revision, enforcement, laid }, this.#topology)
    const compile = await byPieces(made, this.#round)
    this.#compiler = { key, compile }
    return compile
  }

  /** kbit/s by flow. */
  async #safeRates(compiled: Compiled, key: string): Promise<Plan['safe']> {
    if (this.#safe?.key === key) return this.#safe.kbps
    const safe = await byPieces(compiled.makeSafe(), this.#round)
    await this.#solve(safe)
    this.#safe = { key, kbps: Uint32Array.from(safe.kbps) }
    return this.#safe.kbps
  }
}

/** Switched enforcements that end by themselves. */
function endsOf(switches: Situation['switches'], { document }: Revision): Map<string, SwitchEnd> {
  return new Map(
    [...switches].flatMap(([edge, { until }]) => {
      const after = document.edges[edge]?.enforcement
      return until === null || after === undefined ? [] : [[edge, { until, after }] as const]
    }),
  )
}

function twin(problem: Problem): Problem {
  const buffer = new SharedArrayBuffer(problem.buffer.byteLength)
  return viewProblem(problem.shape, copyBuffer(problem.buffer, buffer))
}
