// SNDlib's native format, version 1.0 (Orlowski, Pióro, Tomaszewski, Wessäly, SNDlib 1.0, Networks 55, 2010):
// sections of one entry a line. `#` begins a comment.
//
//   ?SNDlib native format; type: network; version: 1.0
//   META ( key = value … )
//   NODES ( id [ ( longitude latitude ) ] … )
//   LINKS ( id ( source target ) pre_installed cost routing_cost setup_cost ( { module_capacity module_cost }* ) … )
//   DEMANDS ( id ( source target ) routing_unit value max_path_length … )
//   ADMISSIBLE_PATHS ( … )         passed over: routes are Mizani's own
//
// A capacity is without a unit, and of both directions; a demand goes from its source to its target.

import { didYouMean } from '../../runtime/near-word.js'
import { costOf, type Network, type NetworkModule, onLine, Reading, type ReadOptions, Words } from './network.js'

export const SNDLIB_HEADER = '?SNDlib native format; type: network; version: 1.0'
const SNDLIB = 'SNDlib native'
const MEGABIT = 1e6
/** Words for units in META, in bit/s. */
const UNITS: Readonly<Record<string, number>> = { KBITPERSEC: 1e3, MBITPERSEC: 1e6, GBITPERSEC: 1e9 }
const PATHS = 'ADMISSIBLE_PATHS'
const SECTIONS = ['META', 'NODES', 'LINKS', 'DEMANDS', PATHS]
/** In one link: more is a table, not an offer. */
const MOST_MODULES = 100

interface Line {
  readonly number: number
  readonly words: readonly string[]
}

export function readSndlib(text: string, file: string, { unit: asked }: ReadOptions): Network {
  const reading = new Reading(file)
  const all = text.split('\n').map((line, n): Line => ({ number: n + 1, words: wordsOf(line) }))
  const lines = all.filter(({ words }) => words.length > 0)
  const name = nameIn(text) ?? ''
  checkHeader(lines.shift(), reading)
  const unit = asked ?? unitIn(lines) ?? MEGABIT
  let section: string | null = null
  /** Paths stand in parentheses over several lines; an entry of any other section stands in one. */
  let depth = 0
  const seen = new Map<string, number>()
  for (const { number, words } of lines) {
    if (section === null) {
      section = sectionOf(number, words, seen, reading)
      depth = 1
    } else if (section === PATHS) {
      depth += balance(words)
      if (depth <= 0) section = null
    } else if (words.length === 1 && words[0] === ')') section = null
    else entry(reading, section, number, words, unit)
  }
  const last = lines.at(-1)?.number ?? 1
  if (section !== null) reading.refuse(last, `section ${section} is not closed: expected ")"`)
  for (const needed of ['NODES', 'LINKS']) if (!seen.has(needed)) reading.refuse(last, `expected a section ${needed}`)
  return reading.done(name, SNDLIB)
}

/** Parentheses stand for themselves. */
function wordsOf(line: string): string[] {
  const [said = ''] = line.split('#')
  return said
    .replaceAll('(', ' ( ')
    .replaceAll(')', ' ) ')
    .split(/\s/)
    .filter((word) => word !== '')
}

const balance = (words: readonly string[]): number =>
  words.reduce((sum, word) => sum + (word === '(' ? 1 : word === ')' ? -1 : 0), 0)

/** Files of the library name their network in a comment. */
function nameIn(text: string): string | undefined {
  const line = text
    .slice(0, 2_000)
    .split('\n')
    .find((each) => each.startsWith('# network '))
  return line?.slice('# network '.length).trim().split(/\s/)[0]
}

function checkHeader(line: Line | undefined, reading: Reading): void {
  const found = line?.words.join(' ') ?? ''
  if (found.replaceAll(' ', '') !== SNDLIB_HEADER.replaceAll(' ', ''))
    reading.refuse(line?.number ?? 1, `expected "${SNDLIB_HEADER}", found "${found}"`)
}

function unitIn(lines: readonly Line[]): number | undefined {
  const meta = lines.find(({ words }) => words[0]?.toLowerCase() === 'unit' && words[1] === '=')
  return UNITS[meta?.words[2] ?? '']
}

function sectionOf(number: number, words: readonly string[], seen: Map<string, number>, reading: Reading) {
  const [name = '', open] = words
  if (!SECTIONS.includes(name) || open !== '(') {
    reading.refuse(
      number,
      `expected a section such as "NODES (", found "${words.join(' ')}"${didYouMean(name, SECTIONS)}`,
    )
    return open === '(' ? name : null
  }
  const before = seen.get(name)
  if (before !== undefined) reading.refuse(number, `section ${name} stands twice, first in line ${before}`)
  seen.set(name, number)
  return name
}

function entry(reading: Reading, section: string, number: number, words: readonly string[], unit: number): void {
  const line = new Words(words)
  onLine(reading, number, () => {
    if (section === 'NODES') node(reading, number, line)
    else if (section === 'LINKS') link(reading, number, line, unit)
    else if (section === 'DEMANDS') demand(reading, number, line, unit)
  })
}

function node(reading: Reading, number: number, line: Words): void {
  const id = line.word('the id of a node')
  reading.node(number, id, line.next === undefined ? null : placeOf(line))
}

/** North is up, and y goes down. Not -0, which JSON does not know. */
function placeOf(line: Words): readonly [number, number] {
  line.mark('(', 'before its longitude')
  const [x, y] = [line.number('a longitude'), line.number('a latitude')]
  line.mark(')', 'after its latitude')
  line.end()
  return [x, y === 0 ? 0 : -y]
}

function ends(line: Words): { from: string; to: string } {
  line.mark('(', 'before its ends')
  const found = { from: line.word('its source'), to: line.word('its target') }
  line.mark(')', 'after its ends')
  return found
}

function link(reading: Reading, number: number, line: Words, unit: number): void {
  const id = line.word('the id of a link')
  const { from, to } = ends(line)
  const rate = line.rate('the pre-installed capacity', unit)
  line.amount('its cost')
  const routing = line.amount('the routing cost')
  const setup = line.amount('the setup cost')
  const modules: NetworkModule[] = []
  line.mark('(', 'before its modules')
  while (line.next !== ')' && modules.length < MOST_MODULES)
    modules.push({ capacity: line.rate('the capacity of a module', unit), cost: line.amount('the cost of a module') })
  line.mark(')', 'after its modules')
  line.end()
  const capacity = { down: rate, up: rate }
  reading.link(number, id, {
    ...{ from, to, capacity, cost: costOf(routing), setup },
    modules: modules.filter((module) => module.capacity > 0),
  })
}

function demand(reading: Reading, number: number, line: Words, unit: number): void {
  line.word('the id of a demand')
  const { from, to } = ends(line)
  const each = line.amount('the routing unit')
  const rate = line.rate('the value of a demand', each * unit)
  // How long a path may be: routes are Mizani's own.
  line.word('the longest path, a number or UNLIMITED')
  line.end()
  reading.demand(number, from, to, rate)
}
