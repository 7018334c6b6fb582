// `mizani network problem`: a network of researchers as a problem for `mizani allocate`. Each demand is a flow of its
// own, from node to node, over the shortest paths that a plane would take, and all share fairly what links have.

import type { BitsPerSecond } from '../../model/units.js'
import { createRouter } from '../../policy/compile/routing.js'
import type { PolicyLink, PolicyService } from '../../policy/document/document.js'
import { layLinks } from '../../policy/document/links.js'
import { invalid } from '../../runtime/errors.js'
import type { Io } from '../../runtime/io.js'
import { MAX_PATH_LINKS } from '../../runtime/limits.js'
import type { ProblemInput } from '../problem-schema.js'
import type { Network, NetworkLink } from './network.js'
import { builtOf, demandsOf } from './plane-of.js'
import { counted, leftOut, type NetworkFileArgs, networkIn } from './read-command.js'
import { putOut } from './write-command.js'

export interface NetworkProblemArgs extends NetworkFileArgs {
  /** Absent: it is printed. */
  readonly out?: string
}

export function runNetworkProblem({ out, ...args }: NetworkProblemArgs, io: Io): void {
  const { network, promise } = networkIn(args)
  const { problem, notes, wayless } = problemOf(network, promise)
  if (problem.flows.length === 0) {
    const message = 'no demand has a way over links that are built'
    throw invalid('NETWORK_INVALID', `${args.file} makes no problem`, [{ code: 'INVALID', file: args.file, message }])
  }
  putOut(textOf(problem), out, io)
  const into = out === undefined ? '' : `, written to ${out}`
  const lines = [
    `${counted(args.file, network)}; ${problem.flows.length} flows${into}.`,
    ...leftOut(network),
    ...(wayless === 0 ? [] : [`Left out: demands that have no way: ${wayless}.`]),
    ...notes.map((note) => `Made up: ${note}.`),
  ]
  io.stderr.write(`${lines.join('\n')}\n`)
}

interface ProblemOf {
  readonly problem: ProblemInput
  /** Demands between nodes that no built link joins. */
  readonly wayless: number
  /** What was made up, in words. */
  readonly notes: readonly string[]
}

function problemOf(network: Network, promise: BitsPerSecond): ProblemOf {
  const notes: string[] = []
  const { built } = builtOf(network, notes)
  const links = Object.fromEntries(built.map((link) => [link.id, linkOf(link)]))
  const services = Object.fromEntries(network.nodes.map(({ id }) => [id, serviceAt(id)]))
  const table = layLinks({ links, edges: {}, sites: {} })
  const routeOf = createRouter({ links, services }, table)
  const flows: ProblemInput['flows'] = []
  const times = new Map<string, number>()
  let wayless = 0
  for (const { from, to, rate } of demandsOf(network, promise, notes)) {
    const route = routeOf(from, 'down', to)
    if (route === null) {
      wayless++
      continue
    }
    const pair = `${from}/${to}`
    const nth = (times.get(pair) ?? 0) + 1
    times.set(pair, nth)
    if (route.length > MAX_PATH_LINKS)
      throw invalid('NETWORK_INVALID', 'no problem comes of this network', [
        {
          code: 'INVALID',
          message:
            `the shortest paths from ${from} to ${to} cross ${route.length} links; ` +
            `expected at most ${MAX_PATH_LINKS}`,
        },
      ])
    const path = route.map(({ link, fraction }) => {
      const { id } = table.links[link]!
      return fraction === 1 ? id : { link: id, fraction }
    })
    const id = nth === 1 ? pair : `${pair}/${nth}`
    flows.push({ id, path, demand: rate, segments: [{ band: 'share' }] })
  }
  const rows = table.links.map(({ id, room }) => ({ id, capacity: room }))
  return { problem: { bands: [{ id: 'share', kind: 'share' }], links: rows, flows }, wayless, notes }
}

const linkOf = ({ from, to, capacity, cost }: NetworkLink): PolicyLink => ({
  ...{ kind: 'backbone', from, to, capacity, cost },
  ...{ usable: 1, groups: [], labels: {} },
})

/** What begins at a node goes to each other as the traffic of a service that ends there. */
const serviceAt = (node: string): PolicyService => ({
  ...{ name: { en: node, sw: node }, index: 0, members: 'everyone', split: 'nearest' },
  ...{ at: [node], via: [], prefixes: [], fractions: {}, labels: {} },
})

/** A row a line: a problem is read by people too. */
function textOf({ bands, links, flows }: ProblemInput): string {
  const rows = (all: readonly object[]): string => all.map((row) => `\n    ${JSON.stringify(row)}`).join(',')
  const lists = Object.entries({ bands, links, flows }).map(([name, all]) => `  "${name}": [${rows(all)}\n  ]`)
  return `{\n${lists.join(',\n')}\n}\n`
}
