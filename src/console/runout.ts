// When the promises over each link break, as the planner's newest answer has it: whoever looks at a link need not know
// that somebody has asked.

import { type Call, everyPage, ifThere, type Schema } from './call.js'
import { now } from './clock.js'

type PlanCell = Schema['SimulationAnswer']['tables'][number]['rows'][number][number]

interface Break {
  readonly at: PlanCell
  /** If this is cut. */
  readonly failure: PlanCell
  /** Short first. */
  readonly institution: PlanCell
}

/** Of directed links, by id; those that keep every promise in the years that were asked about are not in it. */
export interface Runout {
  readonly simulation: Pick<Schema['Simulation'], 'id' | 'at' | 'author' | 'revision' | 'asked'>
  readonly breaks: Readonly<Record<string, Break>>
}

/** Null: nobody has asked, or whoever reads may not see it. */
export interface ReadRunout {
  readonly read: number
  readonly of: Runout | null
}

/** An answer comes seldom, and never changes. */
const AGAIN = 300_000
const MOST = 2_000

/** @param before what was read last */
export async function readRunout(call: Call, before: ReadRunout | null): Promise<ReadRunout> {
  const read = now()
  if (before !== null && read - before.read < AGAIN) return before
  const all = await ifThere(
    everyPage((pageToken) => call('get', '/v1/simulations', { query: { pageSize: 1_000, pageToken } })),
  )
  const answered = (all ?? []).filter(({ kind, state, proposal }) => kind === 'runout' && state === 'done' && !proposal)
  const newest = answered.sort((a, b) => (a.at < b.at ? 1 : -1))[0]
  if (newest === undefined) return { read, of: null }
  if (newest.id === before?.of?.simulation.id) return { read, of: before.of }
  const query = { tables: 'links', rows: MOST }
  const answer = await ifThere(call('get', '/v1/simulations/{id}', { path: { id: newest.id }, query }))
  const table = answer?.tables.find(({ id }) => id === 'links')
  if (table === undefined) return { read, of: null }
  const [link, at, failure, institution] = ['link', 'break_date', 'failure', 'institution'].map((id) =>
    table.columns.findIndex((column) => column.id === id),
  )
  const breaks = table.rows.map((row) => [
    String(row[link!]),
    { at: row[at!] ?? null, failure: row[failure!] ?? null, institution: row[institution!] ?? null },
  ])
  return { read, of: { simulation: newest, breaks: Object.fromEntries(breaks) as Runout['breaks'] } }
}
