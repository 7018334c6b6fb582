// Prometheus metrics, in base units. What the board knows is read from it when somebody scrapes; only the HTTP
// server's own numbers are counted as they happen.

import { Gauge, Histogram, type Registry } from 'prom-client'
import type { Board } from '../model/board.js'
import { ENFORCEMENTS } from '../model/network.js'
import { toSeconds } from '../model/units.js'
import * as z from '../runtime/zod.js'
import type { App, Context } from './app.js'
import type { MemoryPort } from './ports.js'

const STATES = ['FRESH', 'STALE', 'SAFE', 'UNKNOWN'] as const

interface Family {
  readonly name: string
  readonly help: string
  readonly labels?: readonly string[]
  fill(gauge: Gauge, board: Board): void
}

const FAMILIES: readonly Family[] = [
  {
    name: 'mizani_policy_revision',
    help: 'Revision of the policy in force',
    fill: (gauge, { plan }) => gauge.set(plan.revision),
  },
  {
    name: 'mizani_publication_seq',
    help: 'Number of the last publication in the term of this leader',
    fill: (gauge, { serial }) => gauge.set(serial.seq),
  },
  {
    name: 'mizani_last_tick_timestamp_seconds',
    help: 'When the last tick was published',
    fill: (gauge, { at }) => gauge.set(toSeconds(at)),
  },
  {
    name: 'mizani_tick_duration_seconds',
    help: 'How long the last tick took, from the reports to the publication',
    fill: (gauge, { tick }) => gauge.set(toSeconds(tick.lastMs)),
  },
  {
    name: 'mizani_solve_duration_seconds',
    help: 'How long the solver took in the last tick',
    fill: (gauge, { tick }) => gauge.set(toSeconds(tick.solveMs)),
  },
  {
    name: 'mizani_rates',
    help: 'Flows whose published rate was kept or moved in the last tick',
    labels: ['change'],
    fill(gauge, { tick }) {
      gauge.set({ change: 'kept' }, tick.kept)
      gauge.set({ change: 'moved' }, tick.moved)
    },
  },
  {
    name: 'mizani_leads',
    help: '1 at the controller that leads, 0 at those that stand by',
    fill: (gauge, { leads }) => gauge.set(leads ? 1 : 0),
  },
  {
    name: 'mizani_excess_bit_seconds_total',
    help: 'Bits above capacity that edges may have let through since this controller started',
    fill: (gauge, { excess }) => gauge.set(excess),
  },
  {
    name: 'mizani_certificate_ok',
    help: '1 while the last allocation passes its certificate',
    fill: (gauge, { certificate }) => gauge.set(certificate.ok ? 1 : 0),
  },
  {
    name: 'mizani_institutions',
    help: 'Institutions by what they get',
    labels: ['satisfied'],
    fill(gauge, { satisfied }) {
      gauge.set({ satisfied: 'all' }, satisfied.all)
      gauge.set({ satisfied: 'short' }, satisfied.short)
      gauge.set({ satisfied: 'below_guarantee' }, satisfied.belowGuarantee)
    },
  },
  {
    name: 'mizani_edges',
    help: 'Edges by the state of their lease',
    labels: ['state'],
    fill(gauge, { edges }) {
      for (const state of STATES) {
        gauge.set({ state: state.toLowerCase() }, edges.filter((edge) => edge.state === state).length)
      }
    },
  },
  {
    name: 'mizani_edges_enforcement',
    help: 'Edges by their state of enforcement',
    labels: ['enforcement'],
    fill(gauge, { edges }) {
      for (const enforcement of ENFORCEMENTS) {
        gauge.set({ enforcement }, edges.filter((edge) => edge.enforcement === enforcement).length)
      }
    },
  },
  {
    name: 'mizani_edge_lag_publications',
    help: 'Publications that an edge is behind',
    labels: ['edge'],
    fill(gauge, { edges }) {
      for (const { id, lag } of edges) gauge.set({ edge: id }, lag)
    },
  },
  linkFamily('usable', 'Room of the link: capacity x usable x conditions', ({ plan }, l) => plan.links[l]!.room),
  linkFamily('need', 'Sum of the needs that cross the link', ({ links }, l) => links.needLoad[l]!),
  linkFamily('load', 'Sum of the published rates that cross the link', ({ links }, l) => links.load[l]!),
  linkFamily(
    'arrived',
    'What arrives at the edges of the flows that cross the link',
    ({ links }, l) => links.arrived[l]!,
  ),
  linkFamily('carried', 'What the link carries by what edges count', ({ links }, l) => links.carried[l]!),
  linkFamily(
    'unheard',
    'What flows may bring besides whose edges say nothing now',
    ({ links }, l) => links.unheard[l]!,
  ),
  linkFamily('unmet', 'Demand that was not met because of the link', ({ links }, l) => links.unmet[l]!),
]

const FAMILY_NAMES: ReadonlySet<string> = new Set(FAMILIES.map(({ name }) => name))

function linkFamily(what: string, help: string, read: (board: Board, link: number) => number): Family {
  return {
    name: `mizani_link_${what}_bits_per_second`,
    help,
    labels: ['link', 'direction'],
    fill(gauge, board) {
      for (const [l, { link, direction, virtual }] of board.plan.links.entries()) {
        const value = virtual ? Number.NaN : read(board, l)
        if (!Number.isNaN(value)) gauge.set({ link, direction }, value)
      }
    },
  }
}

function addGauges(registry: Registry, board: () => Board | null): void {
  for (const { name, help, labels = [], fill } of FAMILIES) {
    new Gauge({
      name,
      help,
      labelNames: [...labels],
      registers: [registry],
      collect() {
        // A link or edge that is gone must not stay at its last value.
        this.reset()
        const shown = board()
        if (shown !== null) fill(this, shown)
      },
    })
  }
}

function addMemory(registry: Registry, { alarms, recorder, webhooks }: MemoryPort): void {
  const gauge = (name: string, help: string, labelNames: string[], fill: (gauge: Gauge) => void): void => {
    new Gauge({
      ...{ name, help, labelNames, registers: [registry] },
      collect() {
        this.reset()
        fill(this)
      },
    })
  }
  gauge('mizani_alarms', 'Alarms that last', ['code', 'severity', 'acknowledged'], (g) => {
    for (const { code, severity, acknowledged } of alarms.open())
      g.inc({ code, severity, acknowledged: acknowledged === null ? 'no' : 'yes' })
  })
  gauge('mizani_recording', '1 while five minutes after five minutes are kept, 0 while the disk refuses', [], (g) =>
    g.set(recorder.failing === null ? 1 : 0),
  )
  gauge('mizani_record_bytes', 'Disk that the record takes, as of the last hour', [], (g) => g.set(recorder.size))
  gauge('mizani_webhook_letters', 'Letters that wait for a receiver, or were given up', ['state'], (g) => {
    for (const { waiting, dead } of webhooks.list()) {
      g.inc({ state: 'waiting' }, waiting)
      g.inc({ state: 'dead' }, dead.length)
    }
  })
}

/** Texts of what is read from a board, by name, for as long as that is the one that is shown. */
interface Written {
  readonly board: Board | null
  readonly texts: Map<string, string>
}

/** Thousands of lines are written a metric at a time, for all who scrape meanwhile; those of a board once. */
async function scrape(metrics: Registry, { texts: known }: Written, turn: () => Promise<void>): Promise<string> {
  const texts: string[] = []
  for (const { name } of metrics.getMetricsAsArray()) {
    const before = known.get(name)
    const text = before ?? (await metrics.getSingleMetricAsString(name))
    if (FAMILY_NAMES.has(name)) known.set(name, text)
    texts.push(text)
    if (before === undefined) await turn()
  }
  return `${texts.join('\n\n')}\n`
}

export function metricsRoutes(app: App, { metrics, audit, board, memory, version }: Context): void {
  let scraped: Promise<string> | null = null
  let written: Written = { board: null, texts: new Map() }
  addGauges(metrics, board)
  if (memory !== undefined) addMemory(metrics, memory)
  new Gauge({
    name: 'mizani_audit_entries',
    help: 'Entries of the audit that wait for the store, or are in the log only because too many waited',
    labelNames: ['state'],
    registers: [metrics],
    collect() {
      this.set({ state: 'waiting' }, audit.waiting)
      this.set({ state: 'lost' }, audit.lost)
    },
  })
  const build = { name: 'mizani_build_info', help: 'Version of the controller', labelNames: ['version'] }
  new Gauge({ ...build, registers: [metrics] }).set({ version }, 1)
  const duration = new Histogram({
    name: 'mizani_http_request_duration_seconds',
    help: 'Answers of the API by route and status',
    labelNames: ['method', 'route', 'status'],
    buckets: [0.001, 0.005, 0.025, 0.1, 0.5, 2.5],
    registers: [metrics],
  })
  app.addHook('onResponse', async (request, reply) => {
    const route = request.routeOptions.url ?? 'none'
    duration.observe({ method: request.method, route, status: reply.statusCode }, toSeconds(reply.elapsedTime))
  })
  app.get(
    '/metrics',
    {
      config: { access: 'loopback', produces: ['text/plain', 'application/openmetrics-text'] },
      schema: { summary: 'Prometheus', produces: ['text/plain'], response: { 200: z.string() } },
    },
    async (request, reply) => {
      const shown = board()
      if (scraped === null && written.board !== shown) written = { board: shown, texts: new Map() }
      scraped ??= scrape(metrics, written, () => request.turnForAll()).finally(() => {
        scraped = null
      })
      return reply.type(metrics.contentType).send(await scraped)
    },
  )
}
