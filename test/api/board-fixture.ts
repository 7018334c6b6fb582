// A small nation drawn by hand: enough of everything that the API shows, and every cause that can limit a flow.

import type { Board, CrossingFlow, EdgeStatus, Standing } from '../../src/model/board.js'
import type { Explanation, LimitCode, LimitedBy, WouldBe } from '../../src/model/explanation.js'
import { BOOT_RATE, DEFAULT_TIMING, type Direction } from '../../src/model/network.js'
import type { FlowKind, Plan, PlanEdge, PlanFlow, PlanInstitution, PlanLink } from '../../src/model/plan.js'

const M = 1e6

interface Row {
  readonly institution: string
  readonly kind?: FlowKind
  readonly edge: string
  readonly direction: Direction
  readonly guarantee: number
  readonly ceiling: number
  readonly demand: number
  readonly need: number
  readonly limit: LimitCode
  readonly by?: string
}

const ROWS: readonly Row[] = [
  // Sorted by flow id, as compile leaves them.
  row('court-high-dodoma', 'dom-1', 'down', [10, 20, 30, 20], 'CEILING'),
  row('court-high-dodoma', 'dom-1', 'up', [10, 20, 4, 4], 'DEMAND'),
  row('hosp-mnh-upanga', 'dar-1', 'down', [60, 200, 48, 48], 'DEMAND'),
  row('hosp-mnh-upanga', 'dar-1', 'up', [30, 100, 40, 31], 'PENDING'),
  row('lga-kigoma', 'kgm-1', 'down', [8, 40, 12, 6], 'SAFE'),
  row('lga-kigoma', 'kgm-1', 'up', [8, 40, 9, 1], 'NO_PATH'),
  row('min-afya', 'dar-1', 'down', [20, 100, 80, 25], 'LINK', 'transit-a.down'),
  row('min-afya', 'dom-1', 'down', [20, 100, 40, 15], 'ENVELOPE', 'health'),
  row('min-elimu', 'dom-1', 'down', [20, 100, 60, 40], 'OVERRIDE', 'exam-week'),
  row('min-elimu', 'dom-1', 'up', [20, 100, 30, 30], 'OBSERVE'),
  row('uni-udsm', 'dar-1', 'down', [40, 400, 300, 30], 'LINK', 'transit-a.down'),
  row('uni-udsm', 'dar-1', 'up', [40, 400, 90, 50], 'PINNED'),
  { ...row('unmapped', 'dar-1', 'down', [0.064, 100, 3, 3], 'DEMAND'), kind: 'unmapped' },
  { ...row('unmapped', 'dar-1', 'up', [0.064, 100, 1, 1], 'DEMAND'), kind: 'unmapped' },
]

function row(
  institution: string,
  edge: string,
  direction: Direction,
  [guarantee, ceiling, demand, need]: readonly [number, number, number, number],
  limit: LimitCode,
  by?: string,
): Row {
  const rates = { guarantee: guarantee * M, ceiling: ceiling * M, demand: demand * M, need: need * M }
  return { institution, edge, direction, ...rates, limit, ...(by === undefined ? {} : { by }) }
}

const INSTITUTIONS = [
  ['court-high-dodoma', 'High Court, Dodoma', 'Mahakama Kuu, Dodoma', 'court', 'dodoma', 'court-high'],
  [
    'hosp-mnh-upanga',
    'Muhimbili National Hospital',
    'Hospitali ya Taifa Muhimbili',
    'hospital',
    'dar-es-salaam',
    'national',
  ],
  ['lga-kigoma', 'Kigoma District Council', 'Halmashauri ya Wilaya ya Kigoma', 'lga', 'kigoma', 'lga'],
  ['min-afya', 'Ministry of Health', 'Wizara ya Afya', 'ministry', 'dodoma', 'ministry'],
  ['min-elimu', 'Ministry of Education', 'Wizara ya Elimu', 'ministry', 'dodoma', 'ministry'],
  [
    'uni-udsm',
    '=University of Dar es Salaam',
    'Chuo Kikuu cha Dar es Salaam',
    'higher_education',
    'dar-es-salaam',
    'university',
  ],
] as const

const flowId = ({ institution, direction, edge, kind }: Row): string =>
  `${institution}/internet/${direction}${institution === 'min-afya' || kind === 'unmapped' ? `@${edge}` : ''}`

const flows: PlanFlow[] = ROWS.map((r) => ({
  id: flowId(r),
  kind: r.kind ?? 'institution',
  institution: r.institution,
  service: 'internet',
  direction: r.direction,
  edge: r.edge,
  tier: INSTITUTIONS.find(([id]) => id === r.institution)?.[5] ?? null,
  guarantee: r.guarantee,
  ceiling: r.ceiling,
  family: r.institution === 'min-afya' ? 0 : -1,
  envelope: r.institution === 'min-afya' && r.direction === 'down' ? 0 : -1,
  override: null,
  laidBy: null,
  record: { institution: 2, service: 0, direction: r.direction === 'down' ? 0 : 1 },
}))

const indicesOf = (keep: (r: Row) => boolean): number[] => ROWS.flatMap((r, i) => (keep(r) ? [i] : []))

const institutions: PlanInstitution[] = INSTITUTIONS.map(([id, en, sw, category, region, tier], i) => ({
  id,
  index: i + 2,
  name: { en, sw },
  category,
  region,
  tier,
  govnet: i !== 5,
  internet: true,
  envelope: id === 'min-afya' ? 'health' : null,
  labels: id === 'uni-udsm' ? { mkuu: 'Mlimani' } : {},
  edges: [...new Set(ROWS.filter((r) => r.institution === id).map((r) => r.edge))],
  flows: indicesOf((r) => r.institution === id),
}))

const edges: PlanEdge[] = [
  ['dar-1', 'Dar es Salaam 1', 'dar-es-salaam'],
  ['dom-1', 'Dodoma 1', 'dodoma'],
  ['kgm-1', 'Kigoma 1', 'kigoma'],
].map(([id = '', name = '', region = '']) => ({
  id,
  name: { en: name, sw: name },
  node: region,
  region,
  enforcement: 'enforce',
  pace: 'live',
  line: 'fibre',
  port: { down: 1000 * M, up: 1000 * M },
  sites: institutions
    .filter((institution) => institution.edges.includes(id))
    .map((institution) => ({
      id: `${institution.id}-${id}`,
      institution: institution.id,
      edge: id,
      prefixes: ['10.1.0.0/24', '2001:db8:1::/48'],
      vlan: null,
      access: { down: 1000 * M, up: 1000 * M },
    })),
  flows: indicesOf((r) => r.edge === id),
}))

function link(id: string, direction: Direction, more: Partial<PlanLink> & Pick<PlanLink, 'kind'>): PlanLink {
  const capacity = 150 * M
  return {
    id: `${id}.${direction}`,
    link: id,
    direction,
    from: 'outside',
    to: 'core-dar',
    capacity,
    room: capacity * 0.95,
    state: 'up',
    groups: ['cable-east'],
    virtual: false,
    ...more,
  }
}

const links: PlanLink[] = [
  link('transit-a', 'down', { kind: 'upstream', state: 'derated', room: 45 * M }),
  link('transit-a', 'up', { kind: 'upstream' }),
  link('dar-dom', 'down', { kind: 'backbone', from: 'core-dar', to: 'core-dom', groups: [] }),
  link('dar-dom', 'up', { kind: 'backbone', from: 'core-dar', to: 'core-dom', groups: [] }),
  link('health', 'down', { kind: 'envelope', room: 40 * M, virtual: true, groups: [] }),
]

const plan: Plan = {
  plane: 'taifa',
  name: { en: 'Test nation', sw: 'Taifa la majaribio' },
  demo: true,
  revision: 7,
  hash: 'sha256:0000',
  timing: DEFAULT_TIMING,
  demand: { margin: 1.15, threshold: 0.9 },
  timezone: 'Africa/Dar_es_Salaam',
  bootRate: BOOT_RATE,
  flows,
  flowIndex: new Map(flows.map(({ id }, i) => [id, i])),
  families: [{ institution: 'min-afya', service: 'internet', direction: 'down', flows: [6, 7], phi: [0.6, 0.4] }],
  envelopes: [
    {
      ...{ id: 'envelope.health/internet/down', envelope: 'health', service: 'internet', direction: 'down' },
      ...{ parent: -1, ceiling: 4, weight: null, guarantee: null },
    },
  ],
  links,
  institutions,
  edges,
  services: [{ id: 'internet', index: 0, name: { en: 'the internet', sw: 'intaneti' }, prefixes: [] }],
  classes: [],
  bands: [
    { id: 'committed', kind: 'guarantee', fill: 1 },
    { id: 'share', kind: 'share', fill: 1 },
  ],
  safe: Uint32Array.from(ROWS, (r) => Math.min(r.need, r.guarantee) / 1000),
  unreachable: new Set([5]),
  shortfalls: [],
  detours: [],
  warnings: [],
}

export function explanationOf(flow: number, code: LimitCode = ROWS[flow]!.limit): Explanation {
  const { guarantee, ceiling, demand, need, by } = ROWS[flow]!
  const promised = Math.min(guarantee, demand)
  return {
    flow: flows[flow]!.id,
    edge: flows[flow]!.edge,
    at: '2026-05-12T09:00:00.000Z',
    timezone: 'Africa/Dar_es_Salaam',
    revision: 7,
    seq: 4211,
    tier: flows[flow]!.tier,
    guarantee,
    ceiling,
    demand,
    ...{ atLeast: demand, estimatedSince: null, waits: false },
    need,
    rate: need * 1.5,
    computed: need,
    differs: 'KEPT',
    applied: need,
    arrived: null,
    carried: null,
    lastReport: '2026-05-12T08:58:40.000Z',
    atBox: { en: 'As at the box.', sw: 'Kama langoni.' },
    limitedBy: { code, id: by ?? null },
    with: [],
    behind: [],
    bands: [
      {
        band: 'committed',
        kind: 'guarantee',
        amount: Math.min(need, promised),
        cap: promised,
        level: 1,
        kept: Math.min(1, need / promised),
        bottleneck: need < promised ? (by ?? null) : null,
      },
      {
        band: 'share',
        kind: 'share',
        amount: Math.max(0, need - promised),
        cap: demand - promised,
        level: null,
        kept: null,
        bottleneck: by ?? null,
      },
    ],
    sharers: code === 'LINK' ? [{ flow: 'uni-udsm/internet/down', need: 30 * M, level: 0.75 }] : [],
    sharersTotal: code === 'LINK' ? 311 : 0,
    sharingInstitutions: code === 'LINK' ? 157 : 0,
    reserved: [],
    lift: code === 'LINK' ? { by: 'LINK', id: by ?? null } : { by: code === 'DEMAND' ? 'NOTHING' : 'WAIT', id: null },
  }
}

/** Downwards all flows cross the first link; of those of two edges each crosses it by half. */
const crossingOf = (link: number): CrossingFlow[] =>
  flows.flatMap(({ direction, family }, flow) =>
    link === 0 && direction === 'down' ? [{ flow, part: family < 0 ? 1 : 0.5 }] : [],
  )

function standingOf(flow: number): Standing | null {
  const { limit, guarantee, need } = ROWS[flow]!
  if (limit === 'PINNED' || limit === 'OBSERVE' || limit === 'SAFE' || limit === 'NO_PATH') return null
  if (need < guarantee) return { band: 'committed', kind: 'guarantee', level: need / guarantee, kept: need / guarantee }
  return { band: 'share', kind: 'share', level: 0.75e6, kept: null }
}

/** What a limited flow would need with room for all of its demand. */
export function whatIfOf(flow: number): WouldBe[] {
  const { limit, demand, need } = ROWS[flow]!
  if (limit !== 'LINK') return []
  return [
    { change: 'ROOM', by: demand - need, need: demand, losers: 0 },
    { change: 'WEIGHT', by: 2, need: need + (demand - need) / 2, losers: 3 },
  ]
}

const STATUS: readonly Pick<EdgeStatus, 'id' | 'state' | 'enforcement' | 'lag' | 'refusal'>[] = [
  { id: 'dar-1', state: 'FRESH', enforcement: 'enforce', lag: 0, refusal: null },
  { id: 'dom-1', state: 'FRESH', enforcement: 'observe', lag: 1, refusal: null },
  { id: 'kgm-1', state: 'SAFE', enforcement: 'enforce', lag: 40, refusal: { code: 'CHECKSUM', detail: 'crc' } },
]

/** At the box of dom-1, of the ministry that other edges serve too. */
const NOTICE = { code: 'PAST', subject: 'eth2', since: Date.UTC(2026, 0, 1), used: true } as const

const BYPASS = {
  institution: 'min-afya',
  since: Date.UTC(2026, 0, 1),
  until: Date.UTC(2026, 0, 2),
  reason: 'a fibre is cut',
}

const column = (read: (r: Row) => number): Float64Array => Float64Array.from(ROWS, read)

/** The board of one tick; `scale` multiplies what is asked and given, so that two ticks can be told apart. */
export function fixtureBoard({ seq = 4211, at = Date.UTC(2026, 0, 1), scale = 1 } = {}): Board {
  const serial = { epoch: 1795559707146, seq }
  return {
    plan,
    leader: 'ctl-1',
    leads: true,
    serial,
    at,
    learning: false,
    flows: {
      demand: column((r) => r.demand * scale),
      atLeast: column((r) => r.demand * scale),
      estimatedSince: column(() => Number.NaN),
      waits: new Uint8Array(ROWS.length),
      need: column((r) => r.need * scale),
      rate: column((r) => r.need * scale * 1.5),
      // What the edge in Kigoma does, nobody knows.
      applied: column((r) => (r.edge === 'kgm-1' ? Number.NaN : r.need * scale)),
      arrived: column((r) => (r.edge === 'kgm-1' ? Number.NaN : r.need * scale * 1.2)),
      carried: column((r) => (r.edge === 'kgm-1' ? Number.NaN : r.need * scale * 0.9)),
      limitedBy: ROWS.map((r): LimitedBy => ({ code: r.limit, id: r.by ?? null })),
    },
    links: {
      needLoad: Float64Array.from(links, ({ room }) => room * 0.7),
      load: Float64Array.from(links, ({ room }) => room * 0.9),
      arrived: Float64Array.from(links, () => Number.NaN),
      carried: Float64Array.from(links, () => Number.NaN),
      unheard: Float64Array.from(links, ({ room }) => room * 0.8),
      unmet: Float64Array.from(links, (_, l) => (l === 0 ? 325 * M : 0)),
      level: Float64Array.from(links, (_, l) => (l === 0 ? 0.75 : Number.NaN)),
    },
    edges: STATUS.map((status) => ({
      ...status,
      driver: 'simulated',
      simulated: true,
      agent: '0.1.0',
      intended: serial,
      applied: status.id === 'kgm-1' ? null : serial,
      lastReport: at - 200,
      leaseLeft: status.id === 'kgm-1' ? null : 59_800,
      confirmed: null,
      differsSince: null,
      unordered: null,
      ceased: false,
      unproven: false,
      bypasses: status.id === 'dom-1' ? [BYPASS] : [],
      place: `gw-${status.id}`,
      second: status.id === 'dom-1' ? { place: 'gw-copy', since: at - 5_000 } : null,
      notices: status.id === 'dom-1' ? [NOTICE] : [],
      uncounted: status.id === 'dom-1' ? { down: 0, up: 2_000_000 } : { down: 0, up: 0 },
      doubts: [],
    })),
    satisfied: { all: 2, short: 2, belowGuarantee: 2, maybeBelow: 0 },
    tick: { lastMs: 4.1, solveMs: 0.4, kept: 10, moved: 4 },
    certificate: { ok: true, checkedSeq: seq - 1 },
    excess: 0,
    inForce: () => [],
    explain: (flow) => explanationOf(flow),
    crossing: (link) => crossingOf(link),
    standing: (flow) => standingOf(flow),
    whatIf: async (flow) => whatIfOf(flow),
  }
}
