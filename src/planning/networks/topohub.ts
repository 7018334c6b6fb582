// TopoHub's networks (Jurkiewicz, TopoHub: A repository of reference Gabriel graph and real-world topologies, SoftwareX
// 24, 2023): node-link JSON as NetworkX writes it. Links have a length and no capacity, so whoever reads says one; of
// demands, where there are any, the sizes relative to each other are known.

import { isNode, LineCounter, parseDocument } from 'yaml'
import { invalid, messageOf } from '../../runtime/errors.js'
import * as z from '../../runtime/zod.js'
import { costOf, type Network, Reading, type ReadOptions } from './network.js'

const TOPOHUB = 'TopoHub JSON'
const MEGABIT = 1e6

const id = z.union([z.int(), z.string()])
const pair = z.tuple([z.number(), z.number()])
const node = z.looseObject({ id, name: z.string().nullish(), pos: pair.nullish() })
const link = z.looseObject({ source: id, target: id, dist: z.number().min(0).nullish() })
const shape = z
  .looseObject({
    directed: z.literal(false, { error: 'expected false: a directed graph is not read' }).optional(),
    graph: z
      .looseObject({
        name: z.string().nullish(),
        demands: z.record(z.string(), z.record(z.string(), z.number().min(0).max(1e9))).nullish(),
      })
      .default({}),
    nodes: z.array(node),
    links: z.array(link).optional(),
    edges: z.array(link).optional(),
  })
  .refine(({ links, edges }) => (links === undefined) !== (edges === undefined), {
    error: 'expected links (or edges, as newer releases write them), and one of the two',
    path: ['links'],
  })

type Path = readonly PropertyKey[]

export function readTopohub(text: string, file: string, { unit = MEGABIT, capacity }: ReadOptions): Network {
  const places: Path[] = []
  const reading = new Reading(file, (place) => lineOf(text, places[place] ?? []))
  const at = (...path: Path): number => places.push(path) - 1
  let json: unknown
  try {
    json = JSON.parse(text)
  } catch (error) {
    const [first] = parseDocument(text, { lineCounter: new LineCounter() }).errors
    const line = first?.linePos?.[0].line ?? 1
    throw invalid('NETWORK_INVALID', `${file} cannot be read as ${TOPOHUB}`, [
      { code: 'SYNTAX', file, line, message: `this is no JSON: ${messageOf(error)}` },
    ])
  }
  const read = shape.safeParse(json)
  if (!read.success) {
    for (const { path, message } of read.error.issues)
      reading.refuse(at(...path), `/${path.map(String).join('/')}: ${message}`)
    return reading.done('', TOPOHUB)
  }
  const { graph, nodes, links, edges } = read.data
  // North is up, and y goes down. Not -0, which JSON does not know.
  for (const [n, { id, name, pos }] of nodes.entries())
    reading.node(at('nodes', n), String(id), pos ? [pos[0], pos[1] === 0 ? 0 : -pos[1]] : null, name || String(id))
  const from = links === undefined ? 'edges' : 'links'
  for (const [n, { source, target, dist }] of (links ?? edges ?? []).entries()) {
    const ends = { from: String(source), to: String(target) }
    const both = { down: capacity, up: capacity }
    const named = nameOfLink(ends, nodes)
    // Parallel lines are told apart by their place.
    const name = places.length > 0 && reading.hasLink(named) ? `${named} ${n}` : named
    reading.link(at(from, n), name, { ...ends, capacity: both, cost: costOf(dist ?? 1), setup: 0, modules: [] })
  }
  for (const [source, row] of Object.entries(graph.demands ?? {}))
    for (const [target, value] of Object.entries(row))
      reading.demand(at('graph', 'demands', source, target), source, target, Math.round(value * unit))
  return reading.done(graph.name ?? '', TOPOHUB)
}

function nameOfLink({ from, to }: { from: string; to: string }, nodes: readonly z.output<typeof node>[]): string {
  const nameOf = (id: string): string => nodes.find((each) => String(each.id) === id)?.name || id
  return `${nameOf(from)} ${nameOf(to)}`
}

/** Looked up only where something is wrong. */
function lineOf(text: string, path: Path): number {
  const lines = new LineCounter()
  const document = parseDocument(text, { lineCounter: lines })
  // The nearest that is there: what is missing has no line.
  for (let length = path.length; length >= 0; length--) {
    const found: unknown = document.getIn(path.slice(0, length), true)
    const [offset] = isNode(found) ? (found.range ?? []) : []
    if (offset !== undefined) return lines.linePos(offset).line
  }
  return 1
}
