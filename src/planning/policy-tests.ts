// Policy tests: what must stay true whatever is changed. Each states whom it means, what they need at least, under
// which failure and under which demand. A test that passed, or that the change brings, must pass; one that failed
// before is reported and blocks nobody, or a network in trouble could not be repaired.

import { type Conditions, directed } from '../model/network.js'
import type { Plan, PlanFlow, PlanInstitution } from '../model/plan.js'
import type { TestFailure, TestVerdict } from '../model/preview.js'
import type { PolicyDocument } from '../policy/document/document.js'
import { Forecast, type Outcome } from './forecast.js'

type PolicyTest = PolicyDocument['tests'][string]

/** What a solver's rounding may miss, bit/s. */
const ROUNDING = 1

export function judgeTests(before: Forecast, after: Forecast): TestVerdict {
  const failed: TestFailure[] = []
  const stillFailing: TestFailure[] = []
  let passed = 0
  for (const [id, test] of Object.entries(after.document.tests)) {
    const failure = judge(after, id, test)
    if (failure === null) {
      passed++
      continue
    }
    const same = JSON.stringify(before.document.tests[id]) === JSON.stringify(test)
    if (same && judge(before, id, test) !== null) stillFailing.push(failure)
    else failed.push(failure)
  }
  return { passed, failed, stillFailing }
}

/** What each test of a policy says of it, whatever was before. */
export function runTests(document: PolicyDocument): Pick<TestVerdict, 'passed' | 'failed'> {
  const forecast = new Forecast(document, () => 0)
  const tests = Object.entries(document.tests)
  const failed = tests.flatMap(([id, test]) => judge(forecast, id, test) ?? [])
  return { passed: tests.length - failed.length, failed }
}

/** Null: it passes. Otherwise the flow that falls shortest of it, in the failure in which it does. */
export function judge(forecast: Forecast, id: string, test: PolicyTest): TestFailure | null {
  let worst: TestFailure | null = null
  let flows = 0
  const meant = flowsMeant(forecast, test)
  for (const { name, conditions } of failuresOf(forecast.document, test)) {
    const outcome = forecast.under(test.demand, conditions)
    const lack = worst === null ? Number.NEGATIVE_INFINITY : worst.expected - worst.found
    const { count, at, expected, found } = shortfallsIn(outcome, meant, lack, forecast.document, test)
    flows += count
    if (at < 0) continue
    const { institution, service, direction } = outcome.plan.flows[at]!
    worst = {
      ...{ test: id, institution, service, direction, flows, failure: name, expected, found },
      // The link at which the flow's need ended; null: at its own bound.
      bottleneck: outcome.plan.links[outcome.stoppedBy[at]!]?.id ?? null,
      because: test.because ?? null,
    }
  }
  return worst === null ? null : { ...worst, flows }
}

function failuresOf(
  document: PolicyDocument,
  { during: { cut, derate, anyOne } }: PolicyTest,
): { name: string | null; conditions: Conditions }[] {
  const common = { ...derate, ...Object.fromEntries(cut.map((link) => [link, 0])) }
  const named = Object.keys(common).join(', ') || null
  if (anyOne.length === 0) return [{ name: named, conditions: common }]
  return Object.entries(document.links)
    .filter(([, { kind }]) => anyOne.includes(kind))
    .map(([link]) => ({
      name: named === null ? link : `${named}, ${link}`,
      conditions: { ...common, [directed(link, 'down')]: 0, [directed(link, 'up')]: 0 },
    }))
}

/** What a test is about; the same in every failure. */
interface Meant {
  /** Places of flows, a family by its first one. */
  readonly places: readonly number[]
  /** What each must have at least, bit/s; NaN until somebody asks: most have all that they ask for. */
  readonly least: Float64Array
}

function flowsMeant({ intact }: Forecast, { expect }: PolicyTest): Meant {
  const { flows, families, institutions } = intact
  const familyOf = familiesOf(intact)
  // Then no flow has to be looked at, of tens of thousands that lie about.
  const isAnyMeant = [expect.tier, expect.service, expect.direction].every((said) => said === undefined)
  const places: number[] = []
  for (const body of institutions) {
    if (!concerns(expect, body)) continue
    for (const at of body.flows) {
      const isFirst = familyOf[at]! < 0 || families[familyOf[at]!]!.flows[0] === at
      if (isFirst && (isAnyMeant || isOfKind(expect, flows[at]!))) places.push(at)
    }
  }
  return { places, least: new Float64Array(places.length).fill(Number.NaN) }
}

/** By the ids of flows, which say which are families. */
const familiesKnown = new WeakMap<Plan['flowIndex'], Int32Array>()

/** By flow; -1: it is in none. */
function familiesOf({ flows, flowIndex, families }: Plan): Int32Array {
  const known = familiesKnown.get(flowIndex)
  if (known !== undefined) return known
  const column = new Int32Array(flows.length).fill(-1)
  families.forEach((family, number) => {
    for (const at of family.flows) column[at] = number
  })
  familiesKnown.set(flowIndex, column)
  return column
}

/** How many have less than they must, and who falls shortest. */
interface Shortfalls {
  readonly count: number
  /** Place of the flow; -1: nobody lacks more than that. */
  readonly at: number
  /** Whole bit/s. */
  readonly expected: number
  readonly found: number
}

/** On a bad day there are thousands: nothing is made of each. @param lack bit/s, more than which is looked for */
function shortfallsIn(
  outcome: Outcome,
  { places, least }: Meant,
  lack: number,
  document: PolicyDocument,
  test: PolicyTest,
): Shortfalls {
  const { keeps } = test.expect
  const { demand, need, kept, lifeline } = outcome
  const { flows, families } = outcome.plan
  const familyOf = familiesOf(outcome.plan)
  const column = keeps === 'lifeline' ? lifeline : keeps === 'guarantee' ? kept : need
  let [most, count] = [lack, 0]
  let worst = { at: -1, expected: 0, found: 0 }
  for (let n = 0; n < places.length; n++) {
    const at = places[n]!
    const whole = familyOf[at]!
    if (whole < 0 && column[at]! >= demand[at]! - ROUNDING) continue
    let asked = demand[at]!
    let found = column[at]!
    const others = whole < 0 ? 0 : families[whole]!.flows.length - 1
    for (let m = 1; m <= others; m++) {
      const other = families[whole]!.flows[m]!
      asked += demand[other]!
      found += column[other]!
    }
    // Who has all they ask has what they must have.
    if (found >= asked - ROUNDING) continue
    const flow = flows[at]!
    if (Number.isNaN(least[n]!)) least[n] = leastOf(document, flow, test)
    const expected = Math.min(asked, flow.ceiling, least[n]!)
    const isShort = found < expected - ROUNDING
    if (isShort) count++
    if (!isShort || most >= expected - found) continue
    worst = { at, expected: Math.round(expected), found: Math.round(found) }
    most = worst.expected - worst.found
  }
  return { count, ...worst }
}

/** What the flow must have at least, bit/s. */
function leastOf(document: PolicyDocument, flow: PlanFlow, { expect: { keeps }, atLeast }: PolicyTest): number {
  return keeps === undefined ? atLeast! : keeps === 'lifeline' ? lifelineOf(document, flow) : flow.guarantee
}

/** Size of the flow's segment in the first band. */
function lifelineOf({ tiers, bands }: PolicyDocument, { tier, service, direction }: PlanFlow): number {
  // On a bad day it is asked of thousands.
  for (const { band, size = 0 } of tiers[tier ?? '']?.services[service]?.[direction].segments ?? [])
    if (band === bands[0]?.id) return size
  return 0
}

function concerns({ institution, category, region }: PolicyTest['expect'], body: PlanInstitution): boolean {
  return (
    (institution === undefined || institution === body.id) &&
    (category === undefined || category === body.category) &&
    (region === undefined || region === body.region)
  )
}

const isOfKind = ({ tier, service, direction }: PolicyTest['expect'], flow: PlanFlow): boolean =>
  (tier === undefined || tier === flow.tier) &&
  (service === undefined || service === flow.service) &&
  (direction === undefined || direction === flow.direction)
