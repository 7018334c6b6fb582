// The worst hour of a link, and who took most of it, found by chunks that know little of one another: whatever is done
// first, and whatever is known when a chunk is handed out, it is what a plain scan of all hours finds.

import t from 'tap'
import { seeded } from '../../bench/harness.js'
import { createSums, RunSums } from '../../src/planning/sums.js'
import { HourWatch, type LinkHour } from '../../src/planning/worst-hour.js'
import { createProblem, type Problem } from '../../src/solve/problem.js'

const LINKS = 3
const STEPS_PER_HOUR = 2
const INSTITUTIONS = ['posta', 'reli', 'posta', 'bandari', 'ardhi', 'maji', 'afya', 'control']
const FLOWS = INSTITUTIONS.length
const SHAPE = { flows: FLOWS, institutions: 1, rows: 1 }

/** Every flow crosses every link but the first, which only the first four cross; some cross with a part. */
function crossed(): Problem {
  const hops = INSTITUTIONS.map((_, i) => [0, 1, 2].filter((link) => link > 0 || i < 4))
  const shape = { flows: FLOWS, links: LINKS, bands: 1, nonZeros: hops.flat().length, segments: 0, envelopes: 0 }
  const problem = createProblem(shape)
  problem.pathStart.set(
    hops.map((_, i) => hops.slice(0, i + 1).flat().length),
    1,
  )
  problem.pathLink.set(hops.flat())
  problem.pathFraction.set(hops.flat().map((link, q) => (link === 2 && q % 2 === 0 ? 0.5 : 1)))
  return problem
}

interface Step {
  readonly needs: readonly number[]
  readonly load: Float32Array
}

/** Hours that are as good as equal, some better by less than counts, some by more; needs of few sizes. */
function storyOf(random: () => number, steps: number): Step[] {
  const few = (sizes: number): number => Math.floor(random() * sizes)
  return Array.from({ length: steps }, () => ({
    needs: INSTITUTIONS.map(() => few(3)),
    load: Float32Array.from({ length: LINKS }, (_, link) => (link === 1 ? 0 : 0.5 + few(8) * 4e-7)),
  }))
}

/** One hour after the other, each held against the worst before it. */
function scanned(story: readonly Step[]): LinkHour[] {
  return Array.from({ length: LINKS }, (_, link) => {
    let worst = { firstStep: -1, utilisation: -1 }
    for (let firstStep = 0; firstStep < story.length; firstStep += STEPS_PER_HOUR) {
      const met = story.slice(firstStep, firstStep + STEPS_PER_HOUR)
      const utilisation = met.reduce((sum, { load }) => sum + load[link]!, 0) / STEPS_PER_HOUR
      if (utilisation > worst.utilisation + 1e-6) worst = { firstStep, utilisation }
    }
    const { firstStep, utilisation } = worst
    const met = story.slice(firstStep, firstStep + STEPS_PER_HOUR)
    const taken = new Map<string, number>()
    for (const [i, institution] of INSTITUTIONS.entries()) {
      if (link === 0 && i >= 4) continue
      const q = INSTITUTIONS.slice(0, i).reduce((sum, _, j) => sum + (j < 4 ? 3 : 2), 0) + (i < 4 ? 2 : 1)
      const part = link === 2 && q % 2 === 0 ? 0.5 : 1
      const mean = met.reduce((sum, { needs }) => sum + needs[i]! / STEPS_PER_HOUR, 0)
      taken.set(institution, (taken.get(institution) ?? 0) + part * mean)
    }
    const takers = [...taken].map(([institution, need]) => ({ institution, need }))
    takers.sort((a, b) => b.need - a.need || (a.institution < b.institution ? -1 : 1))
    return { link, firstStep, load: utilisation, room: 1, utilisation, takers: takers.slice(0, 5) }
  })
}

function inChunks(random: () => number, story: readonly Step[], stepsPerChunk: number): readonly LinkHour[] {
  const problem = crossed()
  problem.linkRoom.fill(1)
  const sums = new RunSums(SHAPE, [[]], LINKS)
  const chunks = Math.ceil(story.length / stepsPerChunk)
  const done: (() => void)[] = []
  for (let chunk = 0; chunk < chunks; chunk++) {
    const watch = new HourWatch(STEPS_PER_HOUR, [0, 1, 2], sums.exceeding(), INSTITUTIONS)
    for (let step = chunk * stepsPerChunk; step < Math.min(story.length, (chunk + 1) * stepsPerChunk); step++) {
      problem.need.set(story[step]!.needs)
      watch.write(step, problem, story[step]!.load)
    }
    done.push(() => sums.take({ chunk, sums: createSums(SHAPE).buffer, causes: [], hours: watch.found }))
    // Some chunks are done late, and any of them first.
    while (done.length > 0 && random() < 0.6) done.splice(Math.floor(random() * done.length), 1)[0]!()
  }
  for (const each of done) each()
  return sums.worstHours
}

t.test('the worst hour is what a plain scan finds, whoever was done first', async (t) => {
  const random = seeded(20261201)
  for (let round = 0; round < 300; round++) {
    const story = storyOf(random, STEPS_PER_HOUR * (1 + Math.floor(random() * 40)))
    const expected = scanned(story)
    for (const hours of [1, 5, 50]) t.same(inChunks(random, story, hours * STEPS_PER_HOUR), expected)
  }
})

t.test('sums are taken in the order of the chunks, and no chunk is kept', async (t) => {
  const shape = { flows: 2, institutions: 1, rows: 1 }
  const sums = new RunSums(shape, [[0, 1]], 0)
  // 1e16 + 1 + 1 is 1e16, and 1 + 1 + 1e16 is not.
  const chunk = (n: number, demand: number, kept: number) => {
    const own = createSums(shape)
    own.demand[0] = demand
    own.shortSteps[1] = 1
    own.kept[1] = kept
    own.worstStep[1] = n
    own.worstCause[1] = 0
    return { chunk: n, sums: own.buffer, causes: [[n]], hours: [] }
  }
  for (const each of [chunk(2, 1, 0.5), chunk(1, 1, 0.25), chunk(0, 1e16, 0.75)]) sums.take(each)
  t.equal(sums.demand[0], 1e16)
  sums.take(chunk(3, 0, 0.25))
  t.match({ kept: sums.kept[1], step: sums.worstStep[1], short: sums.shortSteps[1] }, { kept: 0.25, step: 1, short: 4 })
  t.same([...sums.causes], [[1, [1]]], 'the earliest of equals')
})
