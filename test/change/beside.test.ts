// A store that cannot be followed: what it refuses is not asked of it for ever.

import t from 'tap'
import { besideNow, judgeAnew, writeBeside } from '../../src/change/beside.js'
import type { PolicyState } from '../../src/change/policy-state.js'
import { EMPTY_REGISTER } from '../../src/policy/in-force/register.js'
import { RegisterMoved } from '../../src/policy/revisions/revisions.js'

/** What is known here; a look at the store moves it on by so many versions. */
function known(step: number) {
  const policy = {
    looks: 0,
    register: { ...EMPTY_REGISTER, version: 7 },
    revision: { revision: 3 },
    async refresh() {
      policy.looks++
      policy.register = { ...policy.register, version: policy.register.version + step }
    },
  }
  return { policy, state: policy as unknown as PolicyState }
}

t.test('a store that is behind what is known here is said after one look', async (t) => {
  const { policy, state } = known(0)
  const { spans } = besideNow(state)
  const refused = writeBeside(state, spans, () => Promise.reject(new RegisterMoved('6')))
  await t.rejects(refused, { code: 'STORE_UNAVAILABLE', message: /cannot be followed/ })
  await t.rejects(judgeAnew(state, besideNow(state)), { code: 'STORE_UNAVAILABLE' })
  t.equal(policy.looks, 2)
})

t.test('one that has moved on is written to beside what holds by then', async (t) => {
  const { state } = known(1)
  const { spans } = besideNow(state)
  const asked: number[] = []
  const write = async (version: number): Promise<string> => {
    asked.push(version)
    if (version < 9) throw new RegisterMoved('9')
    return 'written'
  }
  t.equal(await writeBeside(state, spans, write), 'written')
  t.same(asked, [7, 8, 9])
  t.equal(await writeBeside(state, `${spans} other`, write), null, 'beside other spans nothing is')
})
