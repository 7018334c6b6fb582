// What the thread of the simulated edges is told of the network is the network, and no more of it than has changed.

import t from 'tap'
import { compileUnder } from '../../src/planning/run.js'
import type { Network } from '../../src/process/demo-links.js'
import { networkNews, networkOf, toldOf } from '../../src/process/demo-words.js'
import { smallPlane } from '../tick/small-plane.js'

t.test('a network is told part by part, and a cut link moves no flow', (t) => {
  const document = smallPlane({ institutions: 6 })
  const networkIn = (conditions: Parameters<typeof compileUnder>[1]): Network => {
    const { plan, problem } = compileUnder(document, conditions)
    return { plan, problems: [problem] }
  }
  const usableOf = (link: string): number => document.links[link]?.usable ?? 1
  const intact = networkIn({})
  const told = toldOf(intact.plan, usableOf)
  const news = networkNews(told, intact, null)
  const first = networkOf(structuredClone(news), null)
  const { flows, families, flowIndex, links, institutions, edges } = intact.plan
  t.match(flows, first.plan.flows)
  t.match(links, first.plan.links)
  t.match(institutions, first.plan.institutions)
  t.match(edges, first.plan.edges)
  t.same(first.plan.families, families)
  t.same(first.plan.flowIndex, flowIndex)
  t.ok(first.plan.flows.length > 0 && first.plan.flows.length === flows.length)
  const { pathStart, pathLink, pathFraction } = intact.problems[0]
  t.same(first.problems[0], { pathStart, pathLink, pathFraction })
  for (const { link } of links) t.equal(first.usable[link], usableOf(link))

  const cut = networkIn({ transit: 0.3 })
  const later = networkNews(toldOf(cut.plan, usableOf), cut, told)
  const second = networkOf(structuredClone(later), first)
  t.match(cut.plan.links, second.plan.links)
  t.same(second.plan, { ...first.plan, links: cut.plan.links })
  t.equal(second.plan.flows, first.plan.flows)
  t.equal(second.plan.flowIndex, first.plan.flowIndex)
  t.end()
})
