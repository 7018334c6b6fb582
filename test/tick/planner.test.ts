// A plan that is made in pieces, with others coming between them, is the plan that is made at once; and what a new plan
// takes over from the one before is each flow's own.

import t from 'tap'
import { DemandTable } from '../../src/demand/table.js'
import type { Conditions } from '../../src/model/network.js'
import { compile, provisionalIndexes } from '../../src/policy/compile/compile.js'
import type { PolicyDocument } from '../../src/policy/document/document.js'
import { loadPlane } from '../../src/policy/files/files.js'
import { NOTHING_IN_FORCE } from '../../src/policy/in-force/holding.js'
import { profilesOf } from '../../src/publish/profile.js'
import { Integers } from '../../src/solve/integers.js'
import type { Problem } from '../../src/solve/problem.js'
import { createSolver } from '../../src/solve/solve.js'
import { Planner } from '../../src/tick/planner.js'
import { Random } from '../faults/model/random.js'
import { TAIFA } from '../harness/root.js'
import { sealed } from '../harness/sealed.js'
import { reported } from './loop.js'

const nation = loadPlane(TAIFA).document!
const ids = Object.keys(nation.institutions)
const tiers = Object.keys(nation.tiers)

const GONE = ids.filter((_, n) => n % 50 === 7)
const without = (institutions: PolicyDocument['institutions']): PolicyDocument['institutions'] =>
  Object.fromEntries(Object.entries(institutions).filter(([id]) => !GONE.includes(id)))
const sitesWithout = (): PolicyDocument['sites'] =>
  Object.fromEntries(Object.entries(nation.sites).filter(([, { institution }]) => !GONE.includes(institution)))
const CLASSES = Object.keys(nation.classes).length

/** Some institutions get another tier, one goes, and one comes. */
function edited(document: PolicyDocument, random: Random): PolicyDocument {
  const institutions = { ...document.institutions }
  for (let n = 0; n < 3; n++) {
    const id = random.pick(ids)
    const { services } = nation.tiers[institutions[id]!.tier]!
    const other = random.pick(
      tiers.filter((tier) => Object.keys(services).every((s) => s in nation.tiers[tier]!.services)),
    )
    institutions[id] = { ...institutions[id]!, tier: other }
  }
  const [gone, like] = [random.pick(ids.slice(0, 100)), random.pick(ids.slice(100))]
  const sites = Object.entries(document.sites).filter(([, { institution }]) => institution !== gone)
  const [, site] = sites.find(([, { institution }]) => institution === like)!
  delete institutions[gone]
  institutions['a-new-one'] = institutions[like]!
  return {
    ...document,
    institutions,
    sites: { ...Object.fromEntries(sites), 'a-new-one': { ...site, institution: 'a-new-one' } },
  }
}

function solve(problem: Problem): void {
  createSolver(problem.shape).solve(problem)
  new Integers(problem.shape).round(problem)
}

t.test('in pieces and at once the same plan is made, whatever comes between', async (t) => {
  const random = new Random(7)
  let rounds = 0
  const other = new Planner(async (problem) => solve(problem))
  let beside: Promise<unknown> = Promise.resolve()
  const planner = new Planner(
    async (problem) => solve(problem),
    async () => {
      rounds++
      if (rounds === 5) beside = beside.then(() => other.planAt(situation(nation, rounds, {}), 0))
      await new Promise((resolve) => setImmediate(resolve))
    },
  )
  function situation(document: PolicyDocument, revision: number, conditions: Conditions) {
    const links = Object.entries(conditions).map(([link, factor]) => reported([link, factor]))
    const indexes = provisionalIndexes(document)
    const inForce = { ...NOTHING_IN_FORCE, links }
    return { revision: { document, revision, hash: `sha256:${revision}`, indexes }, inForce, switches: new Map() }
  }
  for (let seed = 1; seed <= 3; seed++) {
    const document = seed === 1 ? nation : edited(nation, random)
    const conditions = seed === 2 ? { 'transit-a': 0 } : {}
    rounds = 0
    const about = situation(document, seed, conditions)
    const { plan, problems, profiles } = await planner.planAt(about, 0)
    t.ok(rounds >= 25, `${rounds} times somebody else had the thread`)
    const once = compile(document, { ...about.revision, conditions })
    const whole = sealed(once)
    t.strictSame(plan, whole)
    t.same(Buffer.from(problems[0].buffer), Buffer.from(once.problem.buffer))
    t.same(Buffer.from(problems[1].buffer), Buffer.from(once.problem.buffer))
    t.same(
      [...profiles].map(([id, { hash }]) => [id, hash]),
      [...profilesOf(whole)].map(([id, { hash }]) => [id, hash]),
    )
    const other = await planner.planAt(situation({ ...document }, seed + 10, conditions), 0)
    t.ok(
      [...other.profiles].every(([id, profile]) => profiles.get(id) === profile),
      'a profile that says the same is taken again',
    )
  }
  await beside
})

t.test('what was known of a flow is known of it under a new plan, wherever it stands there', async (t) => {
  const make = (document: PolicyDocument) =>
    compile(document, { revision: 1, hash: '', indexes: provisionalIndexes(nation) })
  const [before, after] = [
    make(nation),
    make({ ...nation, institutions: without(nation.institutions), sites: sitesWithout() }),
  ]
  const [old, next] = [before, after].map(({ plan, problem }) => new DemandTable(plan, problem)) as [
    DemandTable,
    DemandTable,
  ]
  const columns = ['arrival', 'carried', 'now', 'recent'] as const
  const classes = CLASSES
  before.plan.flows.forEach((_, f) => {
    columns.forEach((column, k) => {
      old[column][f] = 10 * f + k
    })
    for (let c = 0; c < classes; c++) old.classArrival[f * classes + c] = 100 * f + c
  })
  next.inherit(old)
  const wrong = after.plan.flows.filter(({ id }, f) => {
    const j = before.plan.flowIndex.get(id)!
    const own = columns.every((column, k) => next[column][f] === 10 * j + k)
    return (
      !own ||
      Array.from({ length: classes }, (_, c) => next.classArrival[f * classes + c]).some((x, c) => x !== 100 * j + c)
    )
  })
  t.same(wrong, [])
  t.ok(after.plan.flows.length < before.plan.flows.length)
})
