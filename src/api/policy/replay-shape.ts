// A replay as the API shows it: who loses and who gains, and of how many moments that is said.

import type { Replay, ReplayedInstitution } from '../../planning/recorded/replay.js'
import * as z from '../../runtime/zod.js'
import { utc } from '../views.js'
import { time } from './change-shapes.js'

const count = z.int().nonnegative()
const number = z.number()
const side = z.strictObject({
  minutesShort: number.describe('Five minutes in whose moment it was short, as minutes'),
  missing: number.describe('bit, if each moment stood for its five minutes'),
  need: number.describe('bit/s that it is given, mean over the moments'),
})

export const replayShape = z
  .strictObject({
    from: time,
    to: time,
    moments: count.describe('One of each five minutes that is recorded: the tick in which most was missing'),
    slots: count.describe('Five minutes of that time'),
    recordedSlots: count.describe('Those of them of which a moment is recorded: nothing is known of the others'),
    equal: count.describe('Moments that the policy in force answers as they were recorded, to the kbit/s'),
    ofRevision: count.describe('Moments of the very revision in force'),
    unsteered: count.describe('Moments in which some gateway did not enforce'),
    losers: count.describe('Institutions that miss more of their promises, or are given less where nothing is missing'),
    gainers: count,
    institutions: z
      .array(z.strictObject({ id: z.string(), before: side.nullable(), after: side.nullable() }))
      .describe('By harm, the most first. What was throttled may have wanted more: its demand is a lower bound'),
  })
  .meta({ id: 'ProposalReplay' })

/** A mean that moves by less is the same. */
const LEAST = 1_000

/** Above 0: it loses; below: it gains. */
function sideOf({ before, after }: ReplayedInstitution): number {
  if (before === null || after === null) return 0
  const lost = before.need - after.need
  return after.missing - before.missing || (Math.abs(lost) >= LEAST ? lost : 0)
}

export function replayView({ window, institutions, ...counts }: Replay): z.infer<typeof replayShape> {
  return {
    ...{ from: utc(window.from), to: utc(window.to), ...counts },
    losers: institutions.filter((each) => sideOf(each) > 0).length,
    gainers: institutions.filter((each) => sideOf(each) < 0).length,
    institutions: institutions.map(({ id, before, after }) => ({ id, before, after })),
  }
}
