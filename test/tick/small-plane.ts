// A plane small enough to reason about: one upstream, two PoPs on a backbone link, three edges, and as many
// institutions as a test wants, one of them behind two edges. Made through the production schema and compile.

import { type PolicyDocument, policySchema } from '../../src/policy/document/document.js'

export interface SmallPlane {
  readonly institutions?: number
  /** bit/s of the one upstream, both directions. */
  readonly upstream?: number
  readonly lease?: number
  /** The last has no institution of its own. */
  readonly edges?: readonly string[]
}

const name = (en: string) => ({ en, sw: en })

export function smallPlane({
  institutions = 12,
  upstream = 1_000_000_000,
  lease = 60_000,
  edges = ['east', 'west', 'core'],
}: SmallPlane = {}): PolicyDocument {
  const functions = (scale: number) => ({
    ceiling: 400_000_000 * scale,
    segments: [
      { band: 'lifeline', size: 256_000 },
      { band: 'committed', size: 40_000_000 * scale },
      { band: 'share', weight: 4 * scale },
    ],
  })
  const bodies: Record<string, unknown> = {}
  const sites: Record<string, unknown> = {}
  for (let k = 0; k < institutions; k++) {
    const id = `inst-${String(k).padStart(3, '0')}`
    const tier = k % 3 === 0 ? 'large' : 'small'
    bodies[id] = { name: name(id), category: 'office', region: 'r', tier, internet: true, govnet: true }
    const site = (edge: string, n: number) => ({
      institution: id,
      edge,
      prefixes: [`10.${k}.${n}.0/24`],
      access: 600_000_000,
    })
    sites[`${id}-a`] = site(edges[k % (edges.length - 1)]!, 0)
    if (k === 0) sites[`${id}-b`] = site(edges.at(-1)!, 1)
  }
  return policySchema.parse({
    schema: 1,
    plane: {
      id: 'small',
      name: name('Small'),
      timing: { tick: 1_000, lease, staleAfterTicks: 3 },
      unmapped: { service: 'internet', lifeline: 256_000, weight: 1, ceiling: 20_000_000 },
      control: { service: 'govnet', lifeline: 256_000, weight: 1, ceiling: 10_000_000 },
    },
    regions: { r: { name: name('Region') } },
    categories: { office: { name: name('Office') } },
    nodes: { outside: { name: name('Outside') }, centre: { name: name('Centre') }, far: { name: name('Far') } },
    links: {
      transit: { kind: 'upstream', from: 'outside', to: 'centre', capacity: upstream },
      trunk: { kind: 'backbone', from: 'centre', to: 'far', capacity: 10_000_000_000 },
    },
    edges: Object.fromEntries(
      edges.map((id) => [
        id,
        {
          name: name(id),
          node: id === 'west' ? 'far' : 'centre',
          region: 'r',
          port: 10_000_000_000,
          enforcement: 'enforce',
        },
      ]),
    ),
    services: {
      internet: { name: name('Internet'), index: 0, members: 'internet', via: ['transit'] },
      govnet: {
        name: name('GovNet'),
        index: 1,
        members: 'govnet',
        at: ['centre'],
        split: 'nearest',
        prefixes: ['172.16.0.0/12'],
      },
    },
    bands: [
      { id: 'lifeline', kind: 'guarantee' },
      { id: 'committed', kind: 'guarantee' },
      { id: 'share', kind: 'share' },
      { id: 'headroom', kind: 'headroom', fill: 0.95 },
    ],
    classes: {
      business: { name: name('Business'), index: 0, dscp: [34], weight: 4, guarantee: 0.2 },
      standard: { name: name('Standard'), index: 1, weight: 2 },
    },
    tiers: {
      large: { name: name('Large'), services: both(functions(2)) },
      small: { name: name('Small'), services: both(functions(1)) },
    },
    institutions: bodies,
    sites,
  })
}

const both = (f: unknown) => ({ internet: { down: f, up: f }, govnet: { down: f, up: f } })
