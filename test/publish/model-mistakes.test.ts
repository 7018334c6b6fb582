// The stories of model.test.ts are worth something: mistakes of the past, made again, are found in such.

import t from 'tap'
import type { Wrong } from '../faults/model/store.js'
import { storeLoss, trouble } from '../faults/model/story.js'

/** The lease of a message counts from when it came, not from the stamp that it echoes. */
const LEASE_FROM_RECEIPT: Wrong = {
  granted: (message, now) => (message.stamp ? { ...message, stamp: { ...message.stamp, at: now } } : message),
}

/** What was sent counts as done, so that others grow before anybody has shrunk. */
const GROW_BEFORE_ACKNOWLEDGEMENT: Wrong = {
  said: (report, newest) => {
    const { applied } = report
    return newest && applied ? { ...report, applied: { ...applied, epoch: newest.epoch, seq: newest.seq } } : report
  },
}

/** Old mistakes: where they are looked for first, which is where they are found today. */
const MISTAKES = [
  { name: 'lease from receipt', first: 748, story: trouble, wrong: LEASE_FROM_RECEIPT },
  { name: 'grow before acknowledgement', first: 47, story: trouble, wrong: GROW_BEFORE_ACKNOWLEDGEMENT },
  { name: 'a standby that does not listen', first: 9, story: storeLoss, wrong: { isUnheard: true } },
] as const
const PATIENCE = 300

for (const { name, first, story, wrong } of MISTAKES)
  t.test(`${name} is found`, async (t) => {
    let found: string | null = null
    for (let seed = first; seed < first + PATIENCE && found === null; seed++) {
      const breach = (await story(seed, { wrong })).breaches.find(({ what }) => what.includes(' carries '))
      if (breach) found = `seed ${seed}: ${(breach.at / 1_000).toFixed(3)} s: ${breach.what}`
    }
    t.ok(found, String(found))
  })
