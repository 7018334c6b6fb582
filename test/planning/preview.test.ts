// The preview on a plane small enough to reason about: twelve institutions behind one upstream of 1 Gbit/s (and a local
// service that nobody fights for). Numbers are worked out by hand beside the expectations.

import t from 'tap'
import { busyHourInWords } from '../../src/api/policy/busy-hour-text.js'
import type { Conditions } from '../../src/model/network.js'
import type { Shift } from '../../src/model/preview.js'
import { createDrafter } from '../../src/planning/drafter.js'
import { Forecast } from '../../src/planning/forecast.js'
import { byInstitution } from '../../src/planning/institution-sums.js'
import { compareOutcomes, previewChange } from '../../src/planning/preview.js'
import { createHasher, hashOf } from '../../src/policy/document/canonical.js'
import { applyChanges, changesBetween } from '../../src/policy/document/diff.js'
import { type PolicyDocument, policySchema } from '../../src/policy/document/document.js'
import { validatePolicy } from '../../src/policy/document/validate.js'
import { validateEdit } from '../../src/policy/document/validate-edit.js'
import { NOTHING_IN_FORCE } from '../../src/policy/in-force/holding.js'
import { changeInWords } from '../../src/policy/revisions/change-words.js'
import type { DrafterTask, Edit } from '../../src/policy/revisions/draft.js'
import { lossesOf, newLosses } from '../../src/policy/revisions/guards.js'
import type { Change } from '../../src/policy/revisions/proposal.js'
import { testFailureText } from '../../src/policy/revisions/test-text.js'
import { smallPlane } from '../tick/small-plane.js'
import { agree } from './agree.js'

const M = 1_000_000
const still = () => 0
const forecast = (document: PolicyDocument): Forecast => new Forecast(document, still)
const nothing = { demand: null, conditions: {}, busyHour: null }

function change(edit: (draft: PolicyDocument) => unknown, base = smallPlane()): PolicyDocument {
  const draft = structuredClone(base)
  edit(draft)
  return policySchema.parse(draft)
}

t.test('whatever is asked, no more is kept than what a preview asks for again', (t) => {
  const plane = smallPlane()
  const planned = forecast(plane)
  const first = planned.under('ceiling', {})
  t.equal(planned.under('ceiling', {}), first, 'solved once')
  for (let k = 1; k <= 100; k++) planned.under('ceiling', { transit: k / 101 })
  t.not(planned.under('ceiling', {}), first, 'what nobody asked for again is gone')
  t.same(planned.under('ceiling', {}), first, 'and made again as it was')
  t.end()
})

t.test('a larger tier: one gains what the others lose, and where nobody is short nobody loses', async (t) => {
  const before = smallPlane()
  const after = change((d) => Object.assign(d.institutions['inst-001']!, { tier: 'large' }))
  const asked = new Map([
    ['inst-001/internet/down', 500 * M],
    ['inst-002/internet/down', 100 * M],
  ])
  const { impact } = previewChange(forecast(before), forecast(after), { ...nothing, demand: asked })
  t.same(impact.now!.losers, [], 'two who ask for 600 of 1000 Mbit/s')
  t.match(impact.now!.gainers, [{ institution: 'inst-001', direction: 'down', before: 400 * M, after: 500 * M }])

  // Everyone asks for the ceiling: the upstream is short. An access line of 600 Mbit/s carries both services, so the
  // large ones gain on the other service what they lose on this one.
  const { losers, gainers, totals, guaranteesBroken } = impact.allAtCeiling
  const upstream = gainers.filter(({ service }) => service === 'internet')
  t.same([...new Set(upstream.map(({ institution }) => institution))], ['inst-001'])
  t.equal(totals.losers, 11, 'everyone else')
  t.ok(losers.every(({ before, after, service }) => after < before && service === 'internet'))
  t.same(guaranteesBroken, [])
  const sum = (rows: readonly Shift[]) => rows.reduce((total, r) => total + r.after - r.before, 0)
  t.ok(Math.abs(sum(upstream) + sum(losers)) < 0.06 * sum(upstream), 'what one gains the others lose, but for unmapped')
})

t.test('a link that is imagined cut: who has less then, and less still where it was short already', async (t) => {
  const present = forecast(smallPlane())
  const asked = new Map([
    ['inst-001/internet/down', 500 * M],
    ['inst-002/internet/down', 100 * M],
  ])
  const moment = { ...nothing, demand: asked }
  const under = (losing: Conditions, conditions: Conditions = {}) =>
    previewChange(present, present, { ...moment, conditions }, losing).impact
  const all = under({ transit: 0 })
  t.match(all.now!.losers, [
    { institution: 'inst-001', direction: 'down', before: 400 * M, after: 0 },
    { institution: 'inst-002', direction: 'down', before: 100 * M, after: 0 },
  ])
  t.equal(all.busyHour.totals.losers, 12, 'in the busy hour everyone')
  t.equal(all.allAtCeiling.totals.losers, 12)
  t.same(under({ transit: 0.6 }).now!.losers, [], 'what is left is enough for what is asked')
  t.same(under({ transit: 0.5 }, { transit: 0.1 }).now!.losers, [], 'the least counts: it carries less already')
  t.same(under({}).allAtCeiling.losers, [], 'and nothing is lost where nothing is imagined')
})

t.test('slider, preview and the tick after the change say the same, to the kbit/s', async (t) => {
  const { moved, faults } = await agree(10, 2)
  t.strictSame(faults, [])
  t.ok(moved > 10, `${moved} needs moved; 1,000 changes: npm run agree`)
})

t.test('losses are told by institution with their sizes, and an approval is bound to all of them', async (t) => {
  const before = smallPlane({ institutions: 600, upstream: 100_000 * M })
  for (const site of Object.values(before.sites)) site.prefixes = []
  const after = change((d) => {
    for (const tier of Object.values(d.tiers))
      for (const way of ['down', 'up'] as const) tier.services.internet![way].segments[1]!.size! /= 2
  }, before)
  const preview = previewChange(forecast(before), forecast(after), nothing)
  const { losers, institutions, totals } = preview.impact.allAtCeiling
  t.equal(losers.length, 1_000, 'flows are cut off')
  t.equal(totals.losers, 600)
  t.ok(new Set(losers.map(({ institution }) => institution)).size < 600, 'and institutions with them')
  t.equal(institutions.losers.length, 600, 'but not here')
  const bound = lossesOf(preview).filter((loss) => /^allAtCeiling:inst/.test(loss))
  t.equal(bound.length, 600)
  t.same(newLosses(bound, bound), [])
  t.same(newLosses(bound.slice(1), bound), bound.slice(0, 1))
  t.same(newLosses(['now:inst-001/internet/down'], ['now:inst-001', 'now:inst-002']), ['now:inst-002'], 'older ones')

  const amounts = { before: 9, after: 5, keptBefore: 4, keptAfter: 1 }
  const one: Shift = { institution: 'a', service: 'x', direction: 'down', ...amounts }
  const sums = byInstitution([{ ...one, institution: 'b' }, one, { ...one, service: 'y' }, { ...one, direction: 'up' }])
  t.same(sums, [
    { institution: 'a', down: { before: 18, after: 10, keptBefore: 8, keptAfter: 2 }, up: amounts },
    { institution: 'b', down: amounts, up: null },
  ])
})

t.test('a change is told in words: what it is, who it is, and rates as people write them', (t) => {
  const base = smallPlane()
  const edited = change((d) => {
    d.institutions['inst-001']!.tier = 'large'
    d.tiers.small!.services.internet!.down.ceiling = 300 * M
    d.institutions['inst-099'] = structuredClone(d.institutions['inst-002']!)
    delete d.institutions['inst-003']
    d.plane.demand.margin = 1.2
  })
  const said = changesBetween(base, edited).map((one) => changeInWords(one, base))
  for (const [k, words] of [
    'institution inst-001 (inst-001), tier: Small → Large',
    'institution inst-003 (inst-003) goes; it was name English inst-003',
    'new institution inst-099 (inst-002): name English inst-002',
    'the network itself, demand, margin: 1.15 → 1.2',
    'tier small (Small), services, Internet, download, ceiling: 400 Mbit/s → 300 Mbit/s',
  ].entries())
    t.match(said[k]?.en, words)
  t.equal(said[0]?.sw, 'taasisi inst-001 (inst-001), daraja: Small → Large')

  const named = change((d) => {
    d.services.internet!.name.sw = 'Intaneti'
    d.tiers.large!.name = { en: 'Small', sw: 'Kubwa' }
  })
  const told = changeInWords({ pointer: '/institutions/inst-001/tier', before: 'small', after: 'large' }, named)
  t.equal(
    told.en,
    'institution inst-001 (inst-001), tier: Small (small) → Small (large)',
    'two of one name are told apart',
  )
  const segments = { pointer: '/tiers/small/services/internet/up/segments', before: [] }
  const given = changeInWords({ ...segments, after: [{ band: 'share', weight: 2 }, { band: 'own' }] }, named)
  t.match(
    given.sw,
    'huduma, Intaneti, kupakia, hatua: hakuna → [hatua ya mgao mgao wa haki, uzito 2; hatua ya mgao own]',
  )
  const flag = changeInWords({ pointer: '/institutions/inst-001/govnet', before: false, after: true }, named)
  t.match(flag.sw, ': hapana → ndiyo')
  t.end()
})

t.test('a loss of promise counts where need does not fall, and a small loss does not count', async (t) => {
  const before = smallPlane()
  const lower = change((d) => {
    for (const way of ['down', 'up'] as const) d.tiers.small!.services.internet![way].segments[1]!.size = 20 * M
  })
  const asked = new Map([['inst-001/internet/down', 40 * M]])
  const { now } = previewChange(forecast(before), forecast(lower), { ...nothing, demand: asked }).impact
  t.match(now!.losers, [{ institution: 'inst-001', service: 'internet', before: 40 * M, after: 40 * M }])
  t.equal(now!.totals.losers, 1)
  const hair = change((d) => {
    for (const way of ['down', 'up'] as const) d.tiers.small!.services.internet![way].ceiling -= 60_000
  })
  t.same(previewChange(forecast(before), forecast(hair), nothing).impact.allAtCeiling.losers, [])
})

t.test('the worst named failure is the one in which the present policy keeps least', async (t) => {
  const base = change((d) => {
    d.plane.survive = [
      { id: 'mild', cut: [], derate: { transit: 0.9 } },
      { id: 'bad', cut: [], derate: { transit: 0.3 } },
      { id: 'local', cut: [], derate: { trunk: 0.5 } },
    ]
  })
  const after = change((d) => Object.assign(d.institutions['inst-001']!, { tier: 'large' }), base)
  const { impact } = previewChange(forecast(base), forecast(after), nothing)
  t.equal(impact.now, null)
  t.equal(impact.worstFailure.failure, 'bad')
  // 300 Mbit/s for promises of 640 + 12 lifelines: the more is promised to one, the less is kept of the others'.
  t.ok(impact.worstFailure.totals.losers >= 11)
  const same = previewChange(forecast(base), forecast(structuredClone(base)), nothing).impact
  t.same([same.worstFailure.losers, same.allAtCeiling.losers, same.busyHour.losers], [[], [], []])
})

t.test('a promise that breaks and a link that fills are named', async (t) => {
  const before = smallPlane()
  const after = change((d) => Object.assign(d.links.transit!.capacity, { down: 400 * M }))
  const { allAtCeiling } = previewChange(forecast(before), forecast(after), nothing).impact
  t.ok(allAtCeiling.guaranteesBroken.every(({ service, direction }) => service === 'internet' && direction === 'down'))
  t.equal(allAtCeiling.totals.guaranteesBroken, 12)
  const [link] = allAtCeiling.links
  t.match(link, { id: 'transit.down', usable: 400 * M, full: true })
  const outcome = forecast(before).under('ceiling', {})
  t.same(compareOutcomes(outcome, outcome).links, [])
})

t.test('tests of the policy: what fails anew blocks, what failed before does not', async (t) => {
  const withTests = (base: PolicyDocument, tests: Record<string, unknown>): PolicyDocument =>
    policySchema.parse({ ...base, tests })
  const tests = {
    large: { expect: { tier: 'large', service: 'internet', direction: 'down' }, atLeast: '80Mbps' },
    promises: { expect: { keeps: 'guarantee' }, because: 'the board asked for it' },
    lifelines: { expect: { keeps: 'lifeline', service: 'internet' }, during: { derate: { transit: 0.1 } } },
    greedy: { expect: { institution: 'inst-001', service: 'internet' }, atLeast: '350Mbps' },
    cut: { expect: { keeps: 'lifeline', service: 'internet' }, during: { anyOne: ['backbone'] } },
  }
  const before = withTests(smallPlane(), tests)
  const none = previewChange(forecast(before), forecast(structuredClone(before)), nothing).tests
  t.equal(none.passed, 3)
  t.same(none.failed, [])
  t.same(none.stillFailing.map(({ test }) => test).sort(), ['cut', 'greedy'])
  const cut = none.stillFailing.find(({ test }) => test === 'cut')!
  t.match(cut, { failure: 'trunk', found: 0, flows: 12 }, 'who has no path has no lifeline: six behind the trunk')

  const narrow = structuredClone(before)
  narrow.links.transit!.capacity.down = 500 * M
  const { failed, passed } = previewChange(forecast(before), forecast(narrow), nothing).tests
  t.same(failed.map(({ test }) => test).sort(), ['large', 'promises'])
  t.equal(passed, 1)
  const promise = failed.find(({ test }) => test === 'promises')!
  t.match(promise, { service: 'internet', direction: 'down', bottleneck: 'transit.down', because: /board/ })
  t.ok(promise.found < promise.expected)
  t.match(
    testFailureText(promise),
    /^inst-\d+, internet down: expected .*, would get .*, .* short; it stops at transit\.down; \d+ more .*\(the board/,
  )
  t.match(testFailureText(cut), /would get 0 bit\/s, .* short when trunk fails/)
  const added = withTests(smallPlane(), { ...tests, greedier: { ...tests.greedy, atLeast: '360Mbps' } })
  const verdict = previewChange(forecast(before), forecast(added), nothing).tests
  t.same(
    verdict.failed.map(({ test }) => test),
    ['greedier'],
    'a test that is brought along must pass',
  )
})

t.test('the busiest hour that is recorded takes the place of the model', async (t) => {
  const before = smallPlane()
  const after = change((d) => Object.assign(d.institutions['inst-001']!, { tier: 'large' }))
  const hour = { at: Date.UTC(2026, 10, 25, 7), slots: 11, demand: new Map([['inst-001/internet/down', 500 * M]]) }
  const { impact, busyHour } = previewChange(forecast(before), forecast(after), { ...nothing, busyHour: hour })
  t.same(busyHour, { source: 'recorded', from: hour.at, slots: 11, timezone: 'Africa/Dar_es_Salaam' })
  t.match(busyHourInWords(busyHour), {
    en: /^recorded on Wednesday,? 25 November 2026, 10:00 to 11:00 \(Africa\/Dar_es_Salaam\), 11 of its 12 /,
    sw: /^iliyorekodiwa Jumatano,? 25 Novemba 2026, 10:00 hadi 11:00 \(.*\), vipindi vya dakika tano: 11 kati ya 12$/,
  })
  t.match(impact.busyHour.gainers, [{ institution: 'inst-001', before: 400 * M, after: 500 * M }])
  t.equal(impact.busyHour.gainers.length, 1, 'nobody else asks for anything in that hour')
  const modelled = previewChange(forecast(before), forecast(after), nothing).busyHour
  t.match(modelled, { source: 'model', from: null, slots: null })
  t.match(busyHourInWords(modelled), { en: /^modelled, not measured: .* no full working day/, sw: /^ya mfano/ })
})

t.test('the modelled hour does not follow a changed promise', async (t) => {
  const before = smallPlane()
  const halved = change((d) => {
    for (const { internet } of [d.tiers.small!.services, d.tiers.large!.services])
      for (const way of ['down', 'up'] as const)
        for (const segment of internet![way].segments) if (segment.size) segment.size /= 2
  })
  const { busyHour } = previewChange(forecast(before), forecast(halved), nothing).impact
  t.same(
    busyHour.losers.filter((row) => row.before !== row.after),
    [],
    'no link is short: everyone gets what was asked before, whatever is promised',
  )
  const [was, is] = [forecast(before), forecast(halved)]
  t.same([...is.busyHourUnder(was).values()], [...was.under('busy-hour', {}).demand])
  const moved = change((d) => Object.assign(d.institutions['inst-001']!, { tier: 'large', category: 'hospital' }))
  t.same([...forecast(moved).busyHourUnder(was).values()], [...was.under('busy-hour', {}).demand], 'nor another tier')
})

t.test('a thread keeps what it was told, and says when it does not know', async (t) => {
  const drafter = createDrafter(still)
  const document = smallPlane()
  const moment = { at: 0, inForce: NOTHING_IN_FORCE, busyHour: null, asked: null }
  const known = { hash: hashOf(document), document: null }
  const edit = { changes: [{ pointer: '/institutions/inst-001/tier', after: 'large' }] }
  const task: DrafterTask = { ...moment, kind: 'draft', base: known, edit, scope: null }
  t.same(drafter(task), { kind: 'unknown' })
  const answer = drafter({ ...task, base: { ...known, document } })
  const after = change((d) => Object.assign(d.institutions['inst-001']!, { tier: 'large' }))
  t.match(answer, { kind: 'drafted', hash: hashOf(after), guards: [] })
  if (answer.kind !== 'drafted') return
  t.same(answer.changes, [{ pointer: '/institutions/inst-001/tier', before: 'small', after: 'large' }])
  t.equal(hashOf(applyChanges(document, answer.changes)), answer.hash)
  t.same(answer.preview, { ...previewChange(forecast(document), forecast(after), nothing), solveMs: 0 })

  const asked = { list: 7, flows: ['inst-001/internet/down'], demand: Float64Array.of(500 * M) }
  t.same(drafter({ ...task, asked: { ...asked, flows: null } }), { kind: 'unknown' }, 'whose demand that is')
  t.match(drafter({ ...task, asked }), { preview: { impact: { now: { gainers: [{ after: 500 * M }] } } } })
  t.match(drafter({ ...task, asked: { ...asked, flows: null } }), { kind: 'drafted' })
  t.same(drafter({ ...task, busyHour: { at: 5, slots: 12, demand: null } }), { kind: 'unknown' }, 'which hour that was')

  const drafted = { hash: answer.hash, document: null }
  t.same(drafter({ ...moment, kind: 'compare', before: drafted, after: known }), {
    kind: 'compared',
    preview: { ...previewChange(forecast(after), forecast(document), nothing), solveMs: 0 },
  })
})

t.test('a draft is refused with every fault, and with every place outside the scope', async (t) => {
  const drafter = createDrafter(still)
  const document = smallPlane()
  const base = { hash: hashOf(document), document }
  const task = { kind: 'draft', base, at: 0, inForce: NOTHING_IN_FORCE, busyHour: null, asked: null } as const
  const tiers = [1, 2].map((n) => ({ pointer: `/institutions/inst-00${n}/tier`, after: 'gold' }))
  t.match(drafter({ ...task, edit: { changes: tiers }, scope: null }), {
    kind: 'refused',
    faults: [{ pointer: '/institutions/inst-001/tier' }, { pointer: '/institutions/inst-002/tier' }],
  })
  t.match(drafter({ ...task, edit: { whole: null }, scope: null }), { kind: 'refused' })
  const elsewhere = { ...document, plane: { ...document.plane, id: 'other' } }
  t.match(drafter({ ...task, edit: { whole: elsewhere }, scope: null }), { faults: [{ code: 'OTHER_PLANE' }] })
  const wider = [{ pointer: '/links/transit/capacity/down', after: 2_000 * M }]
  t.same(drafter({ ...task, edit: { changes: wider }, scope: { regions: ['r'] } }), {
    kind: 'outside',
    outside: ['/links'],
  })
  const same = drafter({ ...task, edit: { whole: structuredClone(document) }, scope: null })
  t.match(same, {
    kind: 'drafted',
    hash: base.hash,
    changes: [],
    preview: { impact: { allAtCeiling: { losers: [] } } },
  })
})

t.test(
  'what comes as text or as a sheet is read in the thread of drafts, and says what is wrong with it',
  async (t) => {
    const drafter = createDrafter(still)
    const document = smallPlane()
    const base = { hash: hashOf(document), document }
    const task = {
      kind: 'draft',
      base,
      at: 0,
      inForce: NOTHING_IN_FORCE,
      busyHour: null,
      asked: null,
      scope: null,
    } as const
    const json = (said: unknown, most = 1): Edit => ({ json: Buffer.from(JSON.stringify(said)), most })
    const change = { pointer: '/institutions/inst-001/tier', after: 'large' }
    const { hash } = drafter({ ...task, edit: { changes: [change] } }) as { hash: string }
    t.match(drafter({ ...task, edit: json({ changes: [change] }) }), { kind: 'drafted', hash, found: null })
    t.match(drafter({ ...task, edit: json(document) }), { kind: 'drafted', hash: base.hash, changes: [] })
    t.match(drafter({ ...task, edit: json({ changes: [change] }), looking: true }), { hash, changes: [] })
    for (const changes of [[], [null], [{ after: 1 }], [change, change]])
      t.match(drafter({ ...task, edit: json({ changes }) }), { kind: 'misread' }, JSON.stringify(changes))
    t.match(drafter({ ...task, edit: { json: Buffer.from('{"a":'), most: 1 } }), { kind: 'misread' })

    const sheet = { kind: 'institutions', columns: {}, same: {}, defaults: {}, prune: false, scope: null } as const
    const csv = (text: string): Edit => ({ sheet: { ...sheet, csv: Buffer.from(text) } })
    const laid = drafter({ ...task, edit: csv('id,tier\ninst-001,large\n') })
    t.match(laid, { kind: 'drafted', hash, changes: [{ pointer: change.pointer }] })
    t.match(laid.kind === 'drafted' && JSON.parse(laid.found!), {
      counts: { new: 0, changed: 1, same: 0, closed: 0 },
      rows: [{ line: 2, id: 'inst-001', verdict: 'changed' }],
    })
    t.match(drafter({ ...task, edit: csv('id,tier\ninst-001,gold\n') }), { kind: 'unlaid', rows: 1, sheet: /gold/ })
    t.match(drafter({ ...task, edit: csv('"') }), { kind: 'refused', message: /table|sheet/ })
  },
)

t.test('an edit is judged as the whole document would be, whichever way it comes', async (t) => {
  const base = policySchema.parse(smallPlane())
  const hasher = createHasher()
  t.equal(hasher(base), hashOf(base))
  const body = base.institutions['inst-001']!
  const edits: Record<string, Change[]> = {
    'another tier': [{ pointer: '/institutions/inst-001', after: { ...body, tier: 'large' } }],
    'a rate as people write it': [{ pointer: '/links/transit', after: { ...base.links.transit!, capacity: '2Gbps' } }],
    'a new member of an empty collection': [
      { pointer: '/envelopes/e', after: { name: { en: 'E', sw: 'E' } } },
      { pointer: '/institutions/inst-001', after: { ...body, envelope: 'e' } },
    ],
    'one less, with its site': [{ pointer: '/institutions/inst-001' }, { pointer: '/sites/inst-001-a' }],
    'one less, whose site stays': [{ pointer: '/institutions/inst-001' }],
    'an unknown tier': [{ pointer: '/institutions/inst-001', after: { ...body, tier: 'gold' } }],
    'an unknown key': [{ pointer: '/institutions/inst-001', after: { ...body, colour: 'red' } }],
    'a prefix of somebody else': [
      { pointer: '/sites/inst-001-a', after: { ...base.sites['inst-001-a']!, prefixes: ['10.2.0.0/24'] } },
    ],
    'a deeper place': [{ pointer: '/institutions/inst-001/tier', after: 'large' }],
    'a deeper place in two': [
      { pointer: '/institutions/inst-001/tier', after: 'large' },
      { pointer: '/institutions/inst-002/labels/ticket', after: 'T-1' },
      { pointer: '/institutions/inst-001/labels', after: { a: 'b' } },
    ],
    'a deeper place, as people write it': [{ pointer: '/links/transit/capacity', after: '2Gbps' }],
    'a deeper place that is left out': [{ pointer: '/institutions/inst-001/labels' }],
    'a deeper place that must be there': [{ pointer: '/institutions/inst-001/tier' }],
    'a deeper place with a wrong value': [{ pointer: '/institutions/inst-001/tier', after: 7 }],
    'a deeper place of nobody': [{ pointer: '/institutions/nobody/tier', after: 'large' }],
    'a deeper place of a collection that is not there': [{ pointer: '/former/inst-900/name/en', after: 'X' }],
    'nothing taken from a collection that is not there': [{ pointer: '/former/inst-900' }],
    'a place beyond a value': [{ pointer: '/institutions/inst-001/tier/deeper', after: 'x' }],
    'a member, then a place in it': [
      { pointer: '/institutions/inst-001', after: { ...body, tier: 'gold' } },
      { pointer: '/institutions/inst-001/tier', after: 'large' },
    ],
    'a place in a member that then goes': [
      { pointer: '/institutions/inst-001/tier', after: 'large' },
      { pointer: '/institutions/inst-001' },
      { pointer: '/sites/inst-001-a' },
    ],
    'what stands there already': [{ pointer: '/institutions/inst-001/tier', after: body.tier }],
    '__proto__ as a deeper name': [{ pointer: '/institutions/inst-001/labels/__proto__', after: 'x' }],
    'not a collection': [{ pointer: '/bands/0/id', after: 'x' }],
    '__proto__ as a name': [{ pointer: '/institutions/__proto__', after: body }],
  }
  for (const [name, changes] of Object.entries(edits)) {
    const whole = validatePolicy(applyChanges(base, changes))
    const verdict = validateEdit(base, { changes })
    if (whole.document === null) {
      t.same(verdict, { document: null, faults: whole.faults }, name)
      continue
    }
    t.ok(verdict.document, name)
    t.same(verdict.document, whole.document, name)
    t.equal(hasher(verdict.document), hashOf(whole.document), `${name}: hash`)
    if (verdict.document !== null) t.same(verdict.changes, changesBetween(base, whole.document), `${name}: changes`)
    t.equal(verdict.document?.tiers, base.tiers, `${name}: what was not touched is shared`)
  }
})
