// Questions of planners in processes of their own: each kind says what its command says, the same question is asked
// once, and whatever ends a process (a limit, somebody, the end of ours) leaves a whole answer or none.

import { execFileSync, spawn } from 'node:child_process'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { getPriority, tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import t, { type Test } from 'tap'
import { SHIPPED_SCENARIOS, type Simulation, type SimulationAsked } from '../../../src/model/simulation.js'
import { BOUNDS } from '../../../src/planning/simulations/process.js'
import { type SimulationBase, Simulations } from '../../../src/planning/simulations/simulations.js'
import { runPlanBuy } from '../../../src/planning/study/buy-command.js'
import { runPlanFailures } from '../../../src/planning/study/failures-command.js'
import { runPlanFutures } from '../../../src/planning/study/futures-command.js'
import type { PlanArgs } from '../../../src/planning/study/plan-command.js'
import type { PlanTable } from '../../../src/planning/study/plan-report.js'
import { runPlanRunout } from '../../../src/planning/study/runout-command.js'
import { hashOf } from '../../../src/policy/document/canonical.js'
import type { PolicyDocument } from '../../../src/policy/document/document.js'
import { loadPlane } from '../../../src/policy/files/files.js'
import { planeFiles } from '../../../src/policy/files/plane-text.js'
import { systemClock } from '../../../src/runtime/clock.js'
import { createLogger } from '../../../src/runtime/log.js'
import { isAlive } from '../../../src/runtime/process-start.mjs'
import { Child } from '../../harness/program.js'
import { compiled, ROOT, TAIFA } from '../../harness/root.js'
import { until } from '../../harness/until.js'
import { ringPlane } from '../study/ring-plane.js'

t.setTimeout(600_000)

const OFFERS = 'offer,link,capacity,once,monthly,lead_days\nmore,sea-a,2Gbps,1000,100,30\n'
const DAY = '2026-12-01'

const ring = ringPlane(3)
const baseOf = (document: PolicyDocument, revision = 1): SimulationBase => ({
  ...{ revision, hash: hashOf(document), document, changes: null },
})
/** Of which a question takes longer than anybody here waits. */
const nation = baseOf(loadPlane(TAIFA).document!)

function folderOf(t: Test): string {
  const folder = mkdtempSync(join(tmpdir(), 'mizani-simulations-'))
  t.teardown(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

/** Beside other tests, which do not wait. */
const BESIDE = { ...BOUNDS, isLast: false }

function open(t: Test, folder: string, bounds = BESIDE): Simulations {
  const log = createLogger('test', 'silent')
  const simulations = new Simulations({ folder, record: folder, workers: 1, clock: systemClock, log, bounds })
  t.teardown(() => simulations.close())
  return simulations
}

async function textOf(simulations: Simulations, id: string, file: string): Promise<string> {
  let text = ''
  for await (const piece of await simulations.open(id, file)) text += piece
  return text
}

const ended = (simulations: Simulations, { id }: Simulation): Promise<Simulation> =>
  until(() => {
    const found = simulations.find(id)
    return found.state !== 'queued' && found.state !== 'running' && found
  }, `the end of ${id}`)

/** What the command writes of the same plane. */
async function written(t: Test, run: (args: PlanArgs, io: never) => Promise<void>, more: object): Promise<string> {
  const folder = folderOf(t)
  const plane = join(folder, ring.plane.id)
  for (const [name, text] of Object.entries(planeFiles(ring))) {
    mkdirSync(dirname(join(plane, name)), { recursive: true })
    writeFileSync(join(plane, name), text)
  }
  const sink = { write: () => true }
  const io = { stdout: sink, stderr: sink, env: {}, isTTY: false }
  await run({ plane, day: DAY, workers: 1, out: join(folder, 'out'), ...more }, io as never)
  return readFileSync(join(folder, 'out', 'report.json'), 'utf8')
}

t.test('each kind answers with the bytes that its command writes', async (t) => {
  const simulations = open(t, folderOf(t))
  const offers = join(folderOf(t), 'offers.csv')
  const link = Object.entries(ring.links).find(([, { kind }]) => kind === 'backbone')![0]
  const sheet = OFFERS.replace('sea-a', link)
  writeFileSync(offers, sheet)
  const cases: readonly [SimulationAsked, () => Promise<string>][] = [
    [{ kind: 'failures', busiest: 2 }, () => written(t, runPlanFailures, { busiest: 2 })],
    [
      { kind: 'runout', growth: '0.25', anyOne: 'backbone', years: 2 },
      () => written(t, runPlanRunout as never, { growth: '0.25', anyOne: 'backbone', years: 2 }),
    ],
    [
      { kind: 'buy', keep: 'everyone', offers: sheet, anyOne: 'backbone', years: 1 },
      () => written(t, runPlanBuy as never, { keep: 'everyone', offers, anyOne: 'backbone', years: 1 }),
    ],
    [
      { kind: 'futures', growth: '0.1', draws: 20 },
      () => written(t, runPlanFutures as never, { growth: '0.1', draws: 20 }),
    ],
  ]
  for (const [asked, command] of cases) {
    const { id } = await simulations.order({ ...asked, day: DAY }, baseOf(ring), 'asha')
    const done = await ended(simulations, simulations.find(id))
    t.equal(done.state, 'done', `${id}: ${done.refusal?.message}`)
    t.equal(done.progress, 1)
    t.equal(await textOf(simulations, id, 'report.json'), await command(), asked.kind)
    const { tables } = JSON.parse(await simulations.findings(id)) as { tables: { id: string }[] }
    for (const { id: table } of tables) {
      const { columns, rows } = JSON.parse(await simulations.table(id, table, 10)) as Record<string, []>
      t.ok(columns!.length > 0 && Array.isArray(rows), `${asked.kind}: ${table}`)
    }
    t.match(await textOf(simulations, id, 'report.sw.html'), /<html lang="sw">/)
  }
})

t.test('the scenarios that can be asked for by name are those that ship', async (t) => {
  const shipped = readdirSync(join(ROOT, 'config/scenarios')).filter((name) => name.endsWith('.yaml'))
  t.same(
    SHIPPED_SCENARIOS.map((name) => `${name}.yaml`),
    shipped.sort(),
  )
})

/** Each column of each table has a head of its own in both languages; names and times are read as such. */
async function hasWords(t: Test, simulations: Simulations, id: string): Promise<void> {
  const { tables } = JSON.parse(await simulations.findings(id)) as { tables: { id: string }[] }
  for (const { id: name } of tables) {
    const table = JSON.parse(await simulations.table(id, name, 3)) as PlanTable
    t.not(table.title.en, name)
    for (const { id: column, head } of table.columns) {
      t.notMatch(`${head.en} ${head.sw}`, '_', `${name}: ${column}`)
      t.match(head.en, /^[A-Z\d]/)
      t.match(await textOf(simulations, id, `${name}.csv`), column, 'the file has the same column')
    }
    const at = (column: string) => table.columns.findIndex((one) => one.id === column)
    if (name === 'tiers') t.match(table.rows[0]![at('tier')], { id: String, en: String, sw: String })
    if (name === 'links') t.type(table.rows[0]![at('worst_hour')], 'number')
  }
}

/** What differs is called by its name, with its unit, and by the clocks of the plane; the files have ids. */
async function comparesInWords(t: Test, simulations: Simulations, id: string): Promise<void> {
  const { rows } = JSON.parse(await simulations.table(id, 'differences', 10_000)) as Pick<PlanTable, 'rows'>
  const differing = rows as unknown as readonly (readonly { readonly id?: string }[])[]
  const of = (table: string, value: string) => differing.find(([one, , of]) => one?.id === table && of?.id === value)
  t.match(of('links', 'p95_utilisation'), [{ en: 'By link' }, String, { en: /, part of 1$/, sw: /, sehemu ya 1$/ }])
  t.match(of('bands', 'missing_mbit') ?? of('bands', 'promised_mbit'), [
    { en: 'By band', sw: 'Kwa hatua ya mgao' },
    { id: /^2026-12-01T0[03]:00:00Z /, en: /^2026-12-01 0[36]:00.*, / },
    { sw: /, Mbit$/ },
  ])
  t.match(await textOf(simulations, id, 'differences.csv'), /\r\nbands,2026-12-01T0[03]:00:00Z \w+,/)
  t.ok(differing.every(([table, , value]) => table?.id && value?.id))
}

t.test('a scenario is played, two answers are compared', async (t) => {
  const simulations = open(t, folderOf(t))
  const scenario = {
    ...{ format: 1, id: 'calm', name: { en: 'Calm', sw: 'Utulivu' }, story: { en: 'Nothing.', sw: 'Hakuna.' } },
    ...{ source: 'a test', seed: 4, from: '2026-12-01T00:00:00Z', horizon: '6h' },
    events: { lull: { name: { en: 'A lull', sw: 'Shwari' }, from: '2026-12-01T03:00:00Z', demand: { scale: 0.5 } } },
  }
  const ask = async (asked: SimulationAsked) => ended(simulations, await simulations.order(asked, baseOf(ring), 'asha'))
  const one = await ask({ kind: 'simulate', scenario })
  const two = await ask({ kind: 'simulate', scenario, seed: 5 })
  t.same([one.state, two.state], ['done', 'done'], `${one.refusal?.message}`)
  t.match(await textOf(simulations, one.id, 'summary.txt'), /^Calm/)
  await hasWords(t, simulations, one.id)
  t.match(await simulations.table(one.id, 'bands', 100), '{"id":"lull","en":"A lull","sw":"Shwari"}', 'an event')
  const both = await ask({ kind: 'compare', a: one.id, b: two.id })
  t.equal(both.state, 'done', `${both.refusal?.message}`)
  const report = JSON.parse(await textOf(simulations, both.id, 'report.json')) as { report: string }
  t.equal(report.report, 'comparison')
  await comparesInWords(t, simulations, both.id)
  await t.rejects(ask({ kind: 'compare', a: one.id, b: one.id }), { code: 'BAD_REQUEST' })
  await t.rejects(ask({ kind: 'simulate', scenario: { ...scenario, horizon: 6 } }), {
    ...{ code: 'BAD_REQUEST', faults: [{ pointer: '/horizon' }] },
  })
  const wrong = await ask({
    kind: 'simulate',
    scenario: { ...scenario, changes: [{ at: '/links/x', remove: true, why: '' }] },
  })
  t.match(wrong, { state: 'failed', refusal: { code: 'SCENARIO_INVALID', faults: [{ code: 'UNKNOWN_NAME' }] } })
})

t.test('of a proposal: habits stay, and another revision is another question', async (t) => {
  const simulations = open(t, folderOf(t))
  const [link] = Object.keys(ring.links)
  const changes = [{ pointer: `/links/${link}/capacity`, after: { down: 1_000_000, up: 1_000_000 } }]
  const asked: SimulationAsked = { kind: 'failures', busiest: 1, day: DAY }
  const plain = await simulations.order(asked, baseOf(ring), 'asha')
  const other = await simulations.order(asked, { ...baseOf(ring), changes }, 'asha')
  t.not(plain.id, other.id)
  t.not((await simulations.order(asked, baseOf(ring, 2), 'asha')).id, plain.id)
  t.equal((await simulations.order(asked, baseOf(ring), 'juma')).id, plain.id, 'whoever asks')
  t.equal((await ended(simulations, other)).state, 'done')
  t.match(await textOf(simulations, other.id, 'report.en.html'), /<h1>/)
  const wrong = await simulations.order(
    { ...asked, proposal: 'p-2' },
    { ...baseOf(ring), changes: [{ pointer: '/links', after: {} }] },
    'juma',
  )
  t.match(await ended(simulations, wrong), { state: 'failed', refusal: { code: 'POLICY_INVALID' } })
})

t.test('one at a time of each, two that wait, and no more', async (t) => {
  const simulations = open(t, folderOf(t))
  const ask = (busiest: number, who = 'asha') =>
    simulations.order({ kind: 'failures', pairs: true, busiest, day: DAY }, nation, who)
  const orders = [await ask(200), await ask(201), await ask(202)]
  await t.rejects(ask(203), { code: 'RATE_LIMITED' })
  t.equal((await ask(201)).id, orders[1]!.id, 'the same question is no other')
  await ask(100, 'juma')
  t.same(
    simulations
      .list()
      .filter(({ state }) => state === 'running')
      .map(({ author }) => author)
      .sort(),
    ['asha', 'juma'],
  )
  t.equal((await simulations.cancel(orders[1]!.id)).state, 'cancelled', 'what waits')
  t.equal((await simulations.cancel(orders[0]!.id)).state, 'cancelled', 'what runs')
  await until(() => simulations.find(orders[2]!.id).state === 'running', 'the next one')
  await until(() => simulations.find(orders[2]!.id).progress > 0, 'progress')
  t.type(simulations.find(orders[2]!.id).left, 'number')
  const again = await ask(200)
  t.equal(again.id, orders[0]!.id)
  t.equal(again.state, 'queued', 'what was cancelled can be asked again')
})

t.test('time and memory are bounded, and a process that is killed is told of', async (t) => {
  const folder = folderOf(t)
  const long: SimulationAsked = { kind: 'failures', pairs: true, busiest: 288, day: DAY }
  for (const [bounds, said, inSwahili] of [
    [{ ...BESIDE, time: 300 }, /longer than 0.3 s/, /sekunde 0\.3/],
    [{ ...BESIDE, memory: 60 * 1024 ** 2 }, /more than 60 MiB/, /MiB 60/],
  ] as const) {
    const simulations = open(t, folderOf(t), bounds)
    const { state, refusal } = await ended(simulations, await simulations.order(long, nation, 'asha'))
    t.equal(state, 'failed')
    t.match(refusal?.message, said)
    t.match(refusal?.words, { en: refusal?.message, sw: inSwahili })
  }
  const simulations = open(t, folder, BOUNDS)
  const one = await simulations.order(long, nation, 'asha')
  const pid = await until(() => childOf(folder), 'the process')
  await until(() => getPriority(pid) === 19, 'it lets all others go first')
  process.kill(pid, 'SIGKILL')
  t.match(await ended(simulations, one), { state: 'failed', refusal: { code: 'INTERNAL' } })
  await until(() => readdirSync(folder).join() === `${one.id}.json`, 'nothing to be left of it')
})

t.test('answers are there after a restart, and what was under way is said to be over', async (t) => {
  const folder = folderOf(t)
  const first = open(t, folder)
  const small: SimulationAsked = { kind: 'failures', busiest: 1, day: DAY }
  const done = await ended(first, await first.order(small, baseOf(ring), 'asha'))
  await until(() => readFileSync(join(folder, `${done.id}.json`), 'utf8').includes('"done"'), 'its record')
  const long: SimulationAsked = { kind: 'failures', pairs: true, busiest: 288, day: DAY }
  const under = await first.order(long, nation, 'asha')
  const pid = await until(() => childOf(folder), 'the process')
  await first.close()
  await until(() => !isAlive(pid), 'the end of its process')
  writeFileSync(join(folder, 'failures-0123456789abcdef.json'), '{ torn')
  mkdirSync(join(folder, 'runout-0123456789abcdef'))
  const second = open(t, folder)
  t.same(second.find(done.id), done)
  t.match(await textOf(second, done.id, 'report.json'), /"report": "failures"/)
  t.match(second.find(under.id), { state: 'failed', refusal: { code: 'STOPPING', words: { sw: /uliza tena/ } } })
  t.equal((await second.order(small, baseOf(ring), 'juma')).author, 'asha', 'the answer is the one that was there')
  t.same(readdirSync(folder).sort(), [`${done.id}`, `${done.id}.json`, `${under.id}.json`].sort())
  await second.cancel(done.id)
  t.throws(() => second.find(done.id), { code: 'NOT_FOUND' })
  await t.rejects(textOf(second, under.id, 'report.json'), { code: 'NOT_FOUND' })
})

t.test('kill -9 of ours is the end of theirs', async (t) => {
  const folder = folderOf(t)
  const owner = new Child(spawn(process.execPath, [compiled('test/planning/simulations/owner.ts'), folder]), t)
  const pid = await until(() => childOf(folder), 'the process')
  owner.kill('SIGKILL')
  await until(() => !isAlive(pid), 'its end')
})

/** Of the process that answers in this folder. */
function childOf(folder: string): number | null {
  const all = execFileSync('ps', ['-eo', 'pid,args']).toString().split('\n')
  const pids = all
    .filter((line) => /simulations\/child\.js/.test(line) && !/ sh -c/.test(line))
    .map((l) => parseInt(l, 10))
  return pids.find((pid) => workOf(pid)?.startsWith(folder)) ?? null
}

function workOf(pid: number): string | null {
  try {
    return execFileSync('readlink', [`/proc/${pid}/cwd`])
      .toString()
      .trim()
  } catch {
    return null // gone meanwhile
  }
}
