// What was bought and what was promised in writing: contracts of upstreams and lines, agreements with institutions, and
// the rules by which what a contract costs is shared. No amount of money stands here, on purpose: the policy is read,
// compared, exported and put back by people who are not to see prices, and its hash is public. Prices are kept in a
// book of their own (ledger/price-book.ts), by the ids that are given here.

import { MAX_NAME_LENGTH } from '../../runtime/limits.js'
import * as z from '../../runtime/zod.js'
import { clock, date } from './prepared.js'
import { fraction, id, rate, ratePair, someLabels, text } from './scalars.js'

/** Which direction counts: the larger percentile of the two, or one of them. */
export const COUNTS = ['greater', 'down', 'up'] as const
export type Counts = (typeof COUNTS)[number]
/** On which scales institutions are weighed where a cost is shared. */
export const SHARED_BY = ['promise', 'percentile', 'volume', 'tier-price'] as const
export type SharedBy = (typeof SHARED_BY)[number]

const words = z.string().trim().min(1, 'expected a text').max(MAX_NAME_LENGTH)
const until = date.nullable().default(null).describe('The last day on which it holds; null: no end is agreed')

const contract = z
  .strictObject({
    name: text,
    provider: words.describe('Who is paid'),
    links: z
      .array(id)
      .min(1)
      .max(64)
      .describe('What it pays for: links; shared-risk groups, for all links in them; sites, for their access lines'),
    capacity: ratePair.describe('What may be used'),
    committed: rate.default(0).describe('What is paid for whatever is carried; 0: nothing is'),
    percent: z
      .number()
      .gt(0)
      .max(100)
      .multipleOf(0.1, 'expected one decimal at most')
      .default(95)
      .describe('Percentile of the five-minute means that is billed, by nearest rank'),
    counts: z.enum(COUNTS).default('greater').describe('Which direction is billed: the greater percentile, or one'),
    monthFrom: z.int().min(1).max(28).default(1).describe('Day on which its billing month begins'),
    timezone: z.string().optional().describe("IANA time zone of its billing month; absent: the plane's"),
    from: date.describe('The first day on which it holds'),
    until,
    leadDays: z.int().min(0).max(1_000).default(0).describe('Days from ordering a change to having it'),
    services: z
      .array(id)
      .min(1)
      .optional()
      .describe('Services that it carries; absent: those that enter by its links, or all where none does'),
    sharing: id.nullable().default(null).describe('The rule by which its cost is shared; null: nobody is charged'),
    documents: z.array(words).max(64).default([]).describe('References of documents'),
    labels: someLabels,
  })
  .meta({ id: 'PolicyContract', description: 'What is bought of a provider. Its price stands in the price book' })

const agreement = z
  .strictObject({
    institution: id.describe('With whom'),
    reference: words.describe('The reference of the document'),
    from: date.describe('The first day on which it holds'),
    until,
    tier: id.describe('The tier that was promised'),
    services: z.array(id).min(1).describe('The services that were promised'),
    attainment: fraction
      .default(0.99)
      .describe('Part of the time in which what the tier guarantees is to be kept, where it is asked for'),
    signatory: words.describe('Who signed for the institution'),
    budget: words.optional().describe('The budget code that it is paid from'),
    labels: someLabels,
  })
  .meta({ id: 'PolicyAgreement', description: 'What was agreed with an institution. In a sheet, a row each' })

const sharingPart = z.strictObject({
  by: z
    .enum(SHARED_BY)
    .describe('promise: what was guaranteed; percentile, volume: what was carried; tier-price: the price of the tier'),
  share: fraction.multipleOf(0.0001, 'expected four decimals at most').describe('Part of the cost that is shared so'),
})

const sharing = z
  .strictObject({
    name: text,
    parts: z.array(sharingPart).min(1).max(SHARED_BY.length).describe('Its parts; their shares sum to 1'),
    free: z
      .strictObject({
        from: clock.describe("Time of day at which it begins, in the contract's time zone"),
        until: clock.describe('Time of day at which it ends; at or before `from`: on the next day'),
        tiers: z.array(id).min(1).describe('Tiers whose traffic of these hours is not counted'),
      })
      .optional()
      .describe('Hours in which what is carried costs these tiers nothing; absent: none'),
    labels: someLabels,
  })
  .meta({ id: 'PolicySharing', description: 'By what the cost of a contract is shared among those who use it' })

/** The collections of the policy that the ledger reads. A document that was written without them stays the same. */
export const contractCollections = {
  contracts: z.record(id, contract).optional().describe('What is bought of providers, by id'),
  agreements: z.record(id, agreement).optional().describe('What was agreed with institutions, by id'),
  sharing: z.record(id, sharing).optional().describe('Rules by which costs are shared, by id'),
}

export type PolicyContract = z.output<typeof contract>
export type PolicyAgreement = z.output<typeof agreement>
export type PolicySharing = z.output<typeof sharing>
