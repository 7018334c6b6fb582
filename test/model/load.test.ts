// Offered load: the same question has the same answer, and the days look like days.

import t from 'tap'
import { classShares, createLoadModel, type LoadSubject, offeredLoad } from '../../src/model/load.js'

const MONDAY = Date.UTC(2026, 5, 1) - 3 * 3_600_000 // 00:00 in Dar es Salaam
const HOUR = 3_600_000
const subject = (institution: string, more: Partial<LoadSubject> = {}): LoadSubject => ({
  institution,
  category: 'agency',
  service: 'internet',
  direction: 'down',
  guarantee: 1e6,
  ceiling: 5e6,
  ...more,
})
const house = Array.from({ length: 400 }, (_, i) => subject(`house-${i}`))
const mean = (values: Float64Array): number => values.reduce((sum, value) => sum + value, 0) / values.length

function meanAt(subjects: readonly LoadSubject[], at: number): number {
  const load = new Float64Array(subjects.length)
  createLoadModel(7, subjects).fill(at, load)
  return mean(load)
}

t.test('the same question has the same answer, in bulk or one by one, in any order', async (t) => {
  const model = createLoadModel(7, house)
  const first = new Float64Array(model.size)
  const again = new Float64Array(model.size)
  model.fill(MONDAY + 10 * HOUR, first)
  model.fill(MONDAY + 55 * HOUR, again)
  model.fill(MONDAY + 10 * HOUR, again)
  t.same(again, first)
  t.same(
    [...first],
    house.map((one) => offeredLoad(7, one, MONDAY + 10 * HOUR)),
  )
  t.not(offeredLoad(8, house[0]!, MONDAY), offeredLoad(7, house[0]!, MONDAY), 'another seed is another nation')
})

t.test('offices work from half past seven to half past three, East Africa Time, and rest on Saturday', async (t) => {
  const morning = meanAt(house, MONDAY + 10 * HOUR)
  t.ok(meanAt(house, MONDAY + 3 * HOUR) < 0.15 * morning, 'night')
  t.ok(meanAt(house, MONDAY + 13 * HOUR) < morning, 'lunch')
  t.ok(meanAt(house, MONDAY + (5 * 24 + 10) * HOUR) < 0.25 * morning, 'Saturday')
  t.ok(meanAt(house, MONDAY + (4 * 24 + 10) * HOUR) > 0.8 * morning, 'Friday')
  const campus = house.map((one) => ({ ...one, category: 'higher-education' }))
  t.ok(meanAt(campus, MONDAY + 21 * HOUR) > meanAt(campus, MONDAY + 10 * HOUR), 'students stay up')
})

t.test('working hours use half of what is promised, and at the busy hour some ask for more', async (t) => {
  let sum = 0
  for (let hour = 8; hour < 16; hour++) sum += meanAt(house, MONDAY + hour * HOUR) / 8
  t.ok(sum > 0.4e6 && sum < 0.65e6, `mean of ${sum}`)
  const busy = new Float64Array(house.length)
  createLoadModel(7, house).fill(MONDAY + 10 * HOUR, busy)
  const above = busy.filter((load) => load > 1e6).length / house.length
  t.ok(above > 0.03 && above < 0.2, `${above} of them are above their guarantee`)
  t.ok(busy.every((load) => load > 0))
})

t.test('load moves smoothly: never more than two percent in a second', async (t) => {
  const before = new Float64Array(house.length)
  const after = new Float64Array(house.length)
  const model = createLoadModel(7, house)
  let most = 0
  for (let second = 0; second < 3_600; second += 7) {
    model.fill(MONDAY + 9 * HOUR + second * 1_000, before)
    model.fill(MONDAY + 9 * HOUR + (second + 1) * 1_000, after)
    after.forEach((value, i) => {
      most = Math.max(most, Math.abs(value / before[i]! - 1))
    })
  }
  t.ok(most < 0.02, `${most}`)
  t.ok(most > 0, 'and it does move')
})

t.test('scale, missing promises and events', async (t) => {
  const at = MONDAY + 10 * HOUR
  const one = subject('nec')
  t.equal(offeredLoad(7, { ...one, scale: 0.25 }, at), offeredLoad(7, one, at) / 4)
  t.equal(offeredLoad(7, { ...one, guarantee: 0, ceiling: 1e7 }, at), offeredLoad(7, one, at))
  const load = new Float64Array(2)
  const subjects = [one, subject('other')]
  const event = { from: at, until: at + HOUR, factor: 4, institution: 'nec' }
  const model = createLoadModel(7, subjects, [event])
  model.fill(at, load)
  t.same([...load], [4 * offeredLoad(7, one, at), offeredLoad(7, subjects[1]!, at)])
  model.fill(at + HOUR, load)
  t.equal(load[0], offeredLoad(7, one, at + HOUR), 'an event ends at its end')
})

t.test('class shares sum to one', async (t) => {
  t.same(classShares(['realtime', 'business', 'standard', 'bulk']), [0.15, 0.4, 0.4, 0.05])
  t.same(classShares(['a', 'b']), [0.5, 0.5])
  t.same(classShares([]), [])
})
