// What crosses between the thread of the tick and the main thread: the same is read there as was meant here, whatever
// the tick does meanwhile, and what both have in common is not sent twice. And a thread that ends says why.

import { serialize } from 'node:v8'
import t from 'tap'
import type { Plan } from '../../src/model/plan.js'
import { compileUnder } from '../../src/planning/run.js'
import { planNews, planOf } from '../../src/process/plan-news.js'
import { type Picture, pictureOf, revisionNews, revisionOf, shownOf, shownPlan } from '../../src/process/tick-words.js'
import { atOnce } from '../../src/runtime/pieces.js'
import { startThread } from '../../src/runtime/thread.js'
import type { Problem } from '../../src/solve/problem.js'
import type { Revision } from '../../src/tick/planner.js'
import { boardOf, type Shown } from '../../src/tick/shown.js'
import { until } from '../harness/until.js'
import { Loop } from '../tick/loop.js'
import { smallPlane } from '../tick/small-plane.js'

const UPSTREAM = 100e6

/** What is seen of a board: its columns, and every flow explained. */
function seenOf(shown: Shown) {
  const { plan, explain, crossing, standing, whatIf: _, inForce, ...board } = boardOf(shown)
  // Of memory that threads share a clone is no copy.
  const columns = Object.entries(shown.problem).filter(([, column]) => ArrayBuffer.isView(column))
  const problem = Object.fromEntries(columns.map(([name, column]) => [name, Array.from(column as Float64Array)]))
  const explained = plan.flows.map((_, f) => explain(f))
  const crossed = plan.links.map((_, l) => crossing(l))
  const stands = plan.flows.map((_, f) => standing(f))
  return structuredClone({ ...board, plan, problem, inForce: inForce(), explained, crossed, stands })
}

/** A picture with its plan, as it crosses. */
const whole = (shown: Shown<Problem>, before: Shown | null, spare: ArrayBuffer | null = null): Picture => ({
  ...pictureOf(shown, 1, before, spare),
  plan: atOnce(shownPlan(shown, before)),
})

t.test('a picture is what the tick showed, and stays so while later ticks fill the same memory', async (t) => {
  const all: Shown<Problem>[] = []
  const loop = new Loop({
    document: smallPlane({ upstream: UPSTREAM }),
    offer: (flow, tick) => (flow.includes('/internet/down') ? (tick % 7) * 4e6 : 1e5),
    onShown: (shown) => all.push(shown),
  })
  loop.switches.set('west', { enforcement: 'observe', until: null })
  let told: Shown | null = null
  let taken: Shown | null = null
  const seen: { meant: unknown; taken: Shown }[] = []
  const sizes: number[] = []
  for (let k = 0; k < 12; k++) {
    if (k === 6) loop.conditions = { transit: 0.5 }
    const from = all.length
    await loop.step()
    loop.edges.get('east')!.reads = k < 9 ? 4 : 1
    for (const shown of all.slice(from)) {
      const picture = whole(shown, told)
      sizes.push(serialize(picture).length)
      const crossed = structuredClone(picture, { transfer: picture.problem === null ? [] : [picture.problem] })
      const meant = seenOf(shown)
      taken = shownOf(crossed, shown.situation, taken)
      t.equal(taken.plan === seen.at(-1)?.taken.plan, shown.plan === told?.plan, 'the same plan is the same object')
      seen.push({ meant, taken })
      told = shown
    }
  }
  t.ok(seen.length >= 12)
  for (const { meant, taken } of seen) t.strictSame(seenOf(taken), meant, `tick ${taken.number}`)
  const codes = new Set(seen.flatMap(({ taken }) => taken.columns.reason))
  t.ok(codes.has('OBSERVE') && codes.has(null), [...codes].join())
  t.ok(sizes[1]! < sizes[0]!, 'a plan goes once')
  const [intact, derated] = [...new Set(seen.map(({ taken }) => taken.plan))]
  t.not(derated!.links, intact!.links, 'the next one has other links')
  t.equal(derated!.flows, intact!.flows, 'and the very flows of the one before')
  t.equal(derated!.flowIndex, intact!.flowIndex)
  const east = seen.map(({ taken }) => taken.told.get('east'))
  t.ok(
    east.some((reasons) => reasons?.some(({ code }) => code === 'LINK')),
    'what edges were told crosses too',
  )
  t.ok(new Set(east).size < east.length / 2, 'and once')
})

t.test('of a plan crosses what is new, and what is not is the very same there', (t) => {
  const plans = [6, 6, 7].map((institutions, k) => {
    const document = smallPlane({ institutions })
    const [id, first] = Object.entries(document.institutions)[0]!
    const labelled = {
      ...document,
      institutions: { ...document.institutions, [id]: { ...first, labels: { k: `${k}` } } },
    }
    return compileUnder(labelled, {}).plan
  })
  let [before, taken]: (Plan | null)[] = [null, null]
  for (const plan of plans) {
    const news = atOnce(planNews(plan, before!))
    const next: Plan = planOf(structuredClone(news), taken!)
    t.strictSame(next, plan)
    if (before?.flows.length === plan.flows.length) {
      t.match(news, { institutions: { at: Uint32Array.of(0) } })
      t.equal(next.institutions[1], taken!.institutions[1])
      t.not(next.institutions[0], taken!.institutions[0])
      t.equal(next.flowIndex, taken!.flowIndex)
    }
    ;[before, taken] = [plan, next]
  }
  t.same(atOnce(planNews(plans[0]!, structuredClone(plans[0]!))), {}, 'of the same nothing')
  t.end()
})

t.test('a picture that nobody took in makes room for the next, plan and all', async (t) => {
  const all: Shown<Problem>[] = []
  const document = smallPlane({ upstream: UPSTREAM })
  const loop = new Loop({ document, offer: () => 5e6, onShown: (shown) => all.push(shown) })
  await loop.step()
  const first = whole(all.at(-1)!, null)
  await loop.step()
  const second = whole(all.at(-1)!, null, first.problem)
  t.equal(second.problem, first.problem, 'in the same memory')
  const meant = seenOf(all.at(-1)!)
  t.strictSame(seenOf(shownOf(structuredClone(second), all.at(-1)!.situation, null)), meant)
})

t.test('of a revision goes what is new, and what is not is the very same there', async (t) => {
  const document = smallPlane({ upstream: UPSTREAM })
  const one: Revision = { document, revision: 1, hash: 'sha256:1', indexes: new Map([['inst-000', 2]]) }
  const { links, ...rest } = document
  const two: Revision = {
    document: { ...rest, links: { ...links }, institutions: { ...document.institutions } },
    ...{ revision: 2, hash: 'sha256:2', indexes: one.indexes },
  }
  const whole = revisionNews(one, null)
  const here = revisionOf(structuredClone(whole), null)
  t.strictSame(here, one)
  const news = revisionNews(two, one)
  t.same(Object.keys(news.parts).sort(), ['institutions', 'links'])
  const next = revisionOf(structuredClone(news), here)
  t.strictSame(next, two)
  t.same(Object.keys(next.document), Object.keys(two.document), 'in its order')
  t.equal(next.document.sites, here.document.sites)
  t.not(next.document.links, here.document.links)
})

t.test('a thread that ends by itself says why, once; one that is closed says nothing', async (t) => {
  const file = (code: string): URL => new URL(`data:text/javascript,${encodeURIComponent(code)}`)
  const whys: string[] = []
  const ended = (why: Error): void => void whys.push(why.message)
  startThread(file('setTimeout(() => { throw new Error("a fault") })'), {}, ended)
  await until(async () => whys.length > 0, 'it has ended')
  startThread(file('process.exit(7)'), {}, ended)
  await until(async () => whys.length > 1, 'it has left')
  t.same(whys, ['a fault', 'it ended with code 7'])
  const echo = `import { parentPort, workerData } from 'node:worker_threads'
    parentPort.on('message', (said) => parentPort.postMessage([workerData, said]))`
  const thread = startThread<string, unknown>(file(echo), { own: 1 }, ended)
  const answer = new Promise((resolve) => thread.onMessage(resolve))
  thread.tell('hello')
  t.same(await answer, [{ own: 1 }, 'hello'])
  await thread.close()
  t.equal(whys.length, 2)
})
