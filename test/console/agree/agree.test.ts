// A few seeded situations: no figure of a page contradicts another, and planted contradictions are found. `npm run
// pages` tells 200, some of them in a browser.

import t from 'tap'
import { Book } from './book.js'
import { examine } from './examine.js'
import { PLANTS } from './plants.js'
import { situation } from './situations.js'

t.test('figures of one tick agree, on pages and in answers', async (t) => {
  const book = new Book()
  // Each of the later four found a contradiction once.
  for (const seed of [3, 1, 7, 29, 131]) {
    const one = await situation(seed)
    await examine(one, book)
    await one.close()
  }
  t.same(book.contradictions, [])
  t.ok(book.compared > 8_000, `${book.compared} comparisons`)
  t.ok(book.kinds.size > 40, `of ${book.kinds.size} kinds`)
})

t.test('a contradiction is found, wherever it is planted', async (t) => {
  const one = await situation(2)
  t.teardown(one.close)
  for (const plant of PLANTS) {
    const book = new Book()
    await examine(one, book, plant)
    t.not(book.contradictions.length, 0, plant.what)
  }
})
