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

t.test('a scope gives no more away than it holds, or than its budget', async (t) => {
  const rich = (document: PolicyDocument): string => {
    const [known] = Object.values(document.tiers)
    const tier = structuredClone(known!)
    for (const { down, up } of Object.values(tier.services)) for (const one of [down, up]) one.ceiling *= 100
    document.tiers.rich = tier
    return 'rich'
  }
  const over = (
    change: (document: PolicyDocument) => unknown,
    budget?: NonNullable<Parameters<typeof overBudget>[2]>['budget'],
    scope: Parameters<typeof overBudget>[2] = { ...AFYA, ...(budget && { budget }) },
  ): string[] => {
    const [before, after] = [plane(), plane()]
    for (const document of [before, after]) rich(document)
    change(after)
    return overBudget(before, after, scope).map(({ pointer, message }) => `${pointer}: ${message.split(':')[0]}`)
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
