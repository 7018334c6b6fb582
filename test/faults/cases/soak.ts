// Everything together, for a long time.

import type { Case } from '../case.js'
import { soak } from '../soak.js'

const MINUTES = 30
const SHORT = 2

export const SOAK: readonly Case[] = [
  {
    ...{ number: 48, name: 'everything, for a long time' },
    done: `random faults of 16 kinds one after another for ${SHORT} minutes (${MINUTES} with --long, or npm run soak)`,
    holds: 'no invariant is breached, everyone is well between faults, memory does not grow',
    async run(trial) {
      const { faults, breaches, slope, sums } = await soak(trial, trial.long ? MINUTES : SHORT, trial.note)
      for (const what of breaches.slice(0, 5)) trial.check(false, what)
      trial.check(breaches.length === 0, `${faults} faults, ${sums} sums, no breach`)
      if (slope !== null) trial.note(`memory ${slope.mbPerHour.toFixed(1)} MB/h over ${slope.minutes.toFixed(0)} min`)
    },
  },
]
