// `mizani plan replay`: the plane as it is against the changes of a scenario, on the moments that were recorded.

import { join } from 'node:path'
import { DAY } from '../../model/units.js'
import { hashOf } from '../../policy/document/canonical.js'
import { NOTHING_IN_FORCE } from '../../policy/in-force/holding.js'
import { Archive } from '../../record/archive.js'
import { loadSettings } from '../../runtime/config.js'
import { MizaniError, usageError } from '../../runtime/errors.js'
import { mindMemory } from '../../runtime/heap.js'
import type { Io } from '../../runtime/io.js'
import { type PlanArgs, runPlan } from '../study/plan-command.js'
import { inputHash, type Study } from '../study/study.js'
import { replay } from './replay.js'
import { replayReport } from './replay-report.js'

const REPLAYED_DAYS = 30
const MOST_REPLAYED_DAYS = 366

export interface ReplayArgs extends PlanArgs {
  readonly days?: number
}

/** @throws MizaniError USAGE; NOT_FOUND where nothing is recorded. */
export async function runPlanReplay(args: ReplayArgs, io: Io): Promise<void> {
  mindMemory()
  const { days = REPLAYED_DAYS } = args
  if (days < 1 || days > MOST_REPLAYED_DAYS) throw usageError(`--days ${days}: expected 1 to ${MOST_REPLAYED_DAYS}`)
  const folder = args.record ?? join(loadSettings({ env: io.env }).data, 'history')
  await runPlan(args, io, async ({ study, workers, progress }) => {
    checkChanges(study, args.scenario)
    const { document, habits, words } = study
    const newest = new Archive(folder).days().at(-1)
    if (newest === undefined) throw new MizaniError({ code: 'NOT_FOUND', message: `Nothing is recorded in ${folder}.` })
    const to = Date.parse(`${newest}T00:00:00Z`) + DAY
    const window = { from: to - days * DAY, to }
    const told = progress(days, 'days')
    const tried = (policy: typeof document) => ({ document: policy, inForce: NOTHING_IN_FORCE })
    const found = await replay(folder, window, tried(habits), tried(document), workers, told)
    return replayReport(found, {
      study,
      command: ['mizani plan replay', words[0]!, `--days ${days}`, `--record ${folder}`].join(' '),
      inputHash: inputHash(study, { window, moments: found.moments }),
    })
  })
}

/** A plane that is compared with itself shows that nobody loses, whatever was recorded. */
function checkChanges({ document, habits }: Study, scenario: string | undefined): void {
  const advice =
    'Give the scenario `changes`, such as { at: /links/transit-a/capacity, to: 5Gbps, why: the offer of June }. ' +
    'Its events, demand and growth are not replayed: `mizani simulate` plays them.'
  if (scenario === undefined) throw usageError('plan replay: expected a scenario with changes of the policy', advice)
  if (hashOf(document) !== hashOf(habits)) return
  throw usageError(`${scenario}: its changes leave the policy as it is, so there is nothing to compare`, advice)
}
