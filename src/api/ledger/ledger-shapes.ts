// Shapes of the ledger's answers. An amount stands below `charges`, `totals` or in the price book, and nowhere else:
// who may not see prices is answered null there.

import * as z from '../../runtime/zod.js'
import { count, text, time } from '../shapes.js'

const kbps = count.describe('kbit/s')
const known = kbps.nullable()
const amount = z.string().describe('With two decimals, such as "12000.50"')
const bothWays = <Value extends z.ZodType>(value: Value) => z.strictObject({ down: value, up: value })

export const closingShape = z
  .strictObject({
    at: time,
    by: z.string(),
    fingerprint: z.string().describe('Of the bytes that were closed, keyed; the trail has it too'),
  })
  .nullable()
  .describe('Null: the month is open, and figures are what is known now')

const usage = z
  .strictObject({
    percentile: known.describe("By the contract's percentile, nearest rank; null: nothing was counted"),
    mean: known,
    peak: known,
    volume: z.number().describe('kbit in the time that was heard'),
    counted: count.describe('Five-minute slots of which anything was heard'),
    slots: count.describe('Five-minute slots there are; what is missing is a gap, neither filled nor zero'),
    heard: count.describe('Seconds that were heard: by them each slot weighs in percentile, mean and volume'),
  })
  .meta({ id: 'LedgerUsage' })

const contract = z
  .strictObject({
    contract: z.string(),
    provider: z.string(),
    rule: z.string().nullable().describe('The sharing rule; null: nobody is charged'),
    lines: z.array(z.string()),
    services: z.array(z.string()),
    asked: bothWays(known).describe('What those who use it asked together, a mean; null: nothing was recorded'),
    silent: z.array(z.string()).describe('Lines that were there and of which nothing was recorded'),
    from: time,
    before: time,
    down: usage,
    up: usage,
    billed: known.describe("kbit/s by the contract's own rule"),
    committed: kbps,
    idle: known.describe('kbit/s of the committed rate that the percentile never reached'),
    promised: bothWays(kbps).describe('Sum of what was guaranteed to those who use it, a mean'),
  })
  .meta({ id: 'LedgerContract' })

const institution = z
  .strictObject({
    institution: z.string(),
    tiers: z.array(z.string()),
    entitled: z.record(z.string(), bothWays(kbps)).describe('kbit/s guaranteed, a mean over the month, by service'),
    asked: known.describe('Means over the time that was seen, all services and both directions; null: it was not seen'),
    served: known,
    used: known,
    missed: known,
    seen: count.describe('Five-minute slots in which it was seen'),
    slots: count.describe('Five-minute slots in which it was there'),
    minutesBelow: z
      .number()
      .describe('In which one of its flows at least was below its guarantee; to a hundredth, so to the second'),
    causes: z.array(z.strictObject({ limit: z.string(), minutes: z.number() })),
    attainment: z.number().nullable().describe('Part of the time seen in which guarantees were kept'),
    agreements: z.array(
      z.strictObject({
        id: z.string(),
        reference: z.string(),
        services: z.array(z.string()),
        attainment: z.number().describe('What was agreed'),
        reached: z.number().nullable().describe('Of its services, in its days; null: nothing was seen'),
        kept: z.boolean().nullable(),
      }),
    ),
  })
  .meta({ id: 'LedgerInstitution' })

const share = {
  institution: z.string(),
  amount,
  parts: z.array(
    z.strictObject({
      by: z.string(),
      instead: z.string().nullable().describe('The scale that nobody had anything on'),
      amount,
    }),
  ),
}

const cost = z.strictObject({
  fixed: amount,
  overage: amount.nullable().describe('Null: nothing was counted'),
  bill: amount.describe('Of our own'),
  invoice: amount.nullable().describe('What the provider asks; null: nobody has said'),
  difference: amount.nullable().describe('Invoice less bill'),
  idle: amount.nullable().describe('Paid for what the percentile never reached; null: nothing was counted'),
  total: amount.describe('What is shared: invoice, or else bill, and corrections'),
  unshared: amount.describe('What nobody pays: without a rule, or nobody uses it'),
  commitAdvice: known.describe('kbit/s: the committed rate that would have cost least, a year back at most'),
  corrections: z.array(
    z.strictObject({
      id: z.string(),
      of: z.string(),
      institution: z.string().nullable(),
      amount,
      reason: z.string(),
    }),
  ),
})

export const monthShape = z
  .strictObject({
    month: z.string(),
    zone: z.string(),
    from: time,
    before: time,
    closing: closingShape,
    contracts: z.array(contract),
    institutions: z.array(institution),
    charges: z
      .array(
        z.strictObject({
          contract: z.string(),
          currency: z.string(),
          cost: cost.nullable().describe('Null: only some institutions may be seen'),
          shares: z.array(z.strictObject(share)),
        }),
      )
      .nullable()
      .describe('Null: prices may not be seen'),
    toClose: z
      .strictObject({
        missing: z.array(z.string()).describe('Why it cannot be closed yet'),
        gaps: z.array(z.string()).describe('What is not recorded: closing it says so (gaps=accepted)'),
        words: z
          .strictObject({ missing: z.array(text), gaps: z.array(text) })
          .describe('The same in two languages, one for one'),
      })
      .nullable()
      .describe('Null: it is closed, or whoever asks may not close it'),
  })
  .meta({ id: 'LedgerMonth' })

export const statementShape = z
  .strictObject({
    month: z.string(),
    zone: z.string(),
    from: time,
    before: time,
    closing: closingShape,
    institution,
    charges: z
      .array(
        z.strictObject({
          contract: z.string(),
          provider: z.string(),
          rule: z.string().nullable(),
          currency: z.string(),
          ...share,
        }),
      )
      .nullable()
      .describe('Null: prices may not be seen'),
    totals: z.record(z.string(), amount).nullable().describe('By currency'),
  })
  .meta({ id: 'Statement' })

export const registerShape = z
  .strictObject({
    today: z.string(),
    month: z.string().describe('In which idle institutions and dead lines were looked for'),
    institutions: count,
    agreed: count.describe('Institutions with an agreement that holds today'),
    rows: z.array(
      z.strictObject({
        finding: z.string(),
        subject: z.string().describe('An institution, a contract or a link'),
        detail: z.string(),
        words: text.describe('The same in two languages'),
        on: z.string().nullable().describe('The day that it is about'),
      }),
    ),
  })
  .meta({ id: 'LedgerRegister' })

export const reconciliationShape = z
  .strictObject({
    rows: z.array(
      z.strictObject({
        contract: z.string(),
        ours: known,
        theirs: known.describe('As the other counter has it; null: it does not know the contract'),
        apart: z.number().nullable().describe('Theirs less ours, a part of ours'),
        bill: amount.nullable(),
        invoice: amount.nullable(),
        difference: amount.nullable(),
      }),
    ),
    unknown: z.array(z.string()).describe('Bills that belong to no contract of the month'),
    unclear: z
      .array(z.string())
      .describe('Bills that are compared with nothing: nothing was counted yet, or their contract has several'),
  })
  .meta({ id: 'Reconciliation' })
