// The dry run: says what would be done and does nothing. It remembers what it said, so that a second plan for the same
// rates is empty, as with a driver that enforces; it has no traffic, so it has no counters.

import type { Sink } from '../../runtime/io.js'
import type { Driver } from '../driver.js'
import { EMPTY_TABLE, type RateTable, rateOperations, tableAfter } from './rate-operations.js'

/** Prints each operation on a line of `out`. */
export function createDryRunDriver(out: Sink): Driver<RateTable> {
  let table = EMPTY_TABLE
  return {
    name: 'dry-run',
    simulated: true,
    probe: async () => ({ facts: { enforces: 'nothing; prints what it would do' }, obstacles: [] }),
    observe: async () => table,
    plan: rateOperations,
    async apply(operations, desired) {
      for (const { text } of operations) out.write(`${text}\n`)
      table = tableAfter(desired)
      return { applied: operations.length, refusal: null }
    },
    stats: async () => ({ generation: 0, leaves: [] }),
    close: async () => {},
  }
}
