// Months to close without a record: some hundred thousand letters each, the same whenever they are counted.

import { createHash } from 'node:crypto'
import { gzipSync } from 'node:zlib'
import { MonthAnswers } from '../../src/ledger/answers.js'
import type { LedgerDeps } from '../../src/ledger/ledger.js'
import type { LedgerMonth } from '../../src/ledger/ledger-month.js'
import { canonicalJson } from '../../src/model/canonical.js'
import { EXAMPLE_POLICY } from '../../src/policy/document/example.js'
import { validatePolicy } from '../../src/policy/document/validate.js'
import { systemClock } from '../../src/runtime/clock.js'

const PARTS = 2_000

/** The n-th month since the year 1000. */
export const monthNo = (n: number): string => `${1_000 + Math.floor(n / 12)}-${String((n % 12) + 1).padStart(2, '0')}`

function counted(month: string): LedgerMonth {
  const causes = Array.from({ length: PARTS }, (_, k) => ({
    limit: createHash('sha256').update(`${month} ${k}`).digest('hex'),
    minutes: k,
  }))
  const use = { asked: 1, served: 1, used: 1, missed: 0, seen: 1, slots: 1, minutesBelow: 0, attainment: 1 }
  const one = { institution: 'a', tiers: ['basic'], entitled: {}, ...use, causes, agreements: [] }
  const span = { from: `${month}-01T00:00:00Z`, before: `${month}-28T00:00:00Z` }
  const head = { format: 1, plane: 'taifa', month, zone: 'UTC', ...span } as const
  const policy = { revision: 1, hash: 'sha256:1' }
  return { ...head, policy, usage: { contracts: [], institutions: [one], idleLines: [] }, money: { charges: [] } }
}

/** All that a ledger needs beside its store and the trail. */
export function closingDeps(): Omit<LedgerDeps, 'store' | 'tell'> {
  const document = validatePolicy({ ...EXAMPLE_POLICY, contracts: {} }).document!
  const meta = {
    ...{ author: 'asha', reason: 'first', reference: null, at: Date.parse('0999-01-01T00:00:00Z'), parent: null },
    ...{ kind: 'commit' as const, confirmBy: null, breakGlass: false, approvedBy: null },
  }
  const first = { revision: 1, hash: 'sha256:1' }
  const store: LedgerDeps['policy']['store'] = {
    list: async () => [{ ...meta, ...first }],
    get: async () => ({ ...first, document, indexes: new Map(), meta }),
  }
  return {
    policy: { document, revision: first, store },
    thread: {
      async ask({ source }, question) {
        const found = await source()
        const closed = 'closed' in found ? found.closed : gzipSync(canonicalJson(counted(found.count.month)))
        // No archive is looked at for what is closed.
        return (await new MonthAnswers().ask(null as never, null, question, { closed }))!.answer
      },
      close: async () => undefined,
    },
    sealing: { fingerprint: (text) => createHash('sha256').update(text).digest('hex') },
    clock: systemClock,
  }
}
