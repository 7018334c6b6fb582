// One edge, one agent: who holds it, when another may, and who is named beside it.

import t from 'tap'
import type { Plan } from '../../src/model/plan.js'
import { manualClock } from '../../src/runtime/clock.js'
import { Instances } from '../../src/tick/instances.js'

const TICK = 1_000
const LEASE = 60_000
const [A, A2, B] = ['aaaaaaaa00000001', 'aaaaaaaa00000002', 'bbbbbbbb00000001'] as const

function edge() {
  const clock = manualClock({ monotonic: 1_000_000 })
  const instances = new Instances(clock)
  const timing = { tick: TICK, lease: LEASE, staleAfterTicks: 3 }
  const plan = { timing, edges: [{ id: 'e', line: 'fibre' }] } as unknown as Plan
  instances.suit(plan)
  const says = (instance: string | undefined, boot: string, more: { readonly at?: number } = {}): boolean => {
    const stamp = { boot, at: more.at ?? clock.monotonic() }
    return instances.admits({ edge: 'e', stamp, place: `at ${boot}`, ...(instance === undefined ? {} : { instance }) })
  }
  /** A holder that speaks each second, and whoever else does. */
  const seconds = async (n: number, ...who: readonly (() => boolean)[]): Promise<boolean[]> => {
    let said: boolean[] = []
    for (let k = 0; k < n; k++) {
      await clock.advance(1_000)
      said = who.map((speak) => speak())
    }
    return said
  }
  return { clock, instances, plan, says, seconds, second: () => instances.secondOf('e') }
}

t.test('the first that is heard holds the edge as long as it speaks; the second is named with its place', async (t) => {
  const { says, seconds, second } = edge()
  const [a, b] = [() => says(A, 'a'), () => says(B, 'b')]
  t.ok(a())
  t.notOk(b())
  t.equal(second(), null, 'not before the first has spoken after it')
  t.same(await seconds(1, a, b), [true, false])
  t.match(second(), { place: 'at b' })
  t.same(await seconds(300, b, a), [false, true], 'whoever comes first in a second, and for ever')
  await seconds(10, a)
  t.equal(second(), null, 'who is silent is no second any more')
})

t.test('after a reboot the same machine is let in once the one before is silent; another after a lease', async (t) => {
  const { says, seconds, second } = edge()
  t.ok(says(A, 'a'))
  t.same(await seconds(4, () => says(A2, 'a2')), [false])
  t.equal(second(), null, 'a reboot is no second agent')
  t.same(await seconds(2, () => says(A2, 'a2')), [true])
  t.same(await seconds(59, () => says(B, 'b')), [false])
  t.same(await seconds(2, () => says(B, 'b')), [true])
  t.same(await seconds(1, () => says(A2, 'a2')), [false], 'and who comes back is the second')
})

t.test('a process that is started again is the same; so is one of the release before on the same boot', async (t) => {
  const { says } = edge()
  t.ok(says(undefined, 'a'))
  t.ok(says(A, 'a'), 'upgraded')
  t.ok(says(undefined, 'a'), 'and back')
  t.ok(says(A, 'a'))
  t.notOk(says(undefined, 'b'))
})

t.test('old words let nobody in: what lies in the store is read again and again', async (t) => {
  const { clock, says, seconds } = edge()
  t.ok(says(A, 'a'))
  const at = clock.monotonic()
  t.same(await seconds(100, () => says(B, 'b', { at })), [false])
  t.ok(says(A, 'a'))
  t.same(await seconds(100, () => says(A, 'a', { at })), [true], 'they are the holder’s')
  t.ok(says('cccccccc00000001', 'c'), 'but no sign of life')
})

t.test('who leads next finds the holder in the store, whoever it hears first', async (t) => {
  const { instances, says } = edge()
  t.ok(says(B, 'b'), 'nothing was read yet')
  instances.follow('e', A)
  t.notOk(says(B, 'b'))
  t.ok(says(A, 'a'))
  instances.follow('e', null)
  t.notOk(says(B, 'b'), 'a message for anybody says nothing of who holds it')
})

t.test('a replacement is taken at once, by one agent, once', async (t) => {
  const { clock, instances, plan, says, seconds } = edge()
  const [a, b] = [() => says(A, 'a'), () => says(B, 'b')]
  a()
  await seconds(5, a)
  instances.suit(plan, [{ edge: 'e', at: clock.wall(), author: 'x' }])
  t.same(await seconds(5, a), [true], 'until another speaks nothing changes')
  t.same(await seconds(1, b, a), [true, false])
  t.same(await seconds(100, a, b), [false, true], 'and not back again')
})

t.test(
  'a replacement waits an hour for who comes, and is over with the one that was meant, whoever leads',
  async (t) => {
    const replaced = { edge: 'e', author: 'x', instance: A }
    const begun = (at: (now: number) => number, { store = A as string } = {}) => {
      const one = edge()
      one.instances.suit(one.plan, [{ ...replaced, at: at(one.clock.wall()) }])
      one.instances.follow('e', store)
      return [one.says(B, 'b'), one.says(A, 'a')]
    }
    t.same(
      begun((now) => now - 60_000),
      [true, false],
      'a controller that was started after it obeys it',
    )
    t.same(
      begun((now) => now - 3_600_001),
      [false, true],
      'not for ever',
    )
    t.same(
      begun((now) => now - 60_000, { store: B }),
      [true, false],
      'who took the place keeps it under the next leader',
    )
    const { clock, instances, plan, says, seconds } = edge()
    const [a, b] = [() => says(A, 'a'), () => says(B, 'b')]
    a()
    instances.suit(plan, [{ edge: 'e', author: 'x', at: clock.wall() + 1 }])
    await seconds(3_602, a)
    t.same(await seconds(1, a, b), [true, false], 'nobody came: a copy that is started later is a copy')
  },
)

t.test('a copy that spoke while the holder did never takes its place by the silence of a cut line', async (t) => {
  const { clock, instances, plan, says, seconds, second } = edge()
  const [a, b] = [() => says(A, 'a'), () => says(B, 'b')]
  const c = () => says('cccccccc00000001', 'c')
  a()
  await seconds(3, a, b, c)
  t.match(second(), { place: 'at b' }, 'of two copies the first is named')
  t.same(await seconds(300, b, c), [false, false])
  t.same(await seconds(3, () => says('bbbbbbbb00000002', 'b2')), [false], 'nor after its reboot')
  t.match(second(), { place: 'at b2' }, 'and it is still the one that is named')
  t.same(await seconds(1, () => says('dddddddd00000001', 'd')), [true], 'another that was not there may')
  t.same(await seconds(300, b), [false], 'beside that it is what it was')
  instances.suit(plan, [{ edge: 'e', author: 'x', at: clock.wall(), instance: 'dddddddd00000001' }])
  t.same(await seconds(1, b), [true], 'where a person says so')
})

t.test('last words of a release that did not tell who it was shut nobody out', async (t) => {
  const { clock, says, seconds } = edge()
  t.ok(says(undefined, 'a'))
  const before = clock.monotonic() + 500
  await clock.advance(1_000)
  t.notOk(says(A2, 'a2'), 'it was upgraded and started anew')
  await clock.advance(700)
  t.ok(says(undefined, 'a', { at: before }), 'a late report of the one before')
  t.same(await seconds(6, () => says(A2, 'a2')), [true])
})

t.test('a machine that was started anew is let in, though it spoke while the one before did', async (t) => {
  const { says, seconds } = edge()
  const [a, a2] = [() => says(A, 'a'), () => says(A2, 'a2')]
  a()
  t.same(await seconds(2, a2, a), [false, true])
  t.same(await seconds(6, a2), [true])
})
