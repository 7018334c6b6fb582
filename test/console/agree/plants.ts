// Contradictions that are planted, one at a time: the checker must find each.

import type { Schema } from '../../../src/console/call.js'
import type { Plant } from './examine.js'

type Known = Record<string, unknown>

const rowsOf = (known: Known): Known[] => known.items as Known[]
const inFirst = (known: Known, change: (row: Known) => Known): Known => ({
  ...known,
  items: rowsOf(known).map((row, n) => (n === 0 ? change(row) : row)),
})
const EXPLAIN = '/v1/institutions/inst-000/explain'

export const PLANTS: readonly Plant[] = [
  {
    what: 'the first sentence counts one more who is short than there is',
    answers: {
      '/v1/status': (known) => {
        const satisfied = known.satisfied as Schema['Status']['satisfied']
        return { ...known, satisfied: { ...satisfied, all: satisfied.all - 1, short: satisfied.short + 1 } }
      },
    },
  },
  {
    what: 'steps add up to another rate than the published one, and nothing says why',
    answers: {
      [EXPLAIN]: (known) => ({
        ...known,
        ...{
          differs: null,
          bands: (known.bands as Known[]).map((step, n) => (n === 0 ? { ...step, amount: 9e6 } : step)),
        },
      }),
    },
  },
  {
    what: 'two gateways may use one ceiling twice',
    answers: {
      [EXPLAIN]: (known) => ({
        ...known,
        bands: (known.bands as Known[]).map((step) =>
          step.kind === 'headroom' ? { ...step, cap: 2 * Number(known.ceiling) } : step,
        ),
      }),
    },
  },
  {
    what: 'a link needs another rate in the list than on its page',
    answers: { '/v1/links/transit.down': (known) => ({ ...known, needLoad: Number(known.needLoad) + 7_000_000 }) },
  },
  {
    what: 'an edge that observes counts as one that enforces',
    answers: {
      '/v1/edges': (known) =>
        inFirst(known, (row) => ({ ...row, enforcement: row.enforcement === 'enforce' ? 'observe' : 'enforce' })),
    },
  },
  {
    what: 'the list of institutions lags behind the page of one',
    answers: {
      '/v1/figures': (known) => inFirst(known, (row) => ({ ...row, need: Number(row.need) + 3_000_000 })),
    },
  },
  {
    what: 'one thing in force is not listed',
    answers: { '/v1/in-force': (known) => ({ ...known, items: rowsOf(known).slice(1) }) },
  },
  {
    what: 'an edge in sum says more than its flows',
    answers: {
      '/v1/edges/east': (known) => {
        const { down, up } = known.totals as Schema['EdgeDetail']['totals']
        return { ...known, totals: { down: { ...down!, need: down!.need + 2_000 }, up } }
      },
    },
  },
  {
    what: 'a page writes a rate in kbit/s as Mbit/s',
    page: (path, html) => (path === '/links/transit' ? html.replace(/(\d) Mbit\/s/, '$1 kbit/s') : html),
  },
  {
    what: 'a page shows one row less than it counts',
    page: (path, html) =>
      path.startsWith('/institutions?')
        ? html.replace(/(<table id="institutions".*?<tbody>)<tr.*?<\/tr>/s, '$1')
        : html,
  },
]
