// Shapes of what is in force: in its list, behind a limit, and in the status.

import { CAUSES, IN_FORCE_KINDS } from '../../model/in-force.js'
import * as z from '../../runtime/zod.js'

const rate = z.int().nonnegative().describe('bit/s')
const count = z.int().nonnegative()
const time = z.iso.datetime()

/** One thing that is in force. */
export const inForceShape = z
  .strictObject({
    id: z.string().describe('Within this list'),
    kind: z.enum(IN_FORCE_KINDS),
    ref: z.string().describe('Its own id: of the revision, override, mode, schedule, link or cable, edge'),
    state: z.string().nullable().describe('pending, cut, derated, observe, hold, bypass, trial; null: it is on'),
    subjects: z
      .array(z.string())
      .describe('Each thing it concerns: "institution min-afya", "link transit-a", "policy"'),
    by: z.string().nullable().describe('Null: nobody ordered it'),
    owner: z.string().nullable().describe('Who answers for it'),
    reason: z.string().nullable(),
    event: z.string().nullable().describe('Of monitoring: its last one'),
    since: time.nullable().describe('Null: not known'),
    until: time.nullable().describe('Null: no end is set'),
    end: z
      .strictObject({ command: z.string().nullable(), request: z.string().nullable() })
      .describe('Where a person ends it; null: nobody can from here'),
  })
  .meta({ id: 'InForce' })

/** A cause behind what limits a flow. */
export const behindShape = z.strictObject({
  kind: z.enum(CAUSES),
  id: z.string().describe('Override, mode or schedule; of a link state the link or cable that was spoken of'),
  on: z.string().nullable().describe("Link or envelope that it acts on; null: the flow's own ceiling or tier"),
  instead: z.string().nullable().describe('The link that limits and carries what went over `on`; null: `on` limits'),
  capacity: z.strictObject({ now: rate, built: rate }).nullable().describe('Of a link'),
  by: z.string().nullable().describe('Null: who did it, when and why was not recorded'),
  owner: z.string().nullable(),
  reason: z.string().nullable(),
  event: z.string().nullable().describe('The last one of monitoring'),
  since: time.nullable(),
  until: time.nullable().describe('Null: no end is set'),
})

/** Of the status. */
export const heldShape = {
  freeze: z
    .strictObject({ since: time, by: z.string(), reason: z.string(), until: time.nullable() })
    .nullable()
    .describe('Since when nothing about the policy changes; null: it may change'),
  inForce: z.record(z.enum(IN_FORCE_KINDS), count).describe('How many of each kind /v1/in-force lists'),
}
