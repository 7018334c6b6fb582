// What people are told is what is so: on the nation, in moments of cuts, derates, overrides and loads, the links that
// a sentence names are those that limit by definition, worked out from the amounts alone; in both languages. Sixty
// moments; as many as one likes with MIZANI_MOMENTS.

import t from 'tap'
import { drawDemand } from '../../bench/generate.js'
import { seeded } from '../../bench/harness.js'
import { type Subject, sentenceOf } from '../../src/api/institutions/sentences.js'
import type { Board } from '../../src/model/board.js'
import type { Plan } from '../../src/model/plan.js'
import { createCompiler, provisionalIndexes } from '../../src/policy/compile/compile.js'
import type { PolicyDocument } from '../../src/policy/document/document.js'
import { loadPlane } from '../../src/policy/files/files.js'
import { NOTHING_IN_FORCE, policyAt } from '../../src/policy/in-force/holding.js'
import { shippedFile } from '../../src/runtime/config.js'
import { Causes } from '../../src/solve/causes.js'
import { Certifier } from '../../src/solve/certificate.js'
import { BAND_KIND, type Problem } from '../../src/solve/problem.js'
import { createSolver } from '../../src/solve/solve.js'
import { type Asked, nameLimit } from '../../src/tick/board.js'
import { explainFlow } from '../../src/tick/explain.js'
import { shortagesOf } from '../solve/by-definition.js'

const SEED = Number(process.env.MIZANI_SEED ?? 20_261_127)
/** Policies under other overrides, and moments under each. */
const POLICIES = 10
const MOMENTS = Number(process.env.MIZANI_MOMENTS ?? 60) / POLICIES
/** Sentences that are parsed back, of each moment. */
const SPOKEN = 12

const random = seeded(SEED)
const pick = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)]!
const chance = (part: number): boolean => random() < part

/** The shipped policy with a few institutions under overrides of tier or ceiling. */
function overridden(document: PolicyDocument): PolicyDocument {
  const [at, hour] = [1_764_230_400_000, 3_600_000]
  const overrides = Array.from({ length: Math.floor(4 * random()) }, (_, n) => ({
    ...{ id: `ov-${n}`, from: at - hour, until: at + hour, reason: 'a test', reference: null },
    ...{ owner: 'asha', author: 'asha', at: at - hour },
    patch: chance(0.5)
      ? { on: { institution: pick(Object.keys(document.institutions)) }, tier: pick(Object.keys(document.tiers)) }
      : { on: { category: pick(Object.keys(document.categories)) }, ceilings: { internet: { down: 3e6, up: 1e6 } } },
  }))
  return policyAt(document, { ...NOTHING_IN_FORCE, overrides }, at).document
}

/** Demands as an estimator has them: no whole numbers, and many a hair away from what is promised. */
function measure(p: Problem): void {
  for (let i = 0; i < p.shape.flows; i++) {
    let promised = 0
    for (let s = p.segmentStart[i]!; s < p.segmentStart[i + 1]!; s++) {
      if (p.bandKind[p.segmentBand[s]!] === BAND_KIND.guarantee) promised += p.segmentSize[s]!
    }
    p.demand[i] = pick([promised, 1.15 * promised, (1.5 * promised) / 1.15, 1.15 * p.demand[i]!, 294_400])
    p.recent[i] = p.demand[i]! * pick([1, 0.9 + 0.2 * random()])
    if (chance(0.1)) p.ceiling[i] = p.demand[i]! * (1 + 1e-10)
  }
}

/** Links that are cut or carry less. */
function conditions(document: PolicyDocument): Record<string, number> {
  const ids = Object.keys(document.links)
  const some = Array.from({ length: Math.floor(4 * random()) }, () => [pick(ids), chance(0.3) ? 0 : random()] as const)
  return Object.fromEntries(some)
}

function boardOf(plan: Plan, problem: Problem): Omit<Board, Asked> {
  const none = new Float64Array(problem.shape.flows).fill(Number.NaN)
  const links = new Float64Array(problem.shape.links)
  return {
    ...{ plan, leader: 'test', leads: true, serial: { epoch: 1, seq: 1 }, at: 0, learning: false, excess: 0 },
    flows: {
      ...{ atLeast: problem.demand, estimatedSince: none, waits: new Uint8Array(problem.shape.flows) },
      ...{ demand: problem.demand, need: problem.need, rate: problem.rate },
      ...{ applied: none, arrived: none, carried: none },
      limitedBy: plan.flows.map((_, f) => nameLimit(plan, problem, f)),
    },
    links: {
      ...{ needLoad: links, load: links, arrived: links, carried: links, unheard: links, unmet: links, level: links },
    },
    edges: [],
    satisfied: { all: 0, short: 0, belowGuarantee: 0, maybeBelow: 0 },
    tick: { lastMs: 0, solveMs: 0, kept: 0, moved: 0 },
    certificate: { ok: true, checkedSeq: 0 },
    inForce: () => null,
  }
}

/** The links a sentence says are full, in its order. */
const EN = /The links? (.+?) (?:is full|filled together)/
const SW = /(?:Kiungo|Viungo) (.+?) (?:kimejaa|vimejaa)/
const linksIn = (sentence: string, form: RegExp): string[] => form.exec(sentence)?.[1]?.split(/, | and | na /) ?? []

t.test(`the sentence names what limits, MIZANI_SEED=${SEED}`, async (t) => {
  const { document: shipped } = loadPlane(shippedFile('config/taifa'))
  const told = { moments: 0, short: 0, together: 0, own: 0, spoken: 0 }
  const wrong: string[] = []
  for (let policy = 0; policy < POLICIES; policy++) {
    const document = overridden(shipped!)
    const context = { revision: policy + 1, hash: '', indexes: provisionalIndexes(document) }
    const compile = createCompiler(document, context)
    for (let n = 0; n < MOMENTS; n++) {
      const { plan, problem } = compile(conditions(document))
      drawDemand(problem, random, 0.4 + 1.2 * random())
      if (n % 2 === 0) measure(problem)
      createSolver(problem.shape).solve(problem)
      wrong.push(...new Certifier(problem.shape).certify(problem).violations.map((found) => JSON.stringify(found)))
      told.moments++
      compare(plan, problem)
    }
  }
  t.same(wrong.slice(0, 5), [], 'every sentence says what is so')
  t.equal(told.moments, POLICIES * MOMENTS)
  const { moments, short, together, own, spoken } = told
  t.ok(
    short > 20 * moments && together > 2 * moments && own > moments / 5 && spoken > 4 * moments,
    JSON.stringify(told),
  )

  function compare(plan: Plan, problem: Problem): void {
    const causes = new Causes(problem)
    const board = boardOf(plan, problem)
    const should = shortagesOf(problem)
    const spoken: number[] = []
    for (const [f, { kind }] of plan.flows.entries()) {
      const shortage = should[f]!
      const ours = causes.of(f)
      const theirs = [...(shortage?.links ?? [])]
      if (problem.shortIn[f] !== (shortage?.band ?? -1) || ours.length !== theirs.length) {
        wrong.push(
          `${plan.flows[f]!.id}: ${ours} in ${problem.shortIn[f]}, by definition ${theirs} in ${shortage?.band}`,
        )
      } else if (!ours.every((l) => theirs.includes(l))) wrong.push(`${plan.flows[f]!.id}: ${ours}, not ${theirs}`)
      if (shortage === null) continue
      told.short++
      if (ours.length > 1) told.together++
      if (kind === 'institution' && board.flows.limitedBy[f]!.code === 'LINK') spoken.push(f)
      if (plan.links[ours[0]!]!.kind === 'access') told.own++
    }
    for (let n = 0; n < SPOKEN && spoken.length > 0; n++) speak(plan, problem, board, pick(spoken), should)
  }

  function speak(
    plan: Plan,
    problem: Problem,
    board: Omit<Board, Asked>,
    f: number,
    should: ReturnType<typeof shortagesOf>,
  ): void {
    const { institution, service, edge } = plan.flows[f]!
    const body = plan.institutions.find(({ id }) => id === institution)!
    const { name } = plan.services.find(({ id }) => id === service)!
    const subject: Subject = { institution: body.name, nounClass: body.nounClass, service: name, edge }
    const sentence = sentenceOf(explainFlow(plan, problem, board, f), subject)
    const links = [...should[f]!.links].filter((l) => !plan.links[l]!.virtual).map((l) => plan.links[l]!.id)
    told.spoken++
    for (const said of [linksIn(sentence.en, EN), linksIn(sentence.sw, SW)]) {
      const isRight = said.length === links.length && said.every((link) => links.includes(link))
      if (!isRight) wrong.push(`${plan.flows[f]!.id}: "${sentence.en}" "${sentence.sw}" of ${links}`)
    }
  }
})
