// Revisions are read in threads: what a change needs waits for nothing that anybody looks at.

import t from 'tap'
import { hashOf } from '../../src/policy/document/canonical.js'
import type { RecordAnswer, RecordTask } from '../../src/policy/revisions/record-reader.js'
import { createRecordThread } from '../../src/policy/revisions/record-thread.js'
import { encodeRecord } from '../../src/policy/revisions/revision-record.js'
import { systemClock } from '../../src/runtime/clock.js'
import { createPool } from '../../src/runtime/pool.js'
import { smallPlane } from '../tick/small-plane.js'

t.test('a change reads a revision while a look at another one does not end', async (t) => {
  const document = smallPlane()
  const told = { author: 'juma', reason: 'first', reference: null, at: 1, parent: null, approvedBy: null } as const
  const meta = { revision: 1, hash: hashOf(document), ...told, kind: 'commit', confirmBy: null, breakGlass: false }
  const { bytes } = encodeRecord(meta as Parameters<typeof encodeRecord>[0], document, null)
  let looks = 0
  const threads = createRecordThread(systemClock, (order) => {
    const pool = createPool<RecordTask, RecordAnswer>('revision', 1, order)
    if (order.urgent) return pool
    return { ...pool, run: () => new Promise(() => looks++) }
  })
  t.teardown(() => threads.close())
  const task = { record: bytes, anchor: null, judged: true }
  void threads.read(task, true)
  const answer = await threads.read(task, false)
  t.match(answer, { kind: 'read', hash: hashOf(document) })
  t.equal(looks, 1)
})
