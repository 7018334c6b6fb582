// Seeded planes of eight links: two upstreams into a core, a ring of four nodes with two chords, three gateways, six
// institutions of two tiers. Small enough to try everything that can be tried, crossed enough that it matters.

import { seeded } from '../../../bench/harness.js'
import { DAY, MINUTE } from '../../../src/model/units.js'
import { compileUnder } from '../../../src/planning/run.js'
import type { Study } from '../../../src/planning/study/study.js'
import { type PolicyDocument, policySchema } from '../../../src/policy/document/document.js'
import { smallPlane } from '../small-plane.js'

const text = (name: string) => ({ en: name, sw: name })
/** The eight links: between which nodes, and what they ride on. */
export const RING: Readonly<Record<string, readonly [string, string, readonly string[]]>> = {
  'up-a': ['world', 'core', ['cable']],
  'up-b': ['world', 'core', []],
  r1: ['core', 'n1', ['road']],
  r2: ['n1', 'n2', []],
  r3: ['n2', 'n3', []],
  r4: ['n3', 'core', []],
  x1: ['n1', 'n3', []],
  x2: ['core', 'n2', ['road']],
}

/** Capacities and promises by chance, so that about every second cut leaves somebody short. */
export function ringPlane(seed: number): PolicyDocument {
  const chance = seeded(seed)
  const megabits = (least: number, most: number): string => `${Math.round(least + chance() * (most - least))}Mbps`
  const nodes = ['world', 'core', 'n1', 'n2', 'n3']
  const links = Object.entries(RING).map(([id, [from, to, groups]]) => {
    const kind = from === 'world' ? 'upstream' : 'backbone'
    return [id, { kind, from, to, groups, cost: 1 + Math.floor(3 * chance()), capacity: megabits(80, 260) }]
  })
  const tier = (id: string, band: string) => {
    const bandwidth = {
      ceiling: '200Mbps',
      segments: [
        { band: 'lifeline', size: '1Mbps' },
        { band, size: megabits(20, 60) },
        { band: 'share', weight: 1 },
      ],
    }
    return [id, { name: text(id), services: { internet: { down: bandwidth, up: bandwidth } } }]
  }
  const institutions = ['a', 'b', 'c', 'd', 'e', 'f'].map((id, n) => {
    const kind = n % 2 === 0 ? 'hospital' : 'office'
    const body = { category: kind, region: 'dodoma', tier: kind, internet: true, govnet: false }
    return [id, { name: text(id), ...body }] as const
  })
  const base = JSON.parse(JSON.stringify(smallPlane())) as Record<string, unknown>
  const [lifeline, committed, ...rest] = base.bands as { id: string; kind: string }[]
  return policySchema.parse({
    ...base,
    bands: [lifeline, { id: 'critical', kind: 'guarantee' }, committed, ...rest],
    categories: { hospital: { name: text('Hospital') }, office: { name: text('Office') } },
    nodes: Object.fromEntries(nodes.map((id) => [id, { name: text(id) }])),
    groups: { cable: { name: text('Cable') }, road: { name: text('Road') } },
    links: Object.fromEntries(links),
    services: { internet: { name: text('Internet'), index: 0, members: 'internet', via: ['up-a', 'up-b'] } },
    edges: Object.fromEntries(
      ['n1', 'n2', 'n3'].map((node) => [`e-${node}`, { name: text(node), node, region: 'dodoma', port: '1Gbps' }]),
    ),
    tiers: Object.fromEntries([tier('hospital', 'critical'), tier('office', 'committed')]),
    institutions: Object.fromEntries(institutions),
    sites: Object.fromEntries(
      institutions.map(([id], n) => [`${id}-hq`, { institution: id, edge: `e-n${1 + (n % 3)}`, access: '300Mbps' }]),
    ),
  })
}

/** A Wednesday of such a plane, on which everybody asks for `scale` times what the model says. */
export function ringStudy(seed: number, scale: number): Study {
  const document = ringPlane(seed)
  const { id, name } = document.plane
  const demand = { model: 'seeded' as const, scale, byCategory: {}, byService: {}, byInstitution: {} }
  const day = { from: Date.UTC(2026, 10, 24, 21), horizon: DAY, step: 5 * MINUTE }
  const about = { format: 1 as const, id, name, story: name, source: '', plane: '', seed, changes: [], events: {} }
  const { plan } = compileUnder(document, {})
  return { scenario: { ...about, ...day, demand }, document, habits: document, plan, words: [`--seed ${seed}`] }
}
