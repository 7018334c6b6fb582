// A leader that does nothing but publish, so that a kill at any moment is likely to hit a publication: the production
// publisher, eight edges, no pause. `tsx leader-process.ts URL ID`. The rate of every record is its seq.

import type { RateRecord } from '../../src/model/lease.js'
import type { EdgePublication } from '../../src/publish/publication.js'
import { Publisher } from '../../src/publish/publisher.js'
import { systemClock } from '../../src/runtime/clock.js'
import { createLogger } from '../../src/runtime/log.js'
import { HASTY_EDGES, HASTY_LEASE, HASTY_PLANE, planOfHaste, RECORDS } from './publications.js'

const [url = '', id = ''] = process.argv.slice(2)
const log = createLogger('leader', 'silent')
const publisher = new Publisher({ url, plane: HASTY_PLANE, clock: systemClock, log })
const plan = planOfHaste()

function publicationsOf(epoch: number, seq: number): EdgePublication[] {
  const profiles = publisher.profiles(plan, new Map())
  return HASTY_EDGES.map((edge) => {
    const records = Array.from(
      { length: RECORDS },
      (_, k): RateRecord => ({
        ...{ institution: 2 + k, service: 0, direction: 0, rate: seq, safe: 1, burst: 3_028, classes: [seq] },
      }),
    )
    const message = {
      ...({ kind: 'snapshot', version: 1, edge, epoch, seq, baseSeq: 0, revision: 1, records } as const),
      ...{ profile: profiles.get(edge)!, lease: 60_000, stamp: null },
    }
    return { edge, snapshot: message, message }
  })
}

await publisher.ready(10_000)
for (let ruled = 0, seq = 0; ; ) {
  const { leads, epoch } = await publisher.elect(id, 0, HASTY_LEASE)
  if (!leads) {
    await new Promise((resolve) => setTimeout(resolve, 5))
    continue
  }
  if (epoch !== ruled) seq = 0
  ruled = epoch
  seq++
  const outcome = await publisher.publish(id, { epoch, seq }, publicationsOf(epoch, seq))
  if (seq === 1) process.send?.({ epoch })
  // The very same one again.
  if (outcome === 'unknown') seq--
}
