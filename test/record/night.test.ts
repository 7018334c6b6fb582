// A night on the default plane: a sea cable is cut, every edge sees it, and three alarms are raised, not three hundred.

import { appendFileSync, existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { SLOT, slotOf } from '../../src/model/units.js'
import { loadPlane } from '../../src/policy/files/files.js'
import { AlarmBook, type AlarmChange } from '../../src/record/alarm-book.js'
import { ALARM_CODES, ALARMS, smsOf, worded } from '../../src/record/alarm-table.js'
import { Counters } from '../../src/record/counters.js'
import type { Finding } from '../../src/record/findings.js'
import { institutionHistory, linkHistory } from '../../src/record/history.js'
import { missedDuring } from '../../src/record/missed.js'
import { Watch } from '../../src/record/watch.js'
import { manualClock } from '../../src/runtime/clock.js'
import { log, recordedWorld, temporaryFolder } from './world.js'

t.test('a cable is cut, 28 edges see it, three alarms are raised', async (t) => {
  const folder = temporaryFolder(t.teardown)
  const { document } = loadPlane('config/taifa')
  const timing = { ...document!.plane.timing, tick: 20_000 }
  const plane = { ...document!, plane: { ...document!.plane, timing } }
  const guarantee = new Map<string, number>()
  const offer = (flow: string): number => 0.7 * (guarantee.get(flow) ?? 0)
  const counters = new Counters()
  const { loop, recorder, archive } = recordedWorld(
    join(folder, 'history'),
    plane,
    offer,
    (tick) => watch.see(tick),
    counters,
  )
  const file = join(folder, 'alarms.jsonl')
  const book = new AlarmBook({ file, clock: loop.clock, log })
  const watch = new Watch({ book, clock: loop.clock, counters, recordFails: () => recorder.failing })
  const said: [AlarmChange, string, string][] = []
  book.onChange((change, alarm) => said.push([change, alarm.code, smsOf('taifa', alarm, 'Africa/Dar_es_Salaam')]))

  await loop.step()
  for (const { id, guarantee: promised } of loop.controller.board!.plan.flows)
    if (/\/internet\/down/.test(id)) guarantee.set(id, promised)
  for (let k = 0; k < 15; k++) await loop.step()
  t.same(said, [], 'a quiet evening')

  loop.conditions = { 'cable-eassy': 0 }
  const cut = loop.clock.wall()
  for (let k = 0; k < 30; k++) await loop.step()
  t.equal(loop.edges.size, 28)
  t.same(said.map(([change, code]) => `${change} ${code}`).sort(), [
    'raised GUARANTEE_BROKEN',
    'raised LINK_SATURATED',
    'raised PROMISES_DO_NOT_FIT',
    'raised UPSTREAM_LOST',
  ])
  for (const [, , text] of said) t.ok(text.length <= 160, text)
  const broken = book.open().find(({ code }) => code === 'GUARANTEE_BROKEN')!
  t.ok(broken.members.length > 50, `${broken.members.length} institutions are one alarm`)

  book.acknowledge(broken.id, 'asha', 'the carrier is on it')
  // Hours go by here in seconds: what is to be written would pile up.
  await recorder.flush()
  loop.conditions = {}
  for (let k = 0; k < 30; k++) await loop.step()
  await recorder.flush()
  t.same(book.open(), [], 'all are cleared after the repair')
  t.equal(said.filter(([change]) => change === 'cleared').length, 4)

  const kept = new AlarmBook({ file, clock: loop.clock, log }).find(broken.id)!
  t.match(kept, { acknowledged: { by: 'asha', note: 'the carrier is on it' }, members: broken.members })
  const missed = await archive.missed(missedDuring(kept, loop.clock.wall()))
  const [most] = missed
  const lasted = (slotOf(kept.cleared!) + SLOT - slotOf(kept.since)) / 60_000
  t.ok(
    missed.every(({ minutesBelowGuarantee }) => minutesBelowGuarantee <= lasted),
    'nobody was short for longer than it lasted',
  )
  t.ok(most!.minutesBelowGuarantee >= 5, `${most!.institution} was below its guarantee for minutes`)
  t.ok(most!.mbitMissing > 100, 'and missed so many Mbit')

  const during = (code: string, ...members: string[]) =>
    archive.missed(missedDuring({ ...kept, code, members }, loop.clock.wall()))
  const { plan } = loop.controller.board!
  const behind = new Set(plan.flows.filter(({ edge }) => edge === 'mwanza-1').map(({ institution }) => institution))
  const byEdge = await during('EDGE_REFUSING', 'mwanza-1')
  t.ok(byEdge.length > 0 && byEdge.length < missed.length, 'some miss something behind one edge')
  t.same(
    byEdge.filter(({ institution }) => !behind.has(institution)),
    [],
    'an alarm of an edge names nobody behind another',
  )
  t.same(await during('EDGE_ESCAPES', 'mwanza-1 VRF'), byEdge, 'whatever was found of it')
  const lost = book.all().find(({ code }) => code === 'UPSTREAM_LOST')!
  t.ok((await during('UPSTREAM_LOST', ...lost.members)).length > 50, 'who is held by what took the traffic over')
  t.same(await during('LINK_DOWN', 'mwanza-geita'), [], 'a link that holds nobody concerns nobody')
  t.same(await during('DISK', 'history'), [], 'nor does what is of the machine')

  // The cut lasted from the second of these slots into the fourth.
  const begun = cut - (cut % SLOT)
  const span = { from: begun - SLOT, to: begun + 4 * SLOT, step: SLOT }
  const history = await institutionHistory(archive, most!.institution, span)
  const [, series] = [...history].find(([flow]) => flow.includes('/internet/down'))!
  t.equal(series.length, 5)
  t.ok(series[2]!.unmet! > series[0]!.unmet!)
  const ofLost = await linkHistory(archive, 'transit-a.down', span)
  t.same(
    ofLost.map(({ state }) => state),
    ['up', 'down', 'down', 'up', 'up'],
  )
})

const finding = (code: Finding['code'], subject: string, cause = subject): Finding => ({
  ...{ code, subject, cause, region: null },
})

t.test('an alarm waits to be sure, joins what has its cause, and does not flap', async (t) => {
  const file = join(temporaryFolder(t.teardown), 'alarms.jsonl')
  const clock = manualClock()
  const book = new AlarmBook({ file, clock, log })
  const see = async (...findings: Finding[]): Promise<void> => {
    book.observe(findings)
    await clock.advance(1_000)
  }
  const saturated = finding('LINK_SATURATED', 'transit-a.down')
  for (let k = 0; k < 29; k++) await see(saturated)
  await see()
  for (let k = 0; k < 29; k++) await see(saturated)
  t.same(book.open(), [], 'never 30 s on end')
  for (let k = 0; k < 2; k++) await see(saturated)
  t.equal(book.open().length, 1)
  for (let k = 0; k < 10; k++) {
    for (let q = 0; q < 60; q++) await see()
    for (let q = 0; q < 60; q++) await see(saturated)
  }
  t.equal(book.all().length, 1, 'a minute of calm is not the end')
  const other = finding('LINK_SATURATED', 'dar-dodoma.down')
  for (let k = 0; k < 31; k++) await see(saturated, other)
  t.equal(book.open().length, 2, 'what starts twenty minutes later has another cause')
  await see(other)
  const [one, two] = book.open()
  t.match(one, { gone: null, remedy: { en: /^Shares are fair/ } })
  t.match(two, {
    gone: two!.gone,
    detail: { en: 'No longer short of capacity: transit-a.down.', sw: /tena: transit-a.down/ },
    remedy: { en: 'Not found any more; the alarm ends within 2 min unless it comes back.', sw: /dakika 2 isiporudi/ },
  })
  t.type(two!.gone, 'number', 'what waits to end says so')
  await see(saturated, other)
  t.match(book.open(), [{ gone: null }, { gone: null }], 'and it may come back')
  await clock.advance(120_000)
  await see()
  t.same(book.open(), [])

  const fired = finding('REVERT_FIRED', 'revision 12')
  await see(fired)
  await clock.advance(86_400_000)
  await see()
  t.equal(book.open().length, 1, 'an event waits until somebody has seen it')
  book.acknowledge(book.open()[0]!.id, 'asha', '')
  await see(fired)
  t.same(book.open(), [], 'and is told once, however long it can be seen')
  t.throws(() => book.acknowledge('no-such', 'asha', ''), { code: 'NOT_FOUND' })
  const [over] = book.all().filter(({ code }) => code === 'LINK_SATURATED')
  t.match(book.acknowledge(over!.id, 'juma', 'it was the exams'), {
    cleared: over!.cleared,
    acknowledged: { by: 'juma' },
  })
  const again = new AlarmBook({ file, clock, log })
  t.same(again.all(), book.all(), 'all of it outlives the process')
  again.observe([fired])
  t.same(again.open(), [])

  // A kill in the middle of a line costs that line, and not the next one.
  appendFileSync(file, '{"id":"half')
  const afterKill = new AlarmBook({ file, clock, log })
  for (let k = 0; k < 32; k++) {
    afterKill.observe([saturated])
    await clock.advance(1_000)
  }
  t.equal(afterKill.open().length, 1)
  for (let k = 0; k < 1_100; k++) afterKill.acknowledge(afterKill.open()[0]!.id, 'asha', `note ${k}`)
  t.same(new AlarmBook({ file, clock, log }).all(), afterKill.all())
  t.ok(readFileSync(file, 'utf8').split('\n').length < 200, 'the file is written anew before it is long')
})

t.test('what was acknowledged at another controller is seen here, if it is the same', async (t) => {
  const folder = temporaryFolder(t.teardown)
  const clock = manualClock({ wall: Date.UTC(2026, 0, 1) })
  const book = new AlarmBook({ file: join(folder, 'alarms.jsonl'), clock, log })
  const told: string[] = []
  const lines = (): string =>
    existsSync(join(folder, 'alarms.jsonl')) ? readFileSync(join(folder, 'alarms.jsonl'), 'utf8') : ''
  book.onChange((change, { id, code, cleared }) => {
    told.push(`${change} ${code}`)
    if (change === 'raised') t.notOk(lines().includes(id), 'a kill between telling and writing tells it again')
    if (change === 'cleared') t.notOk(lines().includes(`"cleared":${cleared}`), 'its end as well')
  })
  const lost = finding('UPSTREAM_LOST', 'transit-a')
  const seen = { code: 'UPSTREAM_LOST', members: ['transit-a'], by: 'asha', note: 'called' }
  const before = clock.wall()
  for (let k = 0; k < 5; k++) {
    book.observe([lost, finding('REVERT_FIRED', 'revision 9')])
    await clock.advance(1_000)
  }
  book.heed([{ ...seen, at: before }])
  book.heed([{ ...seen, members: ['transit-b'], at: clock.wall() }])
  t.ok(
    book.open().every(({ acknowledged }) => acknowledged === null),
    'not of an earlier one, nor of another',
  )
  const at = clock.wall()
  const all = [
    { ...seen, at },
    { ...seen, code: 'REVERT_FIRED', members: ['revision 9'], at },
  ]
  book.heed(all)
  book.heed(all)
  t.match(book.open(), [{ code: 'UPSTREAM_LOST', acknowledged: { by: 'asha', at, note: 'called' } }])
  t.same(told, [
    'raised REVERT_FIRED',
    'raised UPSTREAM_LOST',
    'acknowledged UPSTREAM_LOST',
    'acknowledged REVERT_FIRED',
  ])

  clock.jumpWall(-86_400_000)
  book.observe([])
  await clock.advance(ALARMS.UPSTREAM_LOST.clearAfter + 1_000)
  book.observe([])
  t.same(book.open(), [], 'a clock that was set back holds nothing open')
  clock.jumpWall(3 * 365 * 86_400_000)
  t.equal(new AlarmBook({ file: join(folder, 'alarms.jsonl'), clock, log }).all().length, 2, 'nor one ahead forgets')
})

t.test('a counter that differs from the sum of edges is said, and a step of the clock', async (t) => {
  const folder = temporaryFolder(t.teardown)
  const { document } = loadPlane('config/taifa')
  const timing = { ...document!.plane.timing, tick: 60_000, lease: 3_600_000 }
  const counters = new Counters()
  const { loop, recorder, archive } = recordedWorld(
    join(folder, 'history'),
    { ...document!, plane: { ...document!.plane, timing } },
    () => 0,
    (tick) => watch.see(tick),
    counters,
  )
  const book = new AlarmBook({ file: join(folder, 'alarms.jsonl'), clock: loop.clock, log })
  const watch = new Watch({ book, clock: loop.clock, counters, recordFails: () => null })
  await loop.step()
  const at = loop.clock.wall()
  const take = (time: number, rate: number): boolean =>
    counters.take('transit-a.down', { at: time, rate, source: 'librenms' }, loop.clock.wall())
  t.ok(take(at + 86_400_000, 1))
  t.equal(counters.measured('transit-a.down', at), undefined, 'of a clock that was a day ahead and was set right')
  t.ok(take(at, 900e6))
  t.notOk(take(at, 1), 'the same post again changes nothing')
  loop.clock.jumpWall(5_000)
  await loop.step()
  t.same(
    book.open().map(({ code }) => code),
    ['CLOCK'],
  )
  for (let k = 0; k < 14; k++) {
    await loop.step()
    take(loop.clock.wall(), 900e6)
  }
  await loop.step()
  t.ok(book.open().some(({ code, subject }) => code === 'MODEL_DIFFERS' && subject === 'transit-a.down'))
  await recorder.flush()
  const points = await linkHistory(archive, 'transit-a.down', { from: at - (at % SLOT), to: at + SLOT, step: SLOT })
  t.match(points[0], { carried: 900e6, measuredBy: 'counter' })
})

const TELLS_TO_ACT =
  /\b(send|call|ask|check|see|read|look|enter|make room|renew|report|restore|tuma|mpigie|muulize|angalia|ona|soma|tafuta|ongeza|kihuishe|ripoti|rudisha|panga)\b/i
const ENGLISH_LEFT = /\b(the|of|is|no|more|longer|again|edge|link|store|guarantee|critical|major|minor|OK|seen)\b/i

t.test('the table of alarms is whole, and each message is true when it is read', (t) => {
  for (const code of ALARM_CODES) {
    const { severity, detail, remedy, raiseAfter, clearAfter } = ALARMS[code]
    for (const text of [detail.en, detail.sw]) t.ok(text.includes('{who}'), code)
    t.not(detail.en, detail.sw)
    t.ok(remedy.en && remedy.sw)
    const alarm = { id: 'a', code, severity, members: ['x-1', 'x-2', 'x-3'], regions: [], since: 0 } as const
    const open = { ...alarm, cleared: null, acknowledged: null }
    const said = {
      raised: worded(open),
      partly: worded(open, { found: ['x-2'], gone: null }),
      gone: worded(open, { found: [], gone: 60_000 }),
      cleared: worded({ ...open, cleared: 120_000 }),
    }
    for (const [state, told] of Object.entries(said)) {
      for (const lang of ['en', 'sw'] as const) {
        const sms = smsOf('taifa', told, 'Africa/Dar_es_Salaam', lang)
        t.comment(`${code} ${state}: ${sms} | ${told.remedy[lang]}`)
        t.notMatch(`${sms} ${told.remedy[lang]}`, /\{who\}|undefined|NaN/)
        if (lang === 'sw') t.notMatch(sms.replace(/x-\d|taifa|EAT/g, ''), ENGLISH_LEFT)
        if (state === 'raised') continue
        t.notMatch(told.detail[lang], state === 'partly' ? /x-1/ : /x-4/, 'it names who is meant now')
        if (state !== 'partly')
          t.notMatch(`${told.detail[lang]} ${told.remedy[lang]}`, TELLS_TO_ACT, `${code} ${state}`)
      }
    }
    t.not(said.cleared.detail.en, said.raised.detail.en, `${code}: when it is over something else is so`)
    t.not(said.cleared.detail.sw, said.raised.detail.sw)
    t.ok(clearAfter >= raiseAfter || code === 'GUARANTEE_BROKEN', `${code} is slow to leave`)
  }
  const said = (code: string, member: string): string =>
    worded({
      ...{ id: 'a', code, severity: 'major', members: [member], regions: [], since: 0 },
      ...{ cleared: null, acknowledged: null },
    }).detail.sw
  t.match(said('REVERT_FIRED', 'revision 5 (revision 4 was not confirmed in time)'), /: toleo la 5 \(toleo la 4 halik/)
  t.match(said('REVERT_FIRED', 'revision 5 (revision 4: edge dar-1 refuses it)'), /lango dar-1 linalikataa\)/)
  t.match(
    said('BREAK_GLASS', 'revision 8 by neema (US$ 5 $& $1)'),
    /toleo la 8 lililowekwa na neema \(US\$ 5 \$& \$1\)/,
  )
  t.match(said('STORE_AWAY', 'policy store'), /hifadhi ya sera/)
  const behind = 'policy store (its accounts of edges are at version 0, and version 7 is known)'
  t.match(said('ACCOUNTS_BEHIND', behind), /hifadhi ya sera \(akaunti za malango ziko toleo la 0, na toleo la 7/)
  t.match(said('ACCOUNTS_BEHIND', 'policy store (its accounts of edges cannot be read)'), /malango hazisomeki\)/)
  const lost = 'it is at revision 0, and revision 1 was in force; its register lacks night; it lacks the order to dar-1'
  t.match(
    said('STORE_LOST', `policy store (${lost})`),
    /iko toleo la 0.*; rejista haina night; haina agizo kwa dar-1\)/,
  )
  t.match(said('EDGE_STALE', 'controller-street'), /controller-street/, 'a name stays a name')
  t.end()
})
