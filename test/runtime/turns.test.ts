// Turns: what cannot wait goes first, whoever has left is not worked for, and nothing goes on longer than is stated.

import t from 'tap'
import { manualClock } from '../../src/runtime/clock.js'
import { Places } from '../../src/runtime/places.js'
import { Turns } from '../../src/runtime/turns.js'

const codeOf = (asked: Promise<unknown>) => asked.then(String, ({ code }: { code: string }) => code)

/** Pieces of work that end when they are told, or are ended. */
function bench() {
  const clock = manualClock()
  const turns = new Turns(clock)
  const begun: string[] = []
  const ends = new Map<string, () => void>()
  const ask = (name: string, { first = false, gone }: { first?: boolean; gone?: AbortSignal } = {}) =>
    codeOf(
      turns.run({ first, within: 10_000, gone }, (ending) => {
        begun.push(name)
        return new Promise((resolve, reject) => {
          ends.set(name, () => resolve(name))
          ending.addEventListener('abort', () => reject(new Error('its thread was ended')))
        })
      }),
    )
  return { clock, begun, ask, end: (name: string) => ends.get(name)!() }
}

t.test('one after the other, and what cannot wait before what can', async (t) => {
  const { begun, ask, end } = bench()
  const asked = { a: ask('a'), b: ask('b'), c: ask('c'), commit: ask('commit', { first: true }) }
  for (const name of ['a', 'commit', 'b', 'c'] as const) {
    end(name)
    t.equal(await asked[name], name)
  }
  t.strictSame(begun, ['a', 'commit', 'b', 'c'])
})

t.test('whoever leaves before their turn has none, and the next one is not kept', async (t) => {
  const { begun, ask, end } = bench()
  const leaver = new AbortController()
  const [a, b, c] = [ask('a'), ask('b', { gone: leaver.signal }), ask('c')]
  leaver.abort()
  t.equal(await b, 'STOPPING')
  end('a')
  t.equal(await a, 'a')
  end('c')
  t.equal(await c, 'c')
  t.strictSame(begun, ['a', 'c'])
  t.equal(await ask('d', { gone: leaver.signal }), 'STOPPING', 'nor does one begin for somebody who is gone')
})

t.test('what has begun for somebody who left may end by itself for a moment, and is ended then', async (t) => {
  const { clock, ask, end } = bench()
  for (const [ends, expected] of [
    [true, 'a'],
    [false, 'STOPPING'],
  ] as const) {
    const leaver = new AbortController()
    const a = ask('a', { gone: leaver.signal })
    leaver.abort()
    if (ends) end('a')
    else await clock.advance(1_000)
    t.equal(await a, expected)
  }
  t.equal(clock.pending(), 0)
})

t.test('what takes longer than is stated is ended, and whoever waited behind it goes on', async (t) => {
  const { clock, ask, end } = bench()
  const [endless, next] = [ask('endless'), ask('next')]
  await clock.advance(10_000)
  t.equal(await endless, 'PAYLOAD_TOO_LARGE')
  end('next')
  t.equal(await next, 'next')
})

t.test('so many at once and so many of one; the machine is never refused', async (t) => {
  const places = new Places('previews', 3, 2)
  const take = (who: string | null) => {
    try {
      return places.take(who)
    } catch (error) {
      return (error as Error).message
    }
  }
  const [first] = [take('asha'), take('asha')]
  t.equal(take('asha'), 'asha has 2 previews under way already; try again in a second.')
  take('juma')
  t.equal(take('neema'), '3 previews are under way already; try again in a second.')
  t.type(take(null), 'function')
  if (typeof first === 'function') for (const give of [first, first]) give()
  t.type(take('neema'), 'function', 'a place that is given back is free')
  t.match(take('juma'), /3 previews/, 'and is given back once')
})
