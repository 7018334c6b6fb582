// What may not go round a guard: whatever takes something from what protects others, or prepares it for another time.

import t from 'tap'
import { weakens } from '../../src/policy/revisions/guards.js'

t.test('a change that weakens what protects others is told from one that does not', async (t) => {
  const isWeaker = (pointer: string, before?: unknown, after?: unknown): boolean =>
    weakens([{ pointer, ...(before === undefined ? {} : { before }), ...(after === undefined ? {} : { after }) }])
  t.ok(isWeaker('/guards/tiers', {}), 'a guard goes')
  t.ok(isWeaker('/tests/lifeline/demand', 'now', 'ceiling'), 'a test asks for less')
  t.ok(isWeaker('/bands', [], []), 'the order of bands')
  t.ok(isWeaker('/calendars/exams/days', [{}], []), 'days on which a guard asks')
  t.ok(isWeaker('/plane/timezone', 'Africa/Dar_es_Salaam', 'UTC'), 'its hours')
  t.ok(isWeaker('/modes/quiet', undefined, {}), 'what somebody alone may switch on')
  t.ok(isWeaker('/schedules/night/from', '22:00', '08:00'), 'what comes by itself')
  t.notOk(isWeaker('/tests/more', undefined, {}), 'one more test')
  t.notOk(isWeaker('/modes/quiet', {}), 'a mode that goes')
  t.notOk(isWeaker('/institutions/hosp-x/labels', {}, {}))
})
