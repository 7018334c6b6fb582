// A leader that does nothing but publish, so that a kill at any moment is likely to hit a publication: eight edges, no
// pause. `leader-process.ts URL ID`. The rate of every record is its seq.

import type { RateRecord } from '../../src/model/lease.js'
import { election } from '../../src/publish/election.js'
import { outgoing } from '../../src/publish/outgoing.js'
import { profilesOf } from '../../src/publish/profile.js'
import type { EdgePublication } from '../../src/publish/publication.js'
import { connect, untilReady } from '../../src/runtime/redis.js'
import { keys } from '../../src/wire/redis-keys.js'
import { HASTY_EDGES, HASTY_LEASE, HASTY_PLANE, planOfHaste, RECORDS } from './publications.js'

const [url = '', id = ''] = process.argv.slice(2)
const redis = connect(url, 'controller')
const names = keys(HASTY_PLANE)
const [{ elect }, { publish }] = [election(redis, names), outgoing(redis, names)]
const profiles = profilesOf(planOfHaste())

function publicationsOf(epoch: number, seq: number): EdgePublication[] {
  return HASTY_EDGES.map((edge) => {
    const { hash, bytes } = profiles.get(edge)!
    const records = Array.from(
      { length: RECORDS },
      (_, k): RateRecord => ({
        ...{ institution: 2 + k, service: 0, direction: 0, rate: seq, safe: 1, burst: 3_028, classes: [seq] },
      }),
    )
    const message = {
      ...({ kind: 'snapshot', version: 1, edge, epoch, seq, baseSeq: 0, revision: 1, records } as const),
      ...{ profile: hash, lease: 60_000, stamp: null },
    }
    return { edge, profile: bytes, snapshot: message, message }
  })
}

await untilReady(redis, 10_000)
for (let ruled = 0, seq = 0; ; ) {
  const { leads, epoch } = await elect(id, 0, HASTY_LEASE)
  if (!leads) {
    await new Promise((resolve) => setTimeout(resolve, 5))
    continue
  }
  if (epoch !== ruled) seq = 0
  ruled = epoch
  seq++
  const outcome = await publish(id, { epoch, seq }, publicationsOf(epoch, seq))
  if (seq === 1) process.send?.({ epoch })
  // The very same one again.
  if (outcome === 'unknown') seq--
}
