// The shape of an explanation: what one institution gets, why, and what would give it more.

import { DIFFERENCES } from '../../model/published.js'
import * as z from '../../runtime/zod.js'
import { behindShape } from '../in-force/in-force-shapes.js'
import { count, direction, estimate, heard, knownRate, lastReport, limitedBy, rate, text, time } from '../shapes.js'

export const explainShape = z
  .strictObject({
    institution: z.string(),
    name: text,
    service: z.string(),
    direction,
    edge: z.string(),
    parts: z
      .array(
        z.strictObject({
          ...{ edge: z.string(), guarantee: rate, demand: rate, need: rate, rate, limitedBy },
          with: z.array(limitedBy),
          sentence: text,
        }),
      )
      .describe('Edge by edge, where several serve it and none was asked about; all else is of the whole then'),
    others: z.array(z.string()).describe('Other edges that serve the same institution, service and direction'),
    moment: text.nullable().describe("Of which moment of the past this is, in the plane's time; null: now"),
    sentence: text,
    steps: z.array(text),
    lifting: text,
    text: z.string().describe('The sentence, the steps and what would lift it, in the language of `lang`'),
    flow: z.string(),
    at: time,
    timezone: z.string().describe('Of the plane: people read times in it'),
    revision: count,
    seq: count,
    tier: z.string().nullable(),
    guarantee: rate,
    ceiling: knownRate,
    demand: rate,
    ...estimate,
    need: rate,
    rate,
    computed: rate.describe('What the bands give in sum, headroom too'),
    differs: z.enum(DIFFERENCES).nullable().describe('Why the published rate is another; null: it is not'),
    applied: knownRate,
    ...heard,
    lastReport,
    limitedBy,
    atBox: text
      .nullable()
      .describe('What its edge was told last of the reason, as `edge why` says it; null: not told by this controller'),
    with: z.array(limitedBy).describe('What filled together with that, and limits as well'),
    behind: z.array(behindShape).describe('Causes behind it: why a link has less, who set a ceiling, and until when'),
    bands: z.array(
      z.strictObject({
        band: z.string(),
        kind: z.enum(['guarantee', 'share', 'headroom']),
        amount: rate,
        cap: knownRate,
        level: z.number().nullable(),
        kept: z.number().nullable(),
        bottleneck: z.string().nullable(),
      }),
    ),
    sharers: z.array(z.strictObject({ flow: z.string(), need: rate, level: z.number().nullable() })),
    sharersTotal: count.describe('Flows'),
    sharingInstitutions: count.describe('Other institutions among the sharers'),
    reserved: z
      .array(z.strictObject({ edge: z.string(), rate, by: z.enum(['STATIC', 'PINNED', 'OBSERVE', 'SAFE']) }))
      .describe('What edges keep of the link that limits and is not shared out; STATIC: a person configures them'),
    lift: z.strictObject({
      by: z.enum(['NOTHING', 'TIER', 'CEILING', 'LINK', 'ENVELOPE', 'WAIT']),
      id: z.string().nullable(),
    }),
    whatIf: z
      .array(
        z.strictObject({
          change: z.enum(['ROOM', 'CEILING', 'WEIGHT']),
          by: z.number().describe('ROOM and CEILING: bit/s more; WEIGHT: the factor'),
          need: rate.describe('What it would need and get then; more weight can make it less'),
          losers: count.describe('Other flows that would have less'),
        }),
      )
      .describe('What such changes would do, found by solving again; empty where nothing limits, or nobody has time'),
  })
  .meta({ id: 'Explanation' })

export type ExplainView = z.infer<typeof explainShape>
