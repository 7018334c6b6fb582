// A plane small enough to work out by hand: two institutions of one tier behind one edge, one upstream.

import { type PolicyDocument, policySchema } from '../../src/policy/document/document.js'

const text = (name: string) => ({ en: name, sw: name })
const own = { service: 'internet', lifeline: '64kbps', weight: 1, ceiling: '64kbps' }
const line = { capacity: '1Gbps', from: 'dar', to: 'dodoma' }
const bandwidth = {
  ceiling: '90Mbps',
  segments: [
    { band: 'lifeline', size: '1Mbps' },
    { band: 'committed', size: '79Mbps' },
    { band: 'share', weight: 1 },
  ],
}
const institution = (name: string) => ({
  name: text(name),
  category: 'agency',
  region: 'dodoma',
  tier: 'agency',
  internet: true,
  govnet: false,
})
const site = (of: string) => ({ institution: of, edge: 'dodoma-1', access: '100Mbps' })

export function smallPlane(): PolicyDocument {
  return policySchema.parse({
    schema: 1,
    plane: { id: 'small', name: text('Small'), unmapped: own, control: own },
    regions: { dodoma: { name: text('Dodoma') } },
    categories: { agency: { name: text('Agency') } },
    nodes: { world: { name: text('World') }, dar: { name: text('Dar') }, dodoma: { name: text('Dodoma') } },
    groups: { cable: { name: text('Cable') } },
    links: {
      sea: { kind: 'upstream', from: 'world', to: 'dar', capacity: '200Mbps', groups: ['cable'] },
      mkongo: { kind: 'backbone', ...line },
    },
    edges: { 'dodoma-1': { name: text('Dodoma'), node: 'dodoma', region: 'dodoma', port: '1Gbps' } },
    services: { internet: { name: text('Internet'), index: 0, members: 'internet', via: ['sea'] } },
    bands: [
      { id: 'lifeline', kind: 'guarantee' },
      { id: 'committed', kind: 'guarantee' },
      { id: 'share', kind: 'share' },
      { id: 'headroom', kind: 'headroom', fill: 0.95 },
    ],
    classes: { standard: { name: text('Standard'), index: 0, weight: 1 } },
    tiers: { agency: { name: text('Agency'), services: { internet: { down: bandwidth, up: bandwidth } } } },
    institutions: { posta: institution('Posta'), reli: institution('Reli') },
    sites: { 'posta-hq': site('posta'), 'reli-hq': site('reli') },
  })
}
