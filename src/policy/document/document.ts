// The policy document: everything the people of a plane decide, as one value. This schema is the only description of
// its shape; the types of the whole policy stage, `mizani explain-policy` and the description of the API are derived
// from it, so a field without a `describe` is a fault (a test walks it). It says what a field may hold; whether the
// parts agree with each other (a tier that exists, an envelope without a loop) is the business of validate.ts.
//
// Collections are objects keyed by id, so that one part has one address (/institutions/hosp-mnh-upanga) for a pointer,
// an edit and a diff. Order never matters but in `bands`, which is a list because its order is the policy.
//
// Rates are written "20Mbps" or as whole bit/s and are bit/s once parsed; defaults are filled in. The parsed document
// is what is stored, hashed and compiled: two spellings of one policy are one revision.

import { NOUN_CLASSES } from '../../model/concord.js'
import { BOOT_RATE, DEFAULT_TIMING, ENFORCEMENTS, LINE_PROFILES, PACES } from '../../model/network.js'
import {
  MAX_BANDS,
  MAX_CLASSES,
  MAX_LEASE,
  MAX_PREFIXES_PER_SITE,
  MAX_SEGMENTS_PER_FLOW,
  MAX_SERVICES,
  MAX_TICK,
  MIN_TICK,
} from '../../runtime/limits.js'
import * as z from '../../runtime/zod.js'
import { contractCollections } from './contracts.js'
import { migrated, POLICY_SCHEMA } from './migrations.js'
import { calendar, guard, mode, policyTest, schedule } from './prepared.js'
import { former, restricted } from './restricted.js'
import { fraction, id, labels, named, rate, ratePair, someLabels, text, weight, weightPair } from './scalars.js'

const part = z.number().gt(0).lt(1)

const failure = z
  .strictObject({
    id: id.describe('Its name in messages'),
    cut: z.array(id).default([]).describe('What is cut: links, directed links such as transit-a.down, or groups'),
    derate: z
      .record(id, part)
      .default({})
      .describe('What is left of a capacity, by link, directed link or group: 0.5 is half'),
  })
  .meta({
    id: 'PolicyFailure',
    description: 'A failure that the plane says it survives: what is cut or derated together',
  })

const ownTraffic = z
  .strictObject({
    service: id.describe('The service it counts as'),
    lifeline: rate.describe('What it is promised at each edge, in the first band'),
    weight: weight.describe('How it shares what is left, beside the weights of tiers'),
    ceiling: rate.describe('The most it gets at each edge'),
  })
  .meta({
    id: 'PolicyOwnTraffic',
    description: "An edge's own traffic that belongs to no institution; in the solve like any other",
  })

const timing = z.strictObject({
  tick: z.int().min(MIN_TICK).max(MAX_TICK).default(DEFAULT_TIMING.tick).describe('ms between two allocations'),
  lease: z
    .int()
    .positive()
    .max(MAX_LEASE)
    .default(DEFAULT_TIMING.lease)
    .describe('ms that an edge keeps its rates without hearing anything; then it falls back to its safe rates'),
  staleAfterTicks: z
    .int()
    .min(1)
    .max(100)
    .default(DEFAULT_TIMING.staleAfterTicks)
    .describe('Ticks without a report after which an edge counts as stale'),
})

const estimation = z.strictObject({
  margin: z
    .number()
    .gt(1)
    .max(4)
    .default(1.15)
    .describe('What is asked for is this much more than what arrives: a factor'),
  threshold: part
    .default(0.9)
    .describe('A flow whose arrivals reach this part of its rate is throttled, and asks for more'),
})

const plane = z
  .strictObject({
    id: id.describe('Its name, also that of its keys in Redis. It never changes'),
    name: text.describe('What people call it'),
    timezone: z.string().default('Africa/Dar_es_Salaam').describe('IANA time zone of schedules, guards and reports'),
    demo: z
      .boolean()
      .default(false)
      .describe('A figure here is an assumption, not a decision of the operator: every page says DEMO'),
    timing: timing.prefault({}).describe('The clockwork'),
    demand: estimation.prefault({}).describe('How demand is told from what arrives'),
    bootRate: rate.prefault(BOOT_RATE).describe('What an edge without any memory shapes each site at'),
    survive: z
      .array(failure)
      .max(64)
      .default([])
      .describe('Failures in which all safe rates together still fit every link'),
    unmapped: ownTraffic.describe('At each edge: traffic of addresses that no site has'),
    control: ownTraffic.describe("At each edge: the gateway's own traffic (management, routing, its Redis)"),
  })
  .meta({ id: 'PolicyPlane', description: 'The plane itself: its name, its clockwork, what it survives' })

const node = z
  .strictObject({
    name: text,
    region: id.nullable().default(null).describe('Region it lies in; null: none, such as the far end of upstreams'),
    at: z
      .tuple([z.number(), z.number()])
      .optional()
      .describe('Where it stands in the picture of the network: x to the right and y down, in any unit'),
    labels: someLabels,
  })
  .meta({ id: 'PolicyNode', description: 'A place where links meet' })

const group = z.strictObject({ name: text, labels: someLabels }).meta({
  id: 'PolicyGroup',
  description: 'A shared-risk group: what fails together because it lies in one cable, duct or road',
})

const link = z
  .strictObject({
    kind: z
      .enum(['upstream', 'exchange', 'backbone', 'uplink', 'datacentre'])
      .describe('What it is. The far end of an upstream or exchange is no corridor'),
    from: id.describe('Node at one end: the one nearer to the outside. `.down` is from `from` to `to`'),
    to: id.describe('Node at the other end'),
    capacity: ratePair.describe('What is built'),
    usable: fraction.default(1).describe('Part of the capacity that may be promised and used'),
    cost: z
      .int()
      .min(1)
      .max(1_000_000)
      .default(1)
      .describe('Length for the shortest path; at least 1, so that a path never goes round in circles'),
    groups: z.array(id).default([]).describe('Shared-risk groups it lies in'),
    labels: someLabels,
  })
  .meta({ id: 'PolicyLink', description: 'A line between two nodes, in both directions' })

const edge = z
  .strictObject({
    name: text,
    node: id.describe('Node it stands at'),
    region: id.describe('Region it stands in: engineers may be scoped to one'),
    port: ratePair.describe('Its port towards the node, of all its lines together'),
    ports: z
      .record(id, ratePair)
      .optional()
      .describe('Its lines by name, where it has several: what is left of `port` when one of them is cut or derated'),
    enforcement: z
      .enum(ENFORCEMENTS)
      .default('observe')
      .describe('observe: counts and delays nothing; enforce; hold: keeps what it has; bypass: lets all through'),
    pace: z
      .enum(PACES)
      .default('live')
      .describe(
        'live: new rates each tick; paced: seldom, for slow devices; static: written and confirmed by a person',
      ),
    line: z.enum(LINE_PROFILES).default('fibre').describe('What it is reached over: says how patient we are'),
    labels: someLabels,
  })
  .meta({ id: 'PolicyEdge', description: 'A gateway that enforces rates for the sites behind it' })

const SPLITS = ['by-capacity', 'equal', 'fixed', 'nearest'] as const

const service = z
  .strictObject({
    name: text,
    index: z
      .int()
      .min(0)
      .max(MAX_SERVICES - 1)
      .describe('Its number in messages and in tc. It never changes and is never used again'),
    members: z.enum(['internet', 'govnet', 'everyone']).describe('Which flag of an institution subscribes it'),
    prefixes: z.array(z.string()).default([]).describe('Far prefixes; none: whatever no other service claims'),
    via: z.array(id).default([]).describe('Links over which its traffic enters the plane; or else `at`'),
    at: z.array(id).default([]).describe('Nodes at which it ends; or else `via`'),
    split: z.enum(SPLITS).default('by-capacity').describe('How traffic is divided over several links or nodes'),
    fractions: z
      .record(id, fraction)
      .default({})
      .describe('Of split `fixed`: part of the traffic by link or node; they sum to 1'),
    labels: someLabels,
  })
  .meta({ id: 'PolicyService', description: 'What is reached, told by the far address; the longest prefix wins' })

const band = z
  .strictObject({
    id: id.describe('Its name'),
    kind: z
      .enum(['guarantee', 'share', 'headroom'])
      .describe('guarantee: promised sizes; share: by weight up to demand; headroom: what is free, for a burst'),
    fill: fraction.default(1).describe('Part of each link that may be filled in this band'),
  })
  .meta({ id: 'PolicyBand', description: 'A step of the order in which bandwidth is handed out' })

const trafficClass = z
  .strictObject({
    name: text,
    index: z
      .int()
      .min(0)
      .max(MAX_CLASSES - 1)
      .describe('Its order, and its number in messages and in tc. It never changes and is never used again'),
    dscp: z.array(z.int().min(0).max(63)).default([]).describe('Code points (RFC 4594) of its packets'),
    weight: weight.describe('How it shares what the guarantees of the classes leave'),
    guarantee: z.number().min(0).max(1).default(0).describe("Part of the flow's rate that it gets first"),
  })
  .meta({ id: 'PolicyClass', description: 'A traffic class inside one flow, told by DSCP' })

const segment = z
  .strictObject({
    band: id.describe('The band it stands in'),
    size: rate.optional().describe('Guarantee bands: what is promised'),
    weight: weight
      .optional()
      .describe('Share and headroom bands: how it shares; in a guarantee band it multiplies the size'),
    upTo: rate
      .optional()
      .describe("Share bands: the flow's total at which this weight ends. The last segment of a band has none"),
  })
  .meta({ id: 'PolicySegment', description: 'One step of a bandwidth function' })

const bandwidth = z
  .strictObject({
    ceiling: rate.describe('The most the flow ever gets'),
    segments: z
      .array(segment)
      .min(1)
      .max(MAX_SEGMENTS_PER_FLOW)
      .describe('In the order of the bands. The guarantee is the sum of the sizes'),
  })
  .meta({
    id: 'PolicyBandwidth',
    description: 'A bandwidth function: what a flow is promised, how it shares, where it ends',
  })
const bandwidthPair = z.strictObject({
  down: bandwidth.describe('Towards the institution'),
  up: bandwidth.describe('From the institution'),
})
const tier = z
  .strictObject({
    name: text,
    services: z.record(id, bandwidthPair).describe('By service: every service that its institutions take'),
    labels: someLabels,
  })
  .meta({ id: 'PolicyTier', description: 'What an institution of this tier is promised, and how it shares the rest' })

const envelopeGuarantee = z.strictObject({
  band: id.describe('A guarantee band that no tier uses'),
  size: ratePair.describe('What they are promised together'),
})
const envelope = z
  .strictObject({
    name: text,
    parent: id.nullable().default(null).describe('The envelope around it; null: none'),
    ceilings: z.record(id, ratePair).default({}).describe('Most that all institutions below use together, by service'),
    weights: z
      .record(id, weightPair)
      .default({})
      .describe(
        "How it shares with what stands beside it, by service; absent: the sum of its members' first share weights",
      ),
    guarantees: z
      .record(id, envelopeGuarantee)
      .default({})
      .describe('What all institutions below are promised together, by service'),
    labels: someLabels,
  })
  .meta({
    id: 'PolicyEnvelope',
    description: 'A group of institutions, such as a ministry with all below it, that shares as one',
  })

const institution = z
  .strictObject({
    name: text,
    category: id.describe('What kind of body it is: one of `categories`'),
    region: id.describe('Where it sits: one of `regions`'),
    tier: id.describe('What it is promised: one of `tiers`'),
    internet: z.boolean().describe('Whether it takes the services whose members are `internet`'),
    govnet: z.boolean().describe('Whether it takes the services whose members are `govnet`'),
    envelope: id.nullable().default(null).describe('The envelope it belongs to; null: none'),
    ceilings: z
      .record(id, ratePair)
      .optional()
      .describe("Ceilings of this institution alone, by service, in place of its tier's"),
    nounClass: z
      .literal(NOUN_CLASSES)
      .optional()
      .describe('Noun class of its Swahili name, for verbs to agree with, where the name does not tell it'),
    from: z
      .array(id)
      .min(1)
      .optional()
      .describe('Whose history it goes on with: those it was split from, or that were merged into it'),
    restricted,
    labels,
  })
  .meta({
    id: 'PolicyInstitution',
    description: 'A public body that receives bandwidth. In institutions.csv, a row each',
  })

const routerInterface = z
  .string()
  .regex(/^[A-Za-z][A-Za-z-]*[0-9][0-9/.:]{0,31}$/, 'expected the name of an interface, such as GigabitEthernet0/0/2')
  .describe('Where a router that is configured by hand has it: a routed port or a subinterface, all of it this site')

const site = z
  .strictObject({
    institution: id.describe('Whose site it is'),
    edge: id.describe('The edge that enforces its rates'),
    prefixes: z
      .array(z.string())
      .max(MAX_PREFIXES_PER_SITE)
      .default([])
      .describe('Its networks, IPv4 or IPv6. Without any, and without a VLAN, no gateway can tell its traffic'),
    vlan: z.int().min(1).max(4094).nullable().default(null).describe('Its VLAN at the edge; null: told by prefix'),
    interface: routerInterface.optional(),
    access: ratePair.describe('Its access line (columns down and up of sites.csv)'),
    medium: z.enum(LINE_PROFILES).default('fibre').describe('What its access line is made of'),
    labels,
  })
  .meta({ id: 'PolicySite', description: 'Where an institution meets an edge. In sites.csv, a row each' })

/** The present shape, as it is documented; `policySchema` reads earlier ones too. */
export const policyShape = z
  .strictObject({
    schema: z
      .literal(POLICY_SCHEMA, {
        error: ({ input }) =>
          `this release reads policy documents of schema ${POLICY_SCHEMA}, found ${JSON.stringify(input) ?? 'none'}`,
      })
      .describe('Version of the shape of this document'),
    plane: plane.describe('The plane itself: its name, its clockwork, what it survives'),
    regions: z.record(id, named).describe('Regions that institutions, nodes and edges lie in, by id'),
    categories: z.record(id, named).describe('Kinds of institutions, by id'),
    nodes: z.record(id, node).describe('Where links meet, by id'),
    groups: z.record(id, group).default({}).describe('Shared-risk groups (cables, ducts, roads), by id'),
    links: z.record(id, link).describe('Lines between nodes, by id'),
    edges: z.record(id, edge).describe('Gateways that enforce, by id'),
    services: z.record(id, service).describe('What is reached: the internet, government systems, data centres; by id'),
    bands: z
      .array(band)
      .min(1)
      .max(MAX_BANDS)
      .describe(
        'The order in which bandwidth is handed out; each band gives, weighted max-min fair, what those before it left',
      ),
    classes: z.record(id, trafficClass).describe('Traffic classes inside one flow, by id'),
    tiers: z.record(id, tier).describe('What is promised and how the rest is shared, by id'),
    envelopes: z.record(id, envelope).default({}).describe('Groups of institutions that share as one, by id'),
    institutions: z.record(id, institution).describe('Public bodies that receive bandwidth, by id'),
    sites: z.record(id, site).describe('Where institutions meet edges, by id'),
    former: z
      .record(id, former)
      .optional()
      .describe('Institutions that were closed, by the ids that are never used again'),
    calendars: z.record(id, calendar).default({}).describe('Days with a name: holidays, examinations; by id'),
    schedules: z.record(id, schedule).default({}).describe('Changes that hold at hours of the week, by id'),
    modes: z.record(id, mode).default({}).describe('Prepared sets of changes that one word switches on, by id'),
    guards: z.record(id, guard).default({}).describe('Which changes of the policy need a second person, by id'),
    tests: z.record(id, policyTest).default({}).describe('What must stay true whatever is changed, by id'),
    ...contractCollections,
  })
  .meta({ id: 'Policy', description: 'The whole policy of a plane' })

/** A policy of this or any earlier release. */
export const policySchema = z.preprocess((input) => migrated(input), policyShape)

export type PolicyDocument = z.output<typeof policySchema>
export type PolicyInstitution = PolicyDocument['institutions'][string]
export type PolicySite = PolicyDocument['sites'][string]
export type PolicyLink = PolicyDocument['links'][string]
export type PolicyService = PolicyDocument['services'][string]
export type PolicyBand = PolicyDocument['bands'][number]
export type PolicySchedule = PolicyDocument['schedules'][string]
export type PolicyGuard = PolicyDocument['guards'][string]
export type PolicyFailure = PolicyDocument['plane']['survive'][number]
export type PolicyBandwidth = PolicyDocument['tiers'][string]['services'][string]['down']
export type PolicySegment = PolicyBandwidth['segments'][number]
