// The morning: the whole loop runs over the nation, and whoever looks sees it; beside it over the district of the day,
// where people are let in meanwhile.

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { Caller } from '../../harness/caller.js'
import { until } from '../../harness/until.js'
import { weighPage } from '../../harness/weigh-page.js'
import {
  asha,
  atNation,
  type Body,
  data,
  endsInOrder,
  type Flow,
  GIVEN,
  internetDown,
  juma,
  machine,
  monitor,
  nation,
  nationData,
  neema,
  owner,
  PASSWORD,
  type Person,
  sheetOf,
  zawadi,
} from './day.js'

const flowOf = async (id: string): Promise<Flow> => internetDown(await machine.get(`/v1/institutions/${id}`))!
const edgeIs = (state: string): Promise<Body> =>
  machine.until('/v1/edges/mwanza-1', (edge) => edge.state === state, state)

async function signIn(person: Person, user: string, more: Record<string, string> = {}): Promise<void> {
  const { status } = await person.call('POST', '/v1/session', { user, password: PASSWORD, ...more })
  t.equal(status, 201, `${user} signs in`)
}

/** Two programs that do not know of each other: neither waits for the other. */
t.test('the morning', { jobs: 2 }, async (t) => {
  t.test('of the nation', async (t) => {
    t.test('every edge is fresh, everybody has a rate, and no link carries more than it may', async (t) => {
      const isWell = ({ edges, learning }: Body): boolean => edges.fresh === edges.total && !learning
      const status = await atNation.until('/v1/status', isWell, 'all edges fresh and room handed out')
      t.match(status, {
        ...{ institutions: 554, govnetMembers: 394, demo: true, certificate: { ok: true } },
        edges: { total: 28, fresh: 28, stale: 0, safe: 0, simulated: 28 },
        enforcement: { observe: 0, enforce: 28, hold: 0, bypass: 0, keepsEarlier: 0 },
      })
      await atNation.until('/v1/status', ({ seq }) => seq > status.seq, 'the next publication')
      const { items } = await atNation.get('/v1/institutions?pageSize=1000')
      t.equal(items.length, 554)
      t.ok(
        items.every(({ flows }) => flows.every(({ rate }) => rate > 0)),
        'every flow has a rate',
      )
      const links: Body['items'][number][] = []
      for (let token: string | null = ''; token !== null; ) {
        const page: Body = await atNation.get(
          `/v1/links?pageSize=1000${token && `&pageToken=${encodeURIComponent(token)}`}`,
        )
        links.push(...page.items)
        token = page.nextPageToken
      }
      t.ok(links.length > 1_000)
      t.same(
        links.filter(({ load, usable }) => load > usable + 1).map(({ id }) => id),
        [],
        'on every link load <= usable',
      )

      const { body: policy, etag } = await atNation.call('GET', '/v1/policy')
      const again = await atNation.call('PUT', '/v1/policy?reason=x&dryRun=true', policy, { etag })
      t.match(again, { status: 200, body: { revision: 1 } }, 'the whole policy is taken back')
      const sheet = '/v1/policy/import/institutions?reason=x&dryRun=true'
      const dry = await atNation.call('POST', sheet, { csv: sheetOf('') })
      t.match(dry, { status: 200, body: { import: { counts: { new: 10, changed: 0, same: 0 } } } })
      t.equal(dry.body.import.missing.length, 554)
    })

    t.test('a first look at the nation weighs 60 kB at most, in each language', async (t) => {
      const person = new Caller(() => nation.url)
      const token = readFileSync(join(nationData, 'cli-token'), 'utf8').trim()
      t.equal((await person.call('POST', '/v1/session', { token })).status, 201)
      for (const lang of ['en', 'sw']) {
        const { all, script } = await weighPage(`${nation.url}/?lang=${lang}`, person.headers.cookie ?? '')
        t.comment(`${lang}: ${all} bytes, of them ${script} of JavaScript`)
        t.ok(all <= 60_000, `${all} bytes`)
      }
    })

    t.test('the program of the nation ends when it is told to', () => endsInOrder(nation))
  })

  t.test('of the district', async (t) => {
    t.test('who asks for twice as much gets it; an edge that is stopped goes STALE, and comes back', async (t) => {
      await machine.post('/v1/demo/edges/mwanza-1/stop')
      // Far above what an idle flow keeps, so that a doubling of the load is one of the need; and at rest: what waited
      // while the edges started has gone.
      const atWork = await until(
        async () => {
          const { items } = await machine.get('/v1/institutions?pageSize=1000')
          return items
            .filter(({ edges }) => edges.length === 1 && edges[0] !== 'mwanza-1')
            .map(({ id, flows }) => ({ id, flow: internetDown({ flows })! }))
            .filter(
              ({ flow: { measured, ceiling, need } }) =>
                measured > 4e6 && measured < ceiling / 3 && need < 1.4 * measured,
            )
            .sort((a, b) => b.flow.measured - a.flow.measured)[0]
        },
        'somebody is at work',
        200,
      )
      await machine.post('/v1/demo/load', { institution: atWork.id, factor: 2 })
      const { need } = atWork.flow
      const follows = (flow: Flow): boolean => flow.need > 1.5 * need && flow.rate >= flow.need - 1_000
      t.ok(await until(async () => follows(await flowOf(atWork.id)), 'need follows, and the rate with it', 50))

      await edgeIs('STALE')
      t.match(await machine.get('/v1/status'), { edges: { fresh: 3, stale: 1 } }, 'the others are as they were')
      await machine.post('/v1/demo/edges/mwanza-1/start')
      await edgeIs('FRESH')
    })

    t.test('explain names the binding link and who shares it', async (t) => {
      // A cable of the uplink fails: monitoring says so, and nobody has to approve it.
      await machine.post('/v1/links/uplink-mwanza/state', {
        event: 'cut-1',
        factor: 0.04,
        reason: 'most fibres are cut',
      })
      const isShort = ({ limitedBy: { code, id } }: Flow): boolean => code === 'LINK' && id === 'uplink-mwanza.down'
      const short = await until(
        async () => {
          const { items } = await machine.get('/v1/institutions?edge=mwanza-1&pageSize=100')
          return items.flatMap(({ id, flows }) => flows.filter(isShort).map(({ service }) => ({ id, service })))[0]
        },
        'somebody is short of uplink-mwanza',
        50,
      )
      const why = await machine.get(`/v1/institutions/${short.id}/explain?service=${short.service}&direction=down`)
      t.match(why.limitedBy, { code: 'LINK', id: 'uplink-mwanza.down' })
      t.ok(why.sharersTotal > 3, `${why.sharersTotal} others share it`)
      t.match(why.sentence.en, /uplink-mwanza/i)
      const kept = (band: string): number => {
        const own = why.bands.filter((one) => one.band === band)
        const [amount, cap] = [
          own.reduce((sum, one) => sum + one.amount, 0),
          own.reduce((sum, one) => sum + one.cap, 0),
        ]
        return cap === 0 ? 1 : amount / cap
      }
      t.ok(kept('lifeline') > 0.999, 'lifelines are whole')
      t.ok(kept('critical') >= kept('committed') && kept('committed') >= kept('share'), 'the later band suffers first')
      t.ok(why.sentence.sw.length > 20)
      await machine.post('/v1/links/uplink-mwanza/state', { event: 'cut-2', factor: 1, reason: 'spliced' })
    })

    t.test('the first administrator signs in and lets the others in', async (t) => {
      const link = readFileSync(join(data, 'first-sign-in'), 'utf8')
      await signIn(asha, 'asha', { secret: /first\/(\S+)/.exec(link)![1]! })
      const second = ['operator', 'approver', 'break-glass']
      const people = { juma: ['operator'], neema: second, zawadi: second, nms: ['monitor'] }
      for (const [id, roles] of Object.entries(people))
        t.equal((await asha.call('POST', '/v1/users', { id, roles, password: GIVEN })).status, 201)
      const all = [juma, neema, zawadi, monitor].map((person, k) => [person, Object.keys(people)[k]!] as const)
      await Promise.all(all.map(([person, id]) => signIn(person, id, { password: GIVEN })))
      // Whoever has given a password knows it: each chooses another, the approvers one after the other.
      for (const [person] of all) await person.post('/v1/me/password', { present: GIVEN, password: PASSWORD })
      t.same((await neema.get('/v1/me')).roles, ['operator'], 'an administrator alone makes no second person')
      await owner().post('/v1/users/neema/vouch')
      t.same((await neema.get('/v1/me')).roles, second, 'for the first the owner of the machine vouches')
      t.same((await zawadi.get('/v1/me')).roles, ['operator'], 'for the second somebody has to as well')
      t.equal((await asha.call('POST', '/v1/users/zawadi/vouch')).status, 403, 'not the administrator')
      await neema.post('/v1/users/zawadi/vouch')
      t.same((await zawadi.get('/v1/me')).roles, second)
    })
  })
})
