// The policy document: everything the people of a plane decide, as one value. This schema is the only description of
// its shape; the types of the whole policy stage are derived from it. It says what a field may hold; whether the parts
// agree with each other (a tier that exists, an envelope without a loop) is the business of validate.ts.
//
// Collections are objects keyed by id, so that one part has one address (/institutions/hosp-mnh-upanga) for a pointer,
// an edit and a diff. Order never matters but in `bands`, which is a list because its order is the policy.
//
// Rates are written "20Mbps" or as whole bit/s and are bit/s once parsed; defaults are filled in. The parsed document
// is what is stored, hashed and compiled: two spellings of one policy are one revision.

import { z } from 'zod'
import { NOUN_CLASSES } from '../model/concord.js'
import { BOOT_RATE, DEFAULT_TIMING, ENFORCEMENTS, LINE_PROFILES, PACES } from '../model/network.js'
import {
  MAX_BANDS,
  MAX_CLASSES,
  MAX_LEASE,
  MAX_PREFIXES_PER_SITE,
  MAX_SEGMENTS_PER_FLOW,
  MAX_SERVICES,
  MAX_TICK,
  MIN_TICK,
} from '../runtime/limits.js'
import { migrated, POLICY_SCHEMA } from './migrations.js'
import { calendar, guard, mode, policyTest, schedule } from './prepared.js'
import { fraction, id, labels, rate, ratePair, someLabels, text, weight, weightPair } from './scalars.js'

/** A failure the plane says it survives: what is cut or derated together, by link, directed link or group. */
const failure = z.strictObject({
  id,
  cut: z.array(id).default([]),
  /** Factor of the capacity that is left. */
  derate: z.record(id, z.number().gt(0).lt(1)).default({}),
})

/** An edge's own traffic that belongs to no institution; it is in the solve like any other. */
const ownTraffic = z.strictObject({ service: id, lifeline: rate, weight, ceiling: rate })

const plane = z.strictObject({
  id,
  name: text,
  timezone: z.string().default('Africa/Dar_es_Salaam'),
  /** A figure here is an assumption, not a decision of the operator: every page says DEMO. */
  demo: z.boolean().default(false),
  timing: z
    .strictObject({
      /** ms */
      tick: z.int().min(MIN_TICK).max(MAX_TICK).default(DEFAULT_TIMING.tick),
      /** ms */
      lease: z.int().positive().max(MAX_LEASE).default(DEFAULT_TIMING.lease),
      staleAfterTicks: z.int().min(1).max(100).default(DEFAULT_TIMING.staleAfterTicks),
    })
    .prefault({}),
  /** How demand is told from arrivals: see design, demand. */
  demand: z
    .strictObject({
      /** What is asked for is this much more than what arrives. */
      margin: z.number().gt(1).max(4).default(1.15),
      /** A flow whose arrivals reach this part of its rate is throttled. */
      threshold: z.number().gt(0).lt(1).default(0.9),
    })
    .prefault({}),
  /** What an edge without any memory shapes each site at. */
  bootRate: rate.default(BOOT_RATE),
  survive: z.array(failure).max(64).default([]),
  unmapped: ownTraffic,
  control: ownTraffic,
})

const node = z.strictObject({ name: text, region: id.nullable().default(null), labels: someLabels })

/** A shared-risk group: what fails together because it lies in one cable, duct or road. */
const group = z.strictObject({ name: text, labels: someLabels })

const link = z.strictObject({
  kind: z.enum(['upstream', 'exchange', 'backbone', 'uplink', 'datacentre']),
  /** Where both ends are inside: the end nearer to the outside. `.down` is from `from` to `to`. */
  from: id,
  to: id,
  capacity: ratePair,
  usable: fraction.default(1),
  /** Length for the shortest path; at least 1, so that a path never goes round in circles. */
  cost: z.int().min(1).max(1_000_000).default(1),
  groups: z.array(id).default([]),
  labels: someLabels,
})

const edge = z.strictObject({
  name: text,
  node: id,
  region: id,
  port: ratePair,
  /** New edges start by watching. */
  enforcement: z.enum(ENFORCEMENTS).default('observe'),
  pace: z.enum(PACES).default('live'),
  line: z.enum(LINE_PROFILES).default('fibre'),
  labels: someLabels,
})

export const SPLITS = ['by-capacity', 'equal', 'fixed', 'nearest'] as const

const service = z.strictObject({
  name: text,
  /** Number of the service in messages and in tc. Never changes, never reused. */
  index: z
    .int()
    .min(0)
    .max(MAX_SERVICES - 1),
  /** Which flag of an institution subscribes it. */
  members: z.enum(['internet', 'govnet', 'everyone']),
  /** Far prefixes; none: whatever no other service claims. */
  prefixes: z.array(z.string()).default([]),
  /** Links over which the service's traffic enters the plane, or else ... */
  via: z.array(id).default([]),
  /** ... nodes at which it ends. */
  at: z.array(id).default([]),
  split: z.enum(SPLITS).default('by-capacity'),
  /** Of split `fixed`: part of the traffic by link or node; they sum to 1. */
  fractions: z.record(id, fraction).default({}),
  labels: someLabels,
})

const band = z.strictObject({ id, kind: z.enum(['guarantee', 'share', 'headroom']), fill: fraction.default(1) })

const trafficClass = z.strictObject({
  name: text,
  /** Order and number of the class in messages and in tc. */
  index: z
    .int()
    .min(0)
    .max(MAX_CLASSES - 1),
  dscp: z.array(z.int().min(0).max(63)).default([]),
  weight,
  /** Part of the flow's rate that is promised to the class first. */
  guarantee: z.number().min(0).max(1).default(0),
})

const segment = z.strictObject({
  band: id,
  /** Guarantee bands. */
  size: rate.optional(),
  /** Share and headroom bands; in a guarantee band it multiplies the size. */
  weight: weight.optional(),
  /** Share bands: the flow's total at which this weight ends. The last segment of a band has none. */
  upTo: rate.optional(),
})

/** A bandwidth function: what a flow of the tier is promised, how it shares, and where it ends. */
const bandwidth = z.strictObject({ ceiling: rate, segments: z.array(segment).min(1).max(MAX_SEGMENTS_PER_FLOW) })
const bandwidthPair = z.strictObject({ down: bandwidth, up: bandwidth })
const tier = z.strictObject({ name: text, services: z.record(id, bandwidthPair), labels: someLabels })

const envelope = z.strictObject({
  name: text,
  parent: id.nullable().default(null),
  /** Most that all institutions below may use together, by service. */
  ceilings: z.record(id, ratePair).default({}),
  /** How it shares with what stands beside it, by service; absent: the sum of its members' first share weights. */
  weights: z.record(id, weightPair).default({}),
  /** What all institutions below are promised together, by service: in a guarantee band that no tier uses. */
  guarantees: z.record(id, z.strictObject({ band: id, size: ratePair })).default({}),
  labels: someLabels,
})

const institution = z.strictObject({
  name: text,
  category: id,
  region: id,
  tier: id,
  internet: z.boolean(),
  govnet: z.boolean(),
  envelope: id.nullable().default(null),
  /** Ceilings of this institution alone, by service, in place of its tier's. */
  ceilings: z.record(id, ratePair).optional(),
  /** Noun class of its Swahili name, for verbs to agree with, where the name's own words do not tell it. */
  nounClass: z.literal(NOUN_CLASSES).optional(),
  /** Whose history it goes on with: institutions that it was split from, or that were merged into it. */
  from: z.array(id).min(1).optional(),
  labels,
})

const site = z.strictObject({
  institution: id,
  edge: id,
  prefixes: z.array(z.string()).max(MAX_PREFIXES_PER_SITE).default([]),
  vlan: z.int().min(1).max(4094).nullable().default(null),
  access: ratePair,
  medium: z.enum(LINE_PROFILES).default('fibre'),
  labels,
})

const named = z.strictObject({ name: text, labels: someLabels })

const present = z.strictObject({
  schema: z.literal(POLICY_SCHEMA, {
    error: ({ input }) =>
      `this release reads policy documents of schema ${POLICY_SCHEMA}, found ${JSON.stringify(input) ?? 'none'}`,
  }),
  plane,
  regions: z.record(id, named),
  categories: z.record(id, named),
  nodes: z.record(id, node),
  groups: z.record(id, group).default({}),
  links: z.record(id, link),
  edges: z.record(id, edge),
  services: z.record(id, service),
  bands: z.array(band).min(1).max(MAX_BANDS),
  classes: z.record(id, trafficClass),
  tiers: z.record(id, tier),
  envelopes: z.record(id, envelope).default({}),
  institutions: z.record(id, institution),
  sites: z.record(id, site),
  /** Institutions that were closed, by the ids that are never used again. */
  former: z.record(id, named).optional(),
  calendars: z.record(id, calendar).default({}),
  schedules: z.record(id, schedule).default({}),
  modes: z.record(id, mode).default({}),
  guards: z.record(id, guard).default({}),
  tests: z.record(id, policyTest).default({}),
})

/** A policy of this or any earlier release. */
export const policySchema = z.preprocess((input) => migrated(input), present)

export type PolicyDocument = z.output<typeof policySchema>
export type PolicyInstitution = PolicyDocument['institutions'][string]
export type PolicySite = PolicyDocument['sites'][string]
export type PolicyLink = PolicyDocument['links'][string]
export type PolicyService = PolicyDocument['services'][string]
export type PolicyBand = PolicyDocument['bands'][number]
export type PolicySchedule = PolicyDocument['schedules'][string]
export type PolicyMode = PolicyDocument['modes'][string]
export type PolicyGuard = PolicyDocument['guards'][string]
export type PolicyFailure = PolicyDocument['plane']['survive'][number]
export type PolicyBandwidth = PolicyDocument['tiers'][string]['services'][string]['down']
export type PolicySegment = PolicyBandwidth['segments'][number]

/** Whether the institution is subscribed to the service. */
export function subscribes(institution: PolicyInstitution, service: PolicyService): boolean {
  return service.members === 'everyone' || institution[service.members]
}

/** Members in the order of their ids: nothing may depend on the order in which a file lists them. */
export function sortedEntries<T>(collection: Readonly<Record<string, T>>): [string, T][] {
  return Object.entries(collection).sort(([a], [b]) => (a < b ? -1 : 1))
}
