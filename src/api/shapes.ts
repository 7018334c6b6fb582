// Shapes of the answers, said once: the types of the views, the OpenAPI document and the tests all come from here.
// Rates are whole bit/s at layer 2; times are UTC with Z.

import { LIMIT_CODES } from '../model/explanation.js'
import { LEASE_STATES, REFUSALS } from '../model/lease.js'
import { DIRECTIONS, ENFORCEMENTS, LINE_PROFILES, LINK_KINDS, PACES } from '../model/network.js'
import { NOTICES } from '../model/notice.js'
import * as z from '../runtime/zod.js'
import { heldShape } from './in-force/in-force-shapes.js'

export const rate = z.int().nonnegative().describe('bit/s')
/** Null: not known, such as what an edge applies before its first report. */
export const knownRate = rate.nullable()
export const count = z.int().nonnegative()
export const time = z.iso.datetime()
export const text = z.strictObject({ en: z.string(), sw: z.string() })
export const direction = z.enum(DIRECTIONS)
export const limitedBy = z.strictObject({ code: z.enum(LIMIT_CODES), id: z.string().nullable() })
const serial = z.strictObject({ epoch: z.string(), seq: count })

export const pageOf = <Item extends z.ZodType>(item: Item) =>
  z.strictObject({ items: z.array(item), nextPageToken: z.string().nullable() })

const alarm = z.strictObject({
  id: z.string(),
  code: z.string(),
  severity: z.string(),
  subject: z.string(),
  since: time,
  gone: time.nullable().describe('Since when it is not found any more: it ends unless it comes back'),
  detail: text,
  remedy: text,
  acknowledgedBy: z.string().nullable(),
})

export const statusShape = z
  .strictObject({
    plane: z.string(),
    name: text,
    demo: z.boolean(),
    version: z.string(),
    leader: z.string(),
    leads: z.boolean(),
    learning: z.boolean(),
    epoch: z.string(),
    seq: count,
    at: time,
    revision: count,
    hash: z.string(),
    institutions: count,
    govnetMembers: count,
    edges: z.strictObject({
      total: count,
      fresh: count,
      stale: count,
      safe: count,
      unknown: count,
      simulated: count,
    }),
    enforcement: z.strictObject({
      ...{ observe: count, enforce: count, hold: count, bypass: count },
      keepsEarlier: count.describe('Of those that enforce: they keep earlier rates, and take no new ones now'),
    }),
    timezone: z.string().describe('IANA name: the zone of times that people read and write'),
    ...heldShape,
    satisfied: z.strictObject({
      ...{ all: count, short: count },
      belowGuarantee: count.describe('By what was seen to be asked'),
      maybeBelow: count.describe('Others that would be below it if they ask as much as is estimated'),
    }),
    shortest: z
      .array(
        z.strictObject({ institution: z.string(), name: text, unmet: rate, belowGuarantee: z.boolean(), limitedBy }),
      )
      .describe(
        'The institutions that miss most of what they ask, at most ten; restricted ones may be a sum after them',
      ),
    tick: z.strictObject({ lastMs: z.number(), solveMs: z.number(), kept: count, moved: count }),
    certificate: z.strictObject({ ok: z.boolean(), checkedSeq: count }),
    warnings: z.array(z.string()),
    services: z.array(z.strictObject({ id: z.string(), name: text })).describe('In the order of the plane'),
    alarms: z.array(alarm).describe('What is wrong now, the newest first'),
  })
  .meta({ id: 'Status' })

/** What edges count, where they count it. Null: of an edge that says nothing now. */
export const heard = {
  arrived: knownRate.describe('What arrives at the edge, before the shaper'),
  carried: knownRate.describe('What is carried: what the shaper lets through'),
  measured: knownRate.meta({ description: 'What is carried, under its former name', deprecated: true }),
}
export const lastReport = time.nullable().describe('When the edge said last what it applies')

const belowGuarantee = z
  .boolean()
  .describe('It has less than its guarantee and asked for more than it has; what is only estimated does not count')

/** Of a demand: how much of it was seen. */
export const estimate = {
  atLeast: rate.describe('Of the demand, what was seen to be asked: the last before it was an estimate, or since'),
  estimatedSince: time
    .nullable()
    .describe('Since then the demand is an estimate, for the rate decides what arrives; null: it was seen'),
  waits: z.boolean().describe('Packets wait for the rate or were dropped: more is asked than it has'),
}

const amounts = {
  demand: rate.describe('What is asked of the allocation: what arrives with a margin, an idle floor, and probing'),
  ...estimate,
  need: rate,
  rate,
  applied: knownRate.describe('What the edge applied when it reported last'),
  ...heard,
  unmet: rate,
  limitedBy,
}

export const flowShape = z
  .strictObject({ service: z.string(), direction, guarantee: rate, ceiling: knownRate, ...amounts, belowGuarantee })
  .meta({ id: 'Flow' })

const institution = {
  id: z.string(),
  name: text,
  category: z.string(),
  region: z.string(),
  tier: z.string(),
  govnet: z.boolean(),
  internet: z.boolean(),
  envelope: z.string().nullable(),
  labels: z.record(z.string(), z.string()),
  edges: z.array(z.string()),
}
export const institutionShape = z
  .strictObject({ ...institution, flows: z.array(flowShape) })
  .meta({ id: 'Institution' })

export const figuresShape = z
  .strictObject({
    id: z.string(),
    guarantee: rate,
    demand: rate,
    estimatedSince: estimate.estimatedSince,
    belowGuarantee,
    need: rate,
    carried: knownRate,
    unmet: rate,
    limitedBy,
  })
  .meta({ id: 'Figures' })

const site = {
  id: z.string(),
  edge: z.string(),
  prefixes: z.array(z.string()),
  vlan: z.int().nullable(),
  access: z.strictObject({ down: rate, up: rate }),
}
export const institutionDetailShape = z
  .strictObject({
    ...institution,
    sites: z.array(z.strictObject(site)),
    flows: z.array(
      flowShape.extend({
        parts: z
          .array(z.strictObject({ edge: z.string(), ...amounts, lastReport }))
          .describe('One for each edge that serves it'),
      }),
    ),
  })
  .meta({ id: 'InstitutionDetail' })

export const allocationShape = z
  .strictObject({
    id: z.string(),
    kind: z.enum(['institution', 'unmapped', 'control']),
    institution: z.string(),
    service: z.string(),
    direction,
    edge: z.string(),
    tier: z.string().nullable(),
    guarantee: rate,
    ceiling: knownRate,
    safe: rate,
    ...amounts,
  })
  .meta({ id: 'Allocation' })

export const unmappedShape = z
  .strictObject({ id: z.string(), edge: z.string(), direction, ...amounts })
  .meta({ id: 'Unmapped' })

const link = {
  id: z.string(),
  link: z.string(),
  direction,
  kind: z.enum(LINK_KINDS),
  from: z.string(),
  to: z.string(),
  groups: z.array(z.string()),
  capacity: rate,
  usable: rate,
  needLoad: rate,
  load: rate,
  arrived: knownRate.describe('What arrives at the edges of the flows that cross it'),
  carried: knownRate.describe(
    'What it carries: downwards what arrives at the edges behind it, upwards what they let by',
  ),
  measured: heard.measured,
  measuredBy: z
    .enum(['counter', 'edges'])
    .describe("Who says what it carries: the network's own counter, or the edges"),
  unheard: rate.describe('What flows may bring besides whose edges say nothing now: granted, or brought last'),
  unmet: rate,
  level: z.number().nullable(),
  state: z.enum(['up', 'derated', 'down']),
}
export const linkShape = z.strictObject(link).meta({ id: 'Link' })
export const linkDetailShape = z
  .strictObject({
    ...link,
    limits: z.strictObject({
      total: count,
      flows: z.array(
        z.strictObject({
          ...{ id: z.string(), demand: rate, need: rate, rate },
          estimatedSince: estimate.estimatedSince,
        }),
      ),
    }),
  })
  .meta({ id: 'LinkDetail' })

export const nodeShape = z
  .strictObject({
    id: z.string(),
    name: text,
    region: z.string().nullable(),
    at: z
      .tuple([z.number(), z.number()])
      .nullable()
      .describe('Where it stands in the picture, x to the right and y down; null: the plane does not say'),
  })
  .meta({ id: 'Node' })

export const envelopeShape = z
  .strictObject({
    id: z.string(),
    envelope: z.string(),
    service: z.string(),
    direction,
    ceiling: rate.nullable(),
    guarantee: rate.nullable(),
    weight: z.number().nullable(),
    needLoad: rate,
    load: rate,
    unmet: rate,
    level: z.number().nullable(),
    members: count,
  })
  .meta({ id: 'Envelope' })

const edge = {
  id: z.string(),
  name: text,
  region: z.string(),
  node: z.string(),
  state: z.enum([...LEASE_STATES, 'UNKNOWN']),
  enforcement: z.enum(ENFORCEMENTS),
  pace: z.enum(PACES),
  line: z.enum(LINE_PROFILES),
  driver: z.string().nullable(),
  simulated: z.boolean(),
  agent: z.string().nullable(),
  intended: serial.nullable(),
  applied: serial.nullable(),
  lag: count.describe('Publications since the one it has applied, up to the last that told it something new'),
  lastReport,
  leaseLeftMs: z.int().nullable().describe('As the controller knows it; the clock of the edge decides'),
  refusal: z.strictObject({ code: z.enum(REFUSALS), detail: z.string() }).nullable(),
  bypasses: z
    .array(z.strictObject({ institution: z.string().nullable(), since: time, until: time, reason: z.string() }))
    .describe('Limits lifted at the box, by whom stands there; institution null: all'),
  place: z.string().nullable().describe('Where its agent says that it is'),
  second: z
    .strictObject({ place: z.string().nullable(), since: time })
    .nullable()
    .describe('Another agent that speaks as this edge; it is told nothing'),
  notices: z
    .array(z.strictObject({ code: z.enum(NOTICES), subject: z.string(), since: time, used: z.boolean() }))
    .describe('What the edge has found around it; used false: possible and not so yet'),
  uncounted: z.strictObject({ down: rate, up: rate }).describe('What passes it in no class, as it says'),
  confirmed: z
    .strictObject({ revision: count, at: time, by: z.string() })
    .nullable()
    .describe('Of a static edge: what a person said is in force'),
  differsSince: time.nullable().describe('Since when a paced or static edge has not had what it should have'),
  port: z.strictObject({ down: rate, up: rate }),
  institutions: count,
  flows: count,
}
export const edgeShape = z.strictObject(edge).meta({ id: 'Edge' })
export const edgeDetailShape = z
  .strictObject({
    ...edge,
    sites: z.array(z.strictObject({ ...site, institution: z.string() })),
    totals: z.record(direction, z.strictObject({ demand: rate, need: rate, rate, applied: rate, ...heard })),
  })
  .meta({ id: 'EdgeDetail' })

export const enforcementShape = z
  .strictObject({
    edge: z.string(),
    before: z.enum(ENFORCEMENTS),
    enforcement: z.enum(ENFORCEMENTS),
    until: time.nullable(),
    dryRun: z.boolean(),
    limited: z
      .array(z.strictObject({ institution: z.string(), service: z.string(), direction, demand: rate, rate }))
      .describe('Who asks for more than the rate in force: whom "enforce" limits, whom "bypass" lets through'),
  })
  .meta({ id: 'EnforcementOutcome' })

export type Status = z.infer<typeof statusShape>
export type FlowView = z.infer<typeof flowShape>
export type InstitutionView = z.infer<typeof institutionShape>
export type FiguresView = z.infer<typeof figuresShape>
export type InstitutionDetail = z.infer<typeof institutionDetailShape>
export type AllocationView = z.infer<typeof allocationShape>
export type UnmappedView = z.infer<typeof unmappedShape>
export type LinkView = z.infer<typeof linkShape>
export type LinkDetail = z.infer<typeof linkDetailShape>
export type NodeView = z.infer<typeof nodeShape>
export type EnvelopeView = z.infer<typeof envelopeShape>
export type EdgeView = z.infer<typeof edgeShape>
export type EdgeDetail = z.infer<typeof edgeDetailShape>
