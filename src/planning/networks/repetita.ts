// REPETITA's text format (Gay, Schaus, Vissicchio, REPETITA: Repeatable Experiments for Performance Evaluation of
// Traffic-Engineering Algorithms, 2017): a graph, and demands in a file of their own. Nodes are named by their place.
//
//   NODES n                             EDGES m                              DEMANDS k
//   label x y                           label src dest weight bw delay       label src dest bw
//   0_Dodoma 35.7 -6.2                  edge_0 0 1 10 1000000 10             demand_0 0 1 25121
//
// An edge is of one direction, a link of ours of both: the two edges between a pair make one, in the order in which
// they stand. Rates are kbit/s.

import { costOf, type Network, onLine, Reading, type ReadOptions, Words, WrongLine } from './network.js'

const REPETITA = 'REPETITA'
const KILOBIT = 1e3
const COLUMNS = {
  NODES: 'label x y',
  EDGES: 'label src dest weight bw delay',
  DEMANDS: 'label src dest bw',
} as const
type Section = keyof typeof COLUMNS

interface Edge {
  readonly line: number
  readonly name: string
  readonly from: string
  readonly to: string
  readonly cost: number
  readonly rate: number
}

/** A file and what stands in it. */
interface Source {
  readonly file: string
  readonly text: string
}

export function readRepetita(graph: Source, demands: Source | null, { unit = KILOBIT }: ReadOptions): Network {
  const reading = new Reading(graph.file)
  const edges: Edge[] = []
  let nodes = 0
  eachRow(reading, graph, ['NODES', 'EDGES'], (section, number, line) => {
    if (section === 'NODES') {
      const label = line.word('a label')
      const [x, y] = [line.number('x'), line.number('y')]
      line.end()
      // Most files of the collection know no places, and write 0 for each.
      reading.node(number, String(nodes++), x === 0 && y === 0 ? null : [x, y === 0 ? 0 : -y], label)
      return
    }
    const [name, from, to] = [line.word('a label'), line.word('src'), line.word('dest')]
    const [cost, rate] = [costOf(line.amount('weight')), line.rate('bw', unit)]
    line.amount('delay')
    line.end()
    if (rate === 0) throw new WrongLine('expected bw above 0')
    edges.push({ line: number, name, from, to, cost, rate })
  })
  linkUp(reading, edges)
  if (demands !== null)
    eachRow(reading, demands, ['DEMANDS'], (_, number, line) => {
      line.word('a label')
      const [from, to, rate] = [line.word('src'), line.word('dest'), line.rate('bw', unit)]
      line.end()
      reading.demand(number, from, to, rate, demands.file)
    })
  return reading.done('', REPETITA)
}

/** Rows of each section, with its count and its columns held against what stands there. */
function eachRow(
  reading: Reading,
  { file, text }: Source,
  sections: readonly Section[],
  read: (section: Section, number: number, line: Words) => void,
): void {
  const lines = text.split('\n').map((line, n) => ({ number: n + 1, words: line.split(/\s/).filter((w) => w !== '') }))
  const left = lines.filter(({ words }) => words.length > 0)
  const end: Line = { number: lines.length, words: ['the', 'end', 'of', 'the', 'file'] }
  for (const section of sections) {
    const [head = end, columns = end] = left.splice(0, 2)
    checkHead(reading, file, section, head, columns)
    const next = left.findIndex(({ words }) => Object.hasOwn(COLUMNS, words[0]!))
    const rows = left.splice(0, next < 0 ? left.length : next)
    if (head.words[0] === section && rows.length !== Number(head.words[1]))
      reading.refuse(head.number, `expected ${head.words[1]} rows below ${section}, found ${rows.length}`, file)
    for (const { number, words } of rows) onLine(reading, number, () => read(section, number, new Words(words)), file)
  }
  for (const { number, words } of left)
    reading.refuse(number, `expected the end of the file, found "${words[0]}"`, file)
}

interface Line {
  readonly number: number
  readonly words: readonly string[]
}

function checkHead(reading: Reading, file: string, section: Section, head: Line, columns: Line): void {
  const [word, count = ''] = head.words
  if (word !== section || !/^\d{1,9}$/.test(count))
    reading.refuse(head.number, `expected "${section}" and how many, found "${head.words.join(' ')}"`, file)
  const found = columns.words.join(' ')
  if (found !== COLUMNS[section])
    reading.refuse(columns.number, `expected the columns "${COLUMNS[section]}", found "${found}"`, file)
}

/** Two edges that go opposite ways are one link. */
function linkUp(reading: Reading, edges: readonly Edge[]): void {
  const waiting = new Map<string, Edge[]>()
  for (const edge of edges) {
    const { line, from, to, cost, rate } = edge
    const there = waiting.get(`${to} ${from}`)?.shift()
    if (there === undefined) {
      const key = `${from} ${to}`
      waiting.set(key, [...(waiting.get(key) ?? []), edge])
      continue
    }
    if (there.cost !== cost)
      reading.refuse(line, `weight ${cost}, and ${there.cost} the other way, in line ${there.line}; expected the same`)
    const capacity = { down: there.rate, up: rate }
    reading.link(there.line, there.name, { from: to, to: from, capacity, cost, setup: 0, modules: [] })
  }
  for (const { line, name, from, to } of [...waiting.values()].flat())
    reading.refuse(line, `edge "${name}" from ${from} to ${to} has no edge back`)
}
