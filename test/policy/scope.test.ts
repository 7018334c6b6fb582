// What a scoped officer may change: inside, before and after; nothing that is common to all.

import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import type { PolicyDocument } from '../../src/policy/document/document.js'
import { EMPTY_PLANE } from '../../src/policy/files/empty-plane.js'
import { loadPlane } from '../../src/policy/files/files.js'
import { overBudget } from '../../src/policy/revisions/budget.js'
import {
  assertPatchInScope,
  edgeInScope,
  institutionInScope,
  outOfScope,
  outsideScope,
} from '../../src/policy/revisions/scope.js'

const folder = join(t.testdir(), 'plane')
mkdirSync(folder)
for (const [name, text] of Object.entries(EMPTY_PLANE)) writeFileSync(join(folder, name), text)
const example = loadPlane(folder).document!

/** Envelopes afya > hospitali, and elimu; one institution in each, in one region. */
function plane(): PolicyDocument {
  const document = structuredClone(example)
  const envelope = (parent: string | null) => ({
    ...{ name: { en: 'x', sw: 'x' }, parent },
    ...{ ceilings: {}, weights: {}, guarantees: {} },
  })
  document.envelopes = { afya: envelope(null), hospitali: envelope('afya'), elimu: envelope(null) }
  const [known] = Object.values(document.institutions)
  const [site] = Object.values(document.sites)
  const [edge] = Object.keys(document.edges)
  document.institutions = {
    moh: { ...known!, envelope: 'afya', category: 'ministry' },
    mnh: { ...known!, envelope: 'hospitali', category: 'hospital' },
    shule: { ...known!, envelope: 'elimu', category: 'school' },
  }
  document.sites = { mnh: { ...site!, institution: 'mnh', edge: edge! } }
  return document
}

const AFYA = { envelopes: ['afya'] }

/** What lies outside after this change. */
function outside(
  change: (document: PolicyDocument) => unknown,
  scope: Parameters<typeof outsideScope>[2] = AFYA,
): string[] {
  const after = plane()
  change(after)
  return outsideScope(plane(), after, scope)
}

t.test('inside the envelope and the envelopes below it', async (t) => {
  const inside = outside((d) => {
    d.institutions.mnh!.tier = 'another'
    d.institutions.klinik = { ...d.institutions.mnh! }
    d.sites.klinik = { ...d.sites.mnh!, institution: 'klinik' }
    d.envelopes.hospitali!.ceilings = { internet: { down: 1e9, up: 1e9 } }
    delete d.institutions.moh
  })
  t.strictSame(inside, [])
})

t.test('a change for a while is told what of it lies outside, and not that one’s own envelope does', async (t) => {
  const said = (
    on: Parameters<typeof assertPatchInScope>[1],
    scope: Parameters<typeof assertPatchInScope>[2] = AFYA,
  ) => {
    try {
      assertPatchInScope(plane(), on, scope)
      return 'taken'
    } catch (error) {
      return (error as Error).message
    }
  }
  t.match(said({ envelope: 'afya' }), /^The envelope afya has limits that belong to whoever drew it, also where your/)
  t.match(said({ link: 'x-1' }), /^The link x-1 is common to all; with a scope you change institutions\.$/)
  t.equal(said({ institution: 'mnh' }), 'taken')
  t.equal(said({ institution: 'shule' }), 'The institution shule lies outside your scope.')
  t.equal(
    said({ region: plane().institutions.moh!.region }, { envelopes: ['hospitali'] }),
    `The region ${plane().institutions.moh!.region} reaches beyond your scope: ` +
      '2 of its 3 institutions lie outside, first moh.',
  )
})

t.test('nothing of others, nothing common, and no way across the border', async (t) => {
  t.strictSame(
    outside((d) => Object.assign(d.institutions.shule!, { tier: 'x' })),
    ['/institutions/shule'],
  )
  t.strictSame(
    outside((d) => Object.assign(d.institutions.shule!, { envelope: 'afya' })),
    ['/institutions/shule'],
    'taken in',
  )
  t.strictSame(
    outside((d) => Object.assign(d.institutions.mnh!, { envelope: 'elimu' })),
    ['/institutions/mnh'],
    'put out',
  )
  t.strictSame(
    outside((d) => Object.assign(d.institutions.mnh!, { envelope: null })),
    ['/institutions/mnh'],
    'set free',
  )
  t.strictSame(
    outside((d) => Object.assign(d.sites.mnh!, { institution: 'shule' })),
    ['/sites/mnh'],
  )
  t.strictSame(
    outside((d) => Object.assign(d.envelopes.afya!, { ceilings: { x: { down: 1, up: 1 } } })),
    ['/envelopes/afya'],
    'their own limit',
  )
  t.strictSame(
    outside((d) => Object.assign(d.envelopes.elimu!, { parent: 'afya' })),
    ['/envelopes/elimu'],
  )
  t.strictSame(
    outside((d) => Object.assign(d.plane, { demo: !d.plane.demo })),
    ['/plane'],
  )
  t.strictSame(
    outside((d) => Object.assign(d.tiers, { rich: Object.values(d.tiers)[0] })),
    ['/tiers'],
  )
  t.strictSame(
    outside((d) => Object.assign(d.institutions.shule!, { tier: 'x' }), null),
    [],
    'no scope is everything',
  )
  const both = { envelopes: ['afya'], categories: ['hospital'] }
  t.strictSame(
    outside((d) => Object.assign(d.institutions.moh!, { tier: 'x' }), both),
    ['/institutions/moh'],
    'every kind counts',
  )
  const after = plane()
  after.institutions.shule!.tier = 'x'
  t.match(outOfScope(outsideScope(plane(), after, AFYA)), {
    code: 'FORBIDDEN',
    faults: [{ pointer: '/institutions/shule' }],
  })
})

t.test('whose scope is a region or a category gives nobody the share of another envelope', async (t) => {
  const scope = { regions: [plane().institutions.mnh!.region], categories: ['hospital'] }
  const moved = (envelope: string | null) => (d: PolicyDocument) => Object.assign(d.institutions.mnh!, { envelope })
  for (const other of ['elimu', 'afya', null]) {
    t.strictSame(outside(moved(other), scope), ['/institutions/mnh/envelope'], `${other}`)
  }
  const added = (envelope: string | null) => (d: PolicyDocument) => {
    d.institutions.klinik = { ...d.institutions.mnh!, envelope }
  }
  t.strictSame(outside(added('hospitali'), scope), [], 'beside those that are theirs')
  t.strictSame(outside(added('elimu'), scope), ['/institutions/klinik/envelope'])
  t.strictSame(outside(added(null), scope), ['/institutions/klinik/envelope'])
  t.strictSame(outside(moved('afya')), [], 'inside what a scope names it may be moved')
})

t.test('institutions and edges', async (t) => {
  const document = plane()
  const [edge] = Object.keys(document.edges)
  const region = document.edges[edge!]!.region
  t.strictSame(
    ['moh', 'mnh', 'shule', 'nobody'].map((id) => institutionInScope(document, id, AFYA)),
    [true, true, false, false],
  )
  t.ok(institutionInScope(document, 'shule', null))
  t.ok(edgeInScope(document, edge!, AFYA), 'everything behind it lies inside')
  document.sites.shule = { ...document.sites.mnh!, institution: 'shule' }
  t.notOk(edgeInScope(document, edge!, AFYA))
  t.ok(edgeInScope(document, edge!, { regions: [region] }))
  t.notOk(edgeInScope(document, edge!, { regions: ['elsewhere'] }))
  t.notOk(edgeInScope(document, 'nowhere', { regions: [region] }))
})

/** The plane with a tier of hundredfold ceilings. */
function richPlane(): PolicyDocument {
  const document = plane()
  const [known] = Object.values(document.tiers)
  const tier = structuredClone(known!)
  for (const { down, up } of Object.values(tier.services)) for (const one of [down, up]) one.ceiling *= 100
  document.tiers.rich = tier
  return document
}

type Scoped = NonNullable<Parameters<typeof overBudget>[1]>

t.test('a scope gives no more away than it holds, or than its budget', async (t) => {
  const over = (
    change: (document: PolicyDocument) => unknown,
    budget?: Scoped['budget'],
    scope: Scoped | null = { ...AFYA, ...(budget && { budget }) },
  ): string[] => {
    const [before, after] = [richPlane(), richPlane()]
    change(after)
    const held = (document: PolicyDocument) => ({ document, overrides: [], modes: [] })
    const about = { before: held(before), after: held(after), from: 0, until: null }
    return overBudget(about, scope).map(({ pointer, message }) => `${pointer}: ${message.split(':')[0]}`)
  }
  const more = (d: PolicyDocument): unknown => Object.assign(d.institutions, { klinik: { ...d.institutions.mnh! } })
  const raised = (d: PolicyDocument): unknown => Object.assign(d.institutions.mnh!, { tier: 'rich' })
  const rates = ['guarantee', 'ceiling'].flatMap((sum) => [`${sum} down`, `${sum} up`])
  const sums = ['institutions', ...rates].map((sum) => `/institutions: ${sum} of the scope`)
  const ceilings = sums.slice(3)
  t.strictSame(over(more), sums, 'a hundred institutions of its own making')
  t.strictSame(over(more, { institutions: 3, guarantee: 1e12, ceiling: 1e12 }), [])
  t.strictSame(over(more, { institutions: 3 }), sums.slice(1))
  t.strictSame(over(raised), [...ceilings, '/institutions/mnh/tier: tier rich is none that the scope may give'])
  t.strictSame(over(raised, { tiers: ['rich'], ceiling: 1e12 }), [])
  const ceiling = { internet: { down: 4e12, up: 4e12 } }
  t.strictSame(
    over((d) => Object.assign(d.institutions.mnh!, { ceilings: ceiling })),
    ceilings,
    'a ceiling of 4 Tbit/s',
  )
  t.strictSame(
    over((d) => delete d.institutions.moh),
    [],
    'less is free',
  )
  // Above its budget already, by somebody else's hand: what there is may be changed, and not grow.
  t.strictSame(
    over((d) => Object.assign(d.institutions.mnh!, { labels: { x: 'y' } }), { institutions: 1, tiers: ['rich'] }),
    [],
  )
  t.strictSame(over(raised, undefined, null), [], 'no scope is no limit')
})

t.test('what a scope may hold is judged beside all that holds at the same time', async (t) => {
  // Monday.
  const monday = Date.parse('2026-01-05T00:00:00Z')
  const at = (hour: number): number => monday + hour * 3_600_000
  const rates = (rate: number) => ({ internet: { down: rate, up: rate } })
  const on = (institution: string, rate: number, from: number, until: number) => ({
    ...{ id: `${institution} ${rate / 1e8}`, patch: { on: { institution }, ceilings: rates(rate) } },
    ...{ from: at(from), until: at(until) },
  })
  type Laid = ReturnType<typeof on>
  const document = plane()
  document.plane.timezone = 'Africa/Dar_es_Salaam'
  for (const institution of Object.values(document.institutions)) institution.ceilings = rates(10e8)
  const base = { document, overrides: [] as Laid[], modes: [] }
  const scope = (ceiling?: number): Scoped => ({ ...AFYA, ...(ceiling && { budget: { ceiling } }) })
  const sums = (...about: [Parameters<typeof overBudget>[0], Scoped]) =>
    overBudget(...about).map(({ message }) => /^(\S+ \S+) .*?(?:, beside (.*))?$/.exec(message)!.slice(1).join('; '))
  const both = (other: string) => ['ceiling down', 'ceiling up'].map((sum) => `${sum}; ${other}`)
  const laid = (it: Laid, overrides: Laid[], about = scope(30e8)) => {
    const [before, after] = [overrides, [...overrides, it]].map((overrides) => ({ ...base, overrides }))
    return sums({ before: before!, after: after!, from: it.from, until: it.until }, about)
  }
  const mine = on('moh', 20e8, 0, 10)
  t.strictSame(laid(on('mnh', 20e8, 0, 10), []), [], 'each of them alone fits')
  t.strictSame(laid(on('mnh', 20e8, 2, 4), [mine]), both('override moh 20'), 'both together do not')
  t.strictSame(laid(on('mnh', 20e8, 10, 12), [mine]), [], 'one after the other')
  t.strictSame(laid(on('mnh', 20e8, -4, 4), [mine]), both('override moh 20'), 'the one begins later')
  const less = on('moh', 5e8, 0, 4)
  t.strictSame(laid(on('mnh', 15e8, 0, 4), [less], scope()), [], 'what one gives another may have for as long')
  t.strictSame(laid(on('mnh', 15e8, 0, 6), [less], scope()), both(''), 'and no longer')

  const [raised, elsewhere] = [structuredClone(document), structuredClone(document)]
  raised.institutions.mnh!.ceilings = rates(20e8)
  const revision = (overrides: Laid[]) => {
    const [before, after] = [document, raised].map((document) => ({ ...base, document, overrides }))
    return sums({ before: before!, after: after!, from: at(0), until: null }, scope(30e8))
  }
  t.strictSame(revision([]), [])
  t.strictSame(revision([on('moh', 20e8, 500, 510)]), both('override moh 20'), 'nor a change beside what will hold')
  t.strictSame(revision([on('shule', 90e8, 0, 9)]), [], 'what others have is nothing of it')

  const before = { ...base, overrides: [less, on('mnh', 25e8, 0, 4)] }
  const ended = { ...base, overrides: before.overrides.slice(1) }
  t.strictSame(
    sums({ before, after: ended, from: at(1), until: at(4) }, scope(30e8)),
    both('override mnh 25, override moh 5'),
  )

  const patches = [{ on: { institution: 'moh' }, ceilings: rates(25e8) }]
  const hours = { days: ['wed'] as 'wed'[], from: '22:00', until: '02:00', only: 'exams', except: null }
  elsewhere.calendars = {
    exams: { name: { en: 'x', sw: 'x' }, labels: {}, days: [{ from: '2026-03-09', until: '2026-03-13' }] },
  }
  elsewhere.schedules = { night: { name: { en: 'x', sw: 'x' }, labels: {}, ...hours, patches } }
  const nights = (from: number, until: number) => {
    const it = on('mnh', 15e8, from, until)
    const [before, after] = [[], [it]].map((overrides) => ({ ...base, document: elsewhere, overrides }))
    return sums({ before: before!, after: after!, from: it.from, until: it.until }, scope(30e8))
  }
  const exams = (Date.parse('2026-03-11T19:00:00Z') - monday) / 3_600_000
  t.strictSame(nights(0, exams), [], 'until the night of the exams begins')
  t.strictSame(nights(0, exams + 1), both('schedule night'))
  t.strictSame(nights(exams + 4, 2_000), [], 'and after it')
})
