// A plan of edges and nothing else, for tests of how rates travel: nobody is solved for.

import type { Plan, PlanEdge } from '../../src/model/plan.js'

export const bareEdgePlan = (plane: string, edges: readonly string[]): Plan => ({
  ...{ plane, name: { en: 'Nation', sw: 'Taifa' }, demo: true, revision: 1, hash: 'sha256:00' },
  ...{ timezone: 'Africa/Dar_es_Salaam', timing: { tick: 1_000, lease: 60_000, staleAfterTicks: 3 } },
  ...{ demand: { margin: 1.15, threshold: 0.9 }, shortfalls: [], detours: [], bootRate: 256_000 },
  ...{ flows: [], flowIndex: new Map(), families: [], envelopes: [], links: [], institutions: [] },
  edges: edges.map(
    (id): PlanEdge => ({
      ...{ id, name: { en: id, sw: id }, node: id, region: id, enforcement: 'enforce', pace: 'live', line: 'fibre' },
      ...{ port: { down: 1e9, up: 1e9 }, sites: [], flows: [] },
    }),
  ),
  services: [{ id: 'internet', index: 0, name: { en: 'Internet', sw: 'Intaneti' }, prefixes: [] }],
  classes: [{ id: 'standard', index: 0, name: { en: 'Standard', sw: 'Kawaida' }, dscp: [], weight: 1, guarantee: 0 }],
  ...{ bands: [], safe: new Uint32Array(), unreachable: new Set<number>(), warnings: [] },
})
