// What goes one way is added up once: the sums over links are those of each flow over its own path.

import t from 'tap'
import { compile, provisionalIndexes } from '../../src/policy/compile/compile.js'
import { loadPlane } from '../../src/policy/files/files.js'
import type { Paths } from '../../src/publish/edge-load.js'
import { EdgeWays } from '../../src/publish/edge-ways.js'
import { shippedFile } from '../../src/runtime/config.js'

const hopsOf = ({ pathStart, pathLink, pathFraction }: Paths, row: number): string[] => {
  const hops: string[] = []
  for (let q = pathStart[row]!; q < pathStart[row + 1]!; q++) hops.push(`${pathLink[q]} ${pathFraction[q]}`)
  return hops
}

t.test('in the nation that ships a flow has a hop or two of its own, and a way that is of its edge', async (t) => {
  const document = loadPlane(shippedFile('config/taifa')).document!
  const { plan, problem } = compile(document, { revision: 1, hash: '', indexes: provisionalIndexes(document) })
  const { own, ways, wayOf, firstFlow, firstWay } = new EdgeWays(plan.edges, problem, plan.links.length)
  const wrong = plan.edges.flatMap(({ flows }, e) =>
    flows.filter((f, k) => {
      const way = wayOf[firstFlow[e]! + k]!
      const isOfEdge = way >= firstWay[e]! && way < firstWay[e + 1]!
      const together = [...hopsOf(own, firstFlow[e]! + k), ...hopsOf(ways, way)]
      return !isOfEdge || `${together.sort()}` !== `${hopsOf(problem, f).sort()}`
    }),
  )
  t.same(wrong, [])
  const rows = own.pathLink.length + ways.pathLink.length
  t.ok(rows < problem.pathLink.length / 2, `${rows} hops of ${problem.pathLink.length}`)
})

t.test('where no two ways are alike each flow has one', async (t) => {
  const flows = Array.from({ length: 100 }, (_, f) => f)
  // All take link 0, and each two links of its own; of the last ten a part.
  const paths = {
    pathStart: Uint32Array.from({ length: 101 }, (_, f) => 3 * f),
    pathLink: Uint32Array.from(flows.flatMap((f) => [0, 1 + 2 * f, 2 + 2 * f])),
    pathFraction: Float64Array.from(flows.flatMap((f) => [f < 90 ? 1 : f / 100, 1, 1])),
  }
  const { own, ways, wayOf, firstWay } = new EdgeWays([{ flows }, { flows: [] }], paths, 201)
  t.same([...new Set(wayOf)].length, 11, 'but for those that take a shared link in the same part')
  t.same([...firstWay], [0, 11, 11])
  t.same([own.pathLink.length, ways.pathLink.length], [200, 11])
  const alone = Float64Array.from(paths.pathFraction, (_, q) => (q % 3 === 0 ? 1 / (q + 1) : 1))
  t.equal(new EdgeWays([{ flows }], { ...paths, pathFraction: alone }, 201).ways.pathLink.length, 100)
})
