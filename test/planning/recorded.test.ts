// Demand out of the record: what is recorded is what is played, what is imported is planned on like what is recorded,
// and what is only a lower bound says so.

import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { replayShape, replayView } from '../../src/api/policy/replay-shape.js'
import { daysOf } from '../../src/client/history-import.js'
import { createLoadModel } from '../../src/model/load.js'
import { DAY, HOUR, SLOT } from '../../src/model/units.js'
import { Forecast } from '../../src/planning/forecast.js'
import { harmOf, lostBy, replay } from '../../src/planning/recorded/replay.js'
import { answerReplays } from '../../src/planning/recorded/replays-task.js'
import { renderText } from '../../src/planning/report.js'
import { compileUnder, simulate } from '../../src/planning/run.js'
import { loadScenario, type Scenario } from '../../src/planning/scenario.js'
import { shared } from '../../src/planning/shared-document.js'
import { demandOfDay, withRecord } from '../../src/planning/study/study.js'
import { loadSubjects } from '../../src/planning/subjects.js'
import type { PolicyDocument } from '../../src/policy/document/document.js'
import { NOTHING_IN_FORCE } from '../../src/policy/in-force/holding.js'
import { Archive } from '../../src/record/archive.js'
import { BusyHours } from '../../src/record/busy-hour.js'
import type { Sample } from '../../src/record/import-samples.js'
import { manualClock } from '../../src/runtime/clock.js'
import { eachHop } from '../../src/solve/problem.js'
import { archiveHere, daily, log, recordedWorld, slowPlane, temporaryFolder } from '../record/world.js'
import { smallPlane } from '../tick/small-plane.js'

const UPSTREAM = 200_000_000
/** Seconds. */
const TICK = 100
const text = { en: 'Recorded', sw: 'Kilichorekodiwa' }
const same = { scale: 1, byCategory: {}, byService: {}, byInstitution: {} }

t.setTimeout(120_000)

function recordedScenario(window: { from: number; to: number }, from: number, horizon: number): Scenario {
  const about = { format: 1 as const, id: 'recorded', name: text, story: text, source: '', plane: '', seed: 1 }
  const demand = { model: 'recorded' as const, ...window, ...same }
  return { ...about, from, horizon, step: SLOT, demand, changes: [], events: {} }
}

/**
 * A day of a small plane, with a link that is cut, one that is halved, and a gateway that only observes for a while.
 */
async function recordDay(after: (done: () => void) => void) {
  const folder = temporaryFolder(after)
  const document = slowPlane(TICK, UPSTREAM)
  const { loop, recorder, archive } = recordedWorld(folder, document, daily(TICK, UPSTREAM))
  const start = loop.clock.wall()
  for (let k = 0; k < DAY / 1_000 / TICK + 1; k++) {
    await loop.step()
    const minute = (k * TICK) / 60
    if (minute === 650) loop.conditions = { transit: 0.5 }
    if (minute === 750) loop.conditions = { trunk: 0 }
    if (minute === 800) loop.conditions = {}
    if (minute === 850) loop.edges.get('west')!.enforcement = 'observe'
    if (minute === 950) loop.edges.get('west')!.enforcement = 'enforce'
  }
  await recorder.flush()
  return { folder, document, archive, start }
}
const day = recordDay(t.teardown)

t.test('recorded moments, replayed under the unchanged policy, equal the record to the kbit/s', async (t) => {
  const { folder, document, start } = await day
  const window = { from: start, to: start + DAY }
  const unchanged = { document, inForce: NOTHING_IN_FORCE }
  const same = await replay(folder, window, unchanged, unchanged, 1)
  t.equal(same.equal, same.moments)
  t.ok(same.moments >= 288 && same.unsteered > 0, 'with gateways that do not steer')
  t.ok(
    same.institutions.some(({ before }) => before!.minutesShort > 30),
    'and hours of shortage',
  )
  for (const { before, after } of same.institutions) t.same(after, before)
})

t.test('a recorded day is played as it was wanted, again next week, and says what was held back', async (t) => {
  const { folder, document, archive, start } = await day
  const rows = await archive.readFlowMeans({ from: start, before: start + DAY })
  // Slots in parts count by the seconds that each saw.
  const means = new Map<string, { kbit: number; seconds: number }>()
  for (const [i, flow] of rows.flow.entries()) {
    const sum = means.get(`${flow} ${rows.slot[i]}`) ?? { kbit: 0, seconds: 0 }
    const seconds = rows.seconds[i]!
    means.set(`${flow} ${rows.slot[i]}`, { kbit: sum.kbit + rows.demand[i]! * seconds, seconds: sum.seconds + seconds })
  }
  const wanted = new Map<string, number>()
  for (const [name, { kbit, seconds }] of means) {
    const institution = name.split('/')[0]!
    wanted.set(institution, (wanted.get(institution) ?? 0) + Math.round(kbit / seconds) * (1_000 / 288))
  }
  const window = { from: start, to: start + DAY }
  const run = await simulate(recordedScenario(window, start, DAY), document, { workers: 1, record: folder })
  for (const { id, demand } of run.outcome.institutions)
    t.ok(Math.abs(demand - wanted.get(id)!) < 1, `${id} asks for what the record says that it wanted`)
  t.match(run.basis, { recorded: 288, imported: 0, repeated: 0, modelled: 0, silent: 0 })
  t.ok(run.basis.least > 0 && run.outcome.institutions.some(({ minutesLeast }) => minutesLeast! > 60))
  t.match(renderText(run), /Demand by steps: 288 recorded\. \d+ five-minute demands of a flow are lower bounds/)

  await archive.tidy(start + DAY + 2 * SLOT, { days: 400, bytes: 1e9 })
  const week = recordedScenario(window, start + 7 * DAY, DAY)
  const later = await simulate(week, document, { workers: 2, record: folder })
  const needs = ({ outcome }: typeof run) => outcome.institutions.map(({ id, need, missing }) => [id, need, missing])
  t.same(needs(later), needs(run), 'from the file of the whole day, on another day, the same')
  t.equal(later.outcome.links.length, run.outcome.links.length)
})

t.test('a proposed policy is replayed on the same moments: who loses stands first', async (t) => {
  const { folder, document, start } = await day
  const window = { from: start, to: start + DAY }
  const unchanged = { document, inForce: NOTHING_IN_FORCE }
  // What is proposed takes half of the upstream away.
  const { transit } = document.links
  const half = { ...transit!, capacity: { down: UPSTREAM / 2, up: UPSTREAM / 2 } }
  const proposed = { ...document, links: { ...document.links, transit: half } }
  const harmed = await replay(folder, window, unchanged, { document: proposed, inForce: NOTHING_IN_FORCE }, 1)
  t.ok(harmed.moments >= 288 && harmed.equal === harmed.moments, 'from the file of the whole day as well')
  t.ok(harmOf(harmed.institutions[0]!) > 0 && lostBy(harmed.institutions[0]!) > 0, 'the losers stand first')
  // As a proposal asks for it, in the thread of the API's process.
  const { plane } = smallPlane({ institutions: 6, upstream: UPSTREAM })
  const asked = { folder, window, document: shared({ ...document, plane }), inForce: NOTHING_IN_FORCE }
  const answered = await answerReplays({ ...asked, changes: [{ pointer: '/links/transit', after: half }] })
  t.same(answered, { replay: harmed })
  const shown = replayShape.parse(replayView(harmed))
  t.same([shown.moments, shown.equal], [harmed.moments, harmed.moments])
  t.ok(shown.losers > 0)
  const nowhere = [{ pointer: '/links/transit/from', after: 'nowhere' }]
  t.match(await answerReplays({ ...asked, changes: nowhere }), { refused: { code: 'POLICY_INVALID' } })
  const before = { from: start - 9 * DAY, to: start - 8 * DAY }
  t.match(await answerReplays({ ...asked, window: before, changes: [] }), { refused: { code: 'NOT_FOUND' } })
})

t.test('an imported month of 3 links and 20 sites is planned on like a recorded one', async (t) => {
  const folder = temporaryFolder(t.teardown)
  const document = importedPlane()
  const { plan, problem } = compileUnder(document, {})
  const from = Date.UTC(2026, 9, 1)
  const to = from + 30 * DAY
  // Played is its first week.
  const end = from + 7 * DAY
  // The truth is another than the model: another seed, and houses that ask for half or twice as much.
  const subjects = loadSubjects(plan)
  const truth = createLoadModel(9, subjects, [
    ...plan.institutions.map(({ id }, n) => ({ from: 0, until: to, institution: id, factor: [0.5, 1, 2][n % 3]! })),
  ])
  const load = new Float64Array(plan.flows.length)
  // The first institution has two of them.
  const sites = Object.keys(document.sites).slice(0, 20)
  const measured = new Set([...['transit', 'transit-b', 'trunk'], ...sites.map((id) => `access.${id}`)])
  const links = plan.links.flatMap(({ id, link }, l) => (measured.has(link) ? [{ id, l }] : []))
  t.equal(links.length, 46, '3 links and 20 sites, both directions')
  const samples: Sample[] = []
  const carried = new Map<string, number[]>(links.map(({ id }) => [id, []]))
  const wanted = new Float64Array(plan.flows.length)
  for (let at = from; at < to; at += SLOT) {
    truth.fill(at, load)
    const sums = new Float64Array(plan.links.length)
    for (let f = 0; f < load.length; f++) {
      if (at < end) wanted[f]! += (load[f]! * SLOT) / (end - from)
      eachHop(problem, f, (l, fraction) => {
        sums[l]! += fraction * load[f]!
      })
    }
    for (const { id, l } of links) {
      samples.push({ at, link: id, rate: sums[l]! })
      if (at < end) carried.get(id)!.push(sums[l]!)
    }
  }
  // Monitoring was out for two hours.
  const out = from + 3 * DAY + 10 * HOUR
  const kept = samples.filter(({ at }) => at < out || at >= out + 2 * HOUR)
  await new Archive(folder).adopt(daysOf(kept, document))

  const run = await simulate(recordedScenario({ from, to }, from, 7 * DAY), document, { workers: 2, record: folder })
  t.match(run.basis, { recorded: 0, imported: 7 * 288 - 24, repeated: 24, modelled: 0 })
  const found = new Map(run.outcome.links.map((link) => [link.id, link]))
  for (const id of ['transit.down', 'transit-b.down', 'trunk.down', 'trunk.up']) {
    const sorted = carried.get(id)!.sort((a, b) => a - b)
    const p95 = sorted[Math.ceil(0.95 * sorted.length) - 1]!
    t.ok(Math.abs(found.get(id)!.p95Load! / p95 - 1) < 0.02, `${id} has the p95 that was measured`)
  }
  for (const { id, flows } of plan.institutions.slice(0, 19)) {
    const true_ = flows.reduce((sum, f) => sum + wanted[f]!, 0)
    const { demand } = run.outcome.institutions.find((each) => each.id === id)!
    t.ok(Math.abs(demand / true_ - 1) < 0.02, `${id} asks for what its lines carried`)
  }

  const hours = new BusyHours({
    archive: archiveHere(folder),
    clock: { ...manualClock(), wall: () => to },
    ...{ log, timezone: () => document.plane.timezone },
  })
  await hours.look()
  const { at, slots, measured: imported } = hours.latest!
  t.equal(slots, 12, 'a preview has a busy hour')
  t.equal(imported!.size, 46)
  const forecast = new Forecast(document, () => 0)
  const held = forecast.heldTo(at, imported!)
  const access = imported!.get('access.inst-003-a.down')!
  const own = plan.flows
    .filter(({ id }) => /^inst-003\/.*\/down/.test(id))
    .reduce((sum, { id }) => sum + held.get(id)!, 0)
  t.ok(Math.abs(own / (plan.demand.margin * access) - 1) < 0.01, 'of what its links carried')

  const study = {
    ...{ document, habits: document, plan, words: [] },
    scenario: recordedScenario({ from, to }, to + 4 * DAY, DAY),
  }
  const asked = demandOfDay(await withRecord(study, folder))
  const second = asked.subarray(120 * load.length, 121 * load.length)
  truth.fill(from + 6 * DAY + 10 * HOUR, load)
  const sum = (column: Float64Array): number => column.reduce((total, each) => total + each, 0)
  t.ok(
    Math.abs(sum(second) / sum(load) - 1) < 0.1,
    'and every other plan starts from it: the same weekday, four weeks on',
  )
})

/** Two upstreams, a trunk, and 24 institutions whose promises fit. */
function importedPlane(): PolicyDocument {
  const document = smallPlane({ institutions: 24, upstream: 4_000_000_000 })
  const { internet } = document.services
  return {
    ...document,
    links: { ...document.links, 'transit-b': document.links.transit! },
    services: { ...document.services, internet: { ...internet!, via: ['transit', 'transit-b'] } },
  }
}

t.test('a window of nothing, and one that is no window, are refused', async (t) => {
  const folder = temporaryFolder(t.teardown)
  const window = { from: Date.UTC(2026, 0, 1), to: Date.UTC(2026, 0, 2) }
  const play = simulate(recordedScenario(window, window.from, DAY), slowPlane(TICK, UPSTREAM), {
    ...{ workers: 1, record: folder },
  })
  await t.rejects(play, { code: 'NOT_FOUND', message: /^Nothing is recorded in .* from 2026-01-01/ })
  const file = join(folder, 'wrong.yaml')
  writeFileSync(
    file,
    `format: 1
id: wrong
name: { en: Wrong, sw: Si sahihi }
story: { en: Wrong, sw: Si sahihi }
source: none
plane: .
seed: 1
from: 2026-01-01T00:00:00Z
horizon: 7d
step: 10min
demand: { model: recorded, from: 2026-01-01T00:00:00Z, to: 2026-01-01T12:00:00Z }
`,
  )
  t.throws(() => loadScenario(file), {
    code: 'SCENARIO_INVALID',
    faults: [
      { pointer: '/demand', line: 11, message: 'expected a day at least' },
      { pointer: '/step', line: 10, message: 'the record has steps of 5min, and no others are played from it' },
    ],
  })
})
