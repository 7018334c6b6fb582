// Shapes of what is answered about edges that a person configures, and about those that are to go.

import { LEFT_OUT } from '../../model/left-out.js'
import * as z from '../../runtime/zod.js'
import { count, heard, knownRate, time } from '../shapes.js'

/** Routers whose configuration can be written as text. */
export const RENDERERS = ['ios-xe'] as const

export const renderedShape = z
  .strictObject({
    edge: z.string(),
    for: z.enum(RENDERERS),
    revision: count,
    since: count.nullable().describe('The text says only what differs from that of this revision; null: it is whole'),
    text: z.string().describe('To be read, typed in, and confirmed; empty: nothing differs'),
    left: z.array(z.string()).describe('Sites that are not in it, and why, each a sentence that begins with the site'),
    leftOut: z.array(z.strictObject({ site: z.string(), code: z.enum(LEFT_OUT) })).describe('The same, one for one'),
  })
  .meta({ id: 'RenderedEdge' })

export const confirmationShape = z
  .strictObject({ edge: z.string(), revision: count, at: time, by: z.string(), differsSince: time.nullable() })
  .meta({ id: 'EdgeConfirmation' })

export const drainShape = z
  .strictObject({
    edge: z.string(),
    draining: z.strictObject({ since: time, by: z.string(), reason: z.string() }).nullable(),
    dryRun: z.boolean(),
    institutions: z
      .array(
        z.strictObject({
          institution: z.string(),
          others: z.array(z.string()).describe('Edges that serve it as well and stay'),
          carried: knownRate.describe('What it still sends and receives by this edge'),
          measured: heard.measured,
        }),
      )
      .describe('Whom it serves, those that have no other edge first, then by what they still carry'),
    safe: z.boolean().describe('Nobody carries anything here any more, and everybody has another edge'),
    waitsFor: z.string().nullable().describe('Why it is not safe to switch off; null: it is'),
  })
  .meta({ id: 'Drain' })

export type DrainView = z.infer<typeof drainShape>
