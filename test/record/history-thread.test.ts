// Histories are read and written down in a thread of their own: nobody takes all of it, nor keeps it having left.

import { join } from 'node:path'
import t from 'tap'
import { Archive } from '../../src/record/archive.js'
import { answerHistory, type HistoryAsked } from '../../src/record/history-answer.js'
import { createHistoryThread } from '../../src/record/history-thread.js'
import { systemClock } from '../../src/runtime/clock.js'
import { MAX_HISTORIES_EACH } from '../../src/runtime/limits.js'
import { freshFolder } from '../harness/place.js'
import { REMEMBERED, rememberMonth } from './month.js'

t.test('what the thread answers is what is recorded, and an account has so many at a time', async (t) => {
  const folder = join(freshFolder(t), 'history')
  const span = { ...rememberMonth(folder, Date.UTC(2026, 10, 27), 2), step: 300_000 }
  const thread = createHistoryThread(folder, systemClock)
  t.teardown(() => thread.close())
  const asked: HistoryAsked = { of: 'institution', id: REMEMBERED, span, sheet: null }
  const sheet = { columns: ['flow', 'at', 'rate'], zone: 'Africa/Dar_es_Salaam' }
  const gone = new AbortController()
  const asks = [
    thread.ask(asked, { actor: 'asha' }),
    thread.ask({ ...asked, sheet }, { actor: 'asha' }),
    thread.ask(asked, { actor: 'asha', gone: gone.signal }),
    thread.ask({ ...asked, id: 'nobody' }, { actor: 'asha' }),
  ]
  t.equal(asks.length, MAX_HISTORIES_EACH)
  await t.rejects(thread.ask(asked, { actor: 'asha' }), { code: 'RATE_LIMITED' })
  const others = thread.ask({ ...asked, of: 'link', id: 'transit-a.down' }, { actor: 'juma' })
  gone.abort()
  await t.rejects(asks[2]!, { code: 'STOPPING' }, 'who has left is not worked for')
  const [json, csv] = await Promise.all(asks.slice(0, 2))
  const expected = await answerHistory(new Archive(folder), asked)
  t.same(Buffer.from(json!.text).toString(), Buffer.from(expected.text).toString())
  t.equal((JSON.parse(Buffer.from(json!.text).toString()) as unknown[]).length, 8)
  t.match(Buffer.from(csv!.text).toString(), /flow,at,rate\r\n.*EAT/)
  t.match([await asks[3], await others], [{ isKnown: false }, { isKnown: false }])
})
