// The map of what was used last, beside a list that does the same by searching.

import fc from 'fast-check'
import t from 'tap'
import { LruMap } from '../../src/runtime/lru-map.js'

t.test('what was used least recently goes first; a look without use changes nothing', async (t) => {
  const map = new LruMap<number>(2)
  map.set('a', 1)
  map.set('b', 2)
  t.equal(map.peek('a'), 1)
  map.set('c', 3)
  t.same([map.has('a'), map.has('b'), map.has('c')], [false, true, true], 'peek did not save a')
  t.equal(
    map.get('b', () => 9),
    2,
    'kept',
  )
  map.set('d', 4)
  t.same([map.has('b'), map.has('c')], [true, false], 'get saved b')
  t.equal(
    map.get('e', () => null),
    null,
  )
  t.notOk(map.has('e'), 'null is not kept')
  map.makeRoom()
  t.same([map.has('b'), map.has('d')], [false, true], 'the one used least recently has made room')
  map.makeRoom()
  t.ok(map.has('d'), 'and now there is some')
  map.set('b', 2)
  map.delete('b')
  t.equal(map.peek('b'), undefined)
  t.equal(
    new LruMap<number>(0).get('a', () => 1),
    1,
    'one that keeps nothing makes it each time',
  )
})

t.test('it is what a searched list is', async (t) => {
  const step = fc.record({ what: fc.constantFrom('get', 'set', 'delete'), key: fc.constantFrom(...'abcdef') })
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), fc.integer({ min: 1, max: 4 }), (steps, most) => {
      const dropped: number[] = []
      const map = new LruMap<number>(most, (value) => dropped.push(value))
      const all = new Set<number>()
      let list: (readonly [string, number])[] = []
      for (const [n, { what, key }] of steps.entries()) {
        const known = list.find(([name]) => name === key)
        list = list.filter(([name]) => name !== key)
        if (what === 'delete') {
          map.delete(key)
          continue
        }
        const value = what === 'set' ? n : (known?.[1] ?? n)
        all.add(value)
        list = [...list, [key, value] as const].slice(-most)
        if (what === 'set') map.set(key, n)
        else if (map.get(key, () => n) !== value) throw new Error(`${key} is not ${value}`)
      }
      // Each value is a number of its own: it is kept, or its end was told, once.
      for (const [, value] of list) all.delete(value)
      if (dropped.sort().join() !== [...all].sort().join()) throw new Error(`${dropped} were dropped, of ${[...all]}`)
      return [...'abcdef'].every((key) => map.peek(key) === list.find(([name]) => name === key)?.[1])
    }),
  )
  t.pass('60 steps, 100 stories')
})
