// The other half of the stories of model.test.ts, in which everything happens once more; and that mistakes are found.

import t from 'tap'
import { WIRE_VERSION } from '../../src/wire/messages.js'
import { CHOSEN } from '../faults/model/chosen.js'
import { noBreach } from '../faults/model/no-breach.js'
import type { Wrong } from '../faults/model/store.js'
import { storeLoss, trouble } from '../faults/model/story.js'

t.test('stories in which everything happens, no breach', (t) => noBreach(t, CHOSEN[1]!))

t.test('a leader of another release, who cannot read what edges were told, is in both halves', async (t) => {
  for (const stories of CHOSEN) t.ok(stories.some((story) => story.endsWith('beside')))
  t.ok(WIRE_VERSION > 1, 'there are two')
})

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
  { name: 'lease from receipt', first: 589, story: trouble, wrong: LEASE_FROM_RECEIPT },
  { name: 'grow before acknowledgement', first: 44, story: trouble, wrong: GROW_BEFORE_ACKNOWLEDGEMENT },
  { name: 'a standby that does not listen', first: 7, story: storeLoss, wrong: { isUnheard: true } },
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
