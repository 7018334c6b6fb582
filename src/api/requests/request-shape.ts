// A request of a member as the API shows it.

import type { RequestSeen } from '../../change/requests.js'
import { DIRECTIONS } from '../../model/network.js'
import { LOOKED_AT, REQUEST_STATES } from '../../model/request.js'
import * as z from '../../runtime/zod.js'
import { PROPOSAL_STATES } from '../policy/proposal-shape.js'
import { count, time } from '../shapes.js'
import { utc } from '../views.js'

const rate = z.number().nonnegative().describe('bit/s')
const shift = z.strictObject({
  ...{ institution: z.string(), service: z.string(), direction: z.enum(DIRECTIONS) },
  before: rate.describe('What it would get, before and after'),
  after: rate,
})

export const requestShape = z
  .strictObject({
    id: z.string(),
    state: z.enum(REQUEST_STATES),
    institution: z.string(),
    author: z.string(),
    at: time,
    tier: z.string().nullable().describe('Null: as it is'),
    ceilings: z
      .record(z.string(), z.strictObject({ down: rate, up: rate }))
      .describe('By service; those that are not named stay'),
    reason: z.string(),
    preview: z
      .strictObject({
        revision: count.describe('The one on which it was looked at'),
        demands: z.array(
          z.strictObject({
            demand: z.enum(LOOKED_AT),
            own: z.array(shift).describe('What changes for the institution itself'),
            losers: count.describe('Institutions that would have less'),
            broken: count.describe('Institutions whose promise would break'),
            others: z.array(shift).describe('The first that would have less, as far as the reader sees them'),
          }),
        ),
        testsFailed: count,
      })
      .describe('What it would have done when it was made'),
    decided: z
      .strictObject({ at: time, by: z.string(), reason: z.string().nullable() })
      .nullable()
      .describe('Null: it waits'),
    proposal: z.string().nullable().describe('What it was accepted into'),
    outcome: z.enum(PROPOSAL_STATES).nullable().describe('Where that proposal is; null: none, or none any more'),
  })
  .meta({ id: 'Request' })
export type RequestView = z.infer<typeof requestShape>

export const choicesShape = z
  .strictObject({
    institution: z.string(),
    tiers: z.array(
      z.strictObject({
        id: z.string(),
        name: z.strictObject({ en: z.string(), sw: z.string() }),
        isPresent: z.boolean(),
        flows: z.array(
          z.strictObject({ service: z.string(), direction: z.enum(DIRECTIONS), guarantee: rate, ceiling: rate }),
        ),
      }),
    ),
  })
  .meta({ id: 'RequestChoices' })

export function requestView({ request: { at, decided, ...request }, outcome }: RequestSeen): RequestView {
  return { ...request, at: utc(at), decided: decided && { ...decided, at: utc(decided.at) }, outcome }
}
