// Networks as researchers exchange them: small ones of our own in each format become planes that can be planned on,
// what is wrong in them is told with its line, and a plane that is written is read back as the same network.

import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t from 'tap'
import { main } from '../../../src/cli.js'
import type { Network } from '../../../src/planning/networks/network.js'
import { networkOf } from '../../../src/planning/networks/network-of.js'
import { planeOf } from '../../../src/planning/networks/plane-of.js'
import { readNetwork } from '../../../src/planning/networks/read-command.js'
import { sndlibText } from '../../../src/planning/networks/sndlib-text.js'
import { readOffers } from '../../../src/planning/study/offers.js'
import { loadPlane } from '../../../src/policy/files/files.js'
import { MizaniError } from '../../../src/runtime/errors.js'
import type { Io } from '../../../src/runtime/io.js'
import { smallPlane } from '../small-plane.js'

const SNDLIB = `?SNDlib native format; type: network; version: 1.0
# network lakes

META (
  granularity = 15min
  unit = MBITPERSEC
)

NODES (
  Hub ( 32.9 -2.5 )
  Left_1 ( 31.8 -1.3 )
  Right ( 33.8 -1.5 )   # an own comment
  Leaf
)

LINKS (
  A ( Hub Left_1 ) 100.00 0.00 0.00 0.00 ( 155.00 156.00 622.00 468.00 )
  B ( Hub Right ) 100.00 0.00 0.00 0.00 ( )
  C ( Left_1 Right ) 100.00 0.00 3.40 0.00 ( )
  D ( Right Leaf ) 40.00 0.00 0.00 0.00 ( )
  E ( Left_1 Leaf ) 0.00 0.00 0.00 20.00 ( 155.00 100.00 )
)

DEMANDS (
  D1 ( Hub Left_1 ) 1 60.00 UNLIMITED
  D2 ( Hub Right ) 2 30.00 4
  D3 ( Leaf Hub ) 1 8.50 UNLIMITED
)

ADMISSIBLE_PATHS (
  D1 (
    P_0 ( A )
    P_1 ( B C )
  )
)
`

const GRAPH = `NODES 3
label x y
0_Dodoma 35.7 -6.2
1_Iringa 35.7 -7.8
2_Mbeya 33.5 -8.9

EDGES 4
label src dest weight bw delay
edge_0 0 1 10 1000000 2600
edge_1 1 0 10 500000 2600
edge_2 1 2 20 250000 3100
edge_3 2 1 20 250000 3100
`
const DEMANDS = `DEMANDS 2
label src dest bw
demand_0 0 2 25121
demand_1 2 0 1500
`

const TOPOHUB = `{
"directed": false,
"multigraph": false,
"graph": { "name": "shore", "demands": { "0": { "2": 40, "0": 3 }, "1": { "0": 2.5 } } },
"nodes": [
{ "id": 0, "name": "Dar", "pos": [ 39.3, -6.8 ] },
{ "id": 1, "name": "Tanga", "pos": [ 39.1, -5.1 ] },
{ "id": 2, "name": null, "pos": [ 40.2, -10.3 ] }
],
"links": [
{ "source": 0, "target": 1, "dist": 191.4, "ecmp_fwd": { "uni": 66.67 } },
{ "source": 0, "target": 2, "dist": 401.2 }
]
}
`

const folder = mkdtempSync(join(tmpdir(), 'mizani-networks-'))
t.teardown(() => rmSync(folder, { recursive: true }))
let files = 0
function fileOf(text: string, extension: string): string {
  const file = join(folder, `n${files++}.${extension}`)
  writeFileSync(file, text)
  return file
}
const read = (text: string, demands?: string): Network =>
  readNetwork(fileOf(text, 'net'), demands === undefined ? undefined : fileOf(demands, 'demands'), { capacity: 1e10 })

async function ran(...args: string[]): Promise<{ code: number; out: string; err: string }> {
  const said = { out: '', err: '' }
  const io: Io = {
    stdout: { write: (text: string) => (said.out += text) },
    stderr: { write: (text: string) => (said.err += text) },
    ...{ env: {}, isTTY: false },
  }
  return { code: await main(args, io), ...said }
}

const megabits = (rate: number): number => rate / 1e6
const linksOf = ({ links }: Network) =>
  links.map(({ id, from, to, capacity, cost }) => [id, from, to, megabits(capacity.down), megabits(capacity.up), cost])
const demandsOf = ({ demands }: Network) =>
  demands.map(({ from, to, rate }) => `${from} ${to} ${megabits(rate)}`).sort()

t.test('SNDlib: nodes, links with their modules, demands', async (t) => {
  const network = read(SNDLIB)
  t.match(network, { name: 'lakes', format: 'SNDlib native' })
  t.same(
    network.nodes.map(({ id, name, at }) => [id, name, at]),
    [
      ['hub', 'Hub', [32.9, 2.5]],
      ['left-1', 'Left_1', [31.8, 1.3]],
      ['right', 'Right', [33.8, 1.5]],
      ['leaf', 'Leaf', null],
    ],
  )
  t.same(linksOf(network), [
    ['a', 'hub', 'left-1', 100, 100, 1],
    ['b', 'hub', 'right', 100, 100, 1],
    ['c', 'left-1', 'right', 100, 100, 3],
    ['d', 'right', 'leaf', 40, 40, 1],
    ['e', 'left-1', 'leaf', 0, 0, 1],
  ])
  t.same(demandsOf(network), ['hub left-1 60', 'hub right 60', 'leaf hub 8.5'])
  const { document, offers, notes } = planeOf(network, 1e7)
  t.same(Object.keys(document.links), ['a', 'b', 'c', 'd'], 'what nobody has built is on offer')
  t.same(
    offers.map(({ link, capacity, once, fresh }) => [link, megabits(capacity), once, fresh?.from]),
    [
      ['a', 155, 156, undefined],
      ['a', 622, 468, undefined],
      ['e', 155, 120, 'left-1'],
    ],
    'its setup is part of its price',
  )
  t.same(Object.keys(document.services), ['hub'], 'one end of every demand')
  const promised = (id: string, way: 'down' | 'up'): number =>
    document.tiers[id]!.services.hub![way].segments.reduce((sum, { size = 0 }) => sum + size, 0)
  t.same([promised('left-1', 'down'), promised('right', 'down'), promised('leaf', 'up')], [60e6, 60e6, 8.5e6])
  t.equal(promised('leaf', 'down'), 64_000, 'a lifeline where nothing is asked for')
  t.same(notes, [])
})

t.test('REPETITA: the two edges of a pair are one link, and demands have a file of their own', async (t) => {
  const network = read(GRAPH, DEMANDS)
  t.same(linksOf(network), [
    ['edge-0', '0-dodoma', '1-iringa', 1000, 500, 10],
    ['edge-2', '1-iringa', '2-mbeya', 250, 250, 20],
  ])
  t.same(demandsOf(network), ['0-dodoma 2-mbeya 25.121', '2-mbeya 0-dodoma 1.5'])
  t.same(read(GRAPH).demands, [])
  const { notes } = planeOf(read(GRAPH), 5e6)
  t.match(notes.join(), /no demands: each node asks 1-iringa, which has most links/)
})

t.test('TopoHub: a length for each link, and the capacity that was named', async (t) => {
  const network = read(TOPOHUB)
  t.same(linksOf(network), [
    ['dar-tanga', 'dar', 'tanga', 10_000, 10_000, 191],
    ['dar-2', 'dar', '2', 10_000, 10_000, 401],
  ])
  t.same(network.nodes[0]!.at, [39.3, 6.8])
  t.same(demandsOf(network), ['dar 2 40', 'tanga dar 2.5'], 'nobody asks anything of themselves')
  t.same(linksOf(read(TOPOHUB.replace('"links"', '"edges"'))), linksOf(network), 'as newer releases write it')
})

t.test('where everybody asks everybody, the sums of each node are kept', async (t) => {
  const nodes = Array.from({ length: 9 }, (_, n) => `n${n}`)
  const links = nodes.map((id, n) => ({ id: `l${n}`, from: id, to: nodes[(n + 1) % 9]! }))
  const built = { capacity: { down: 1e9, up: 1e9 }, cost: 1, setup: 0, modules: [] }
  const demands = nodes.flatMap((from, n) =>
    nodes.flatMap((to, m) => (n === m ? [] : [{ from, to, rate: (1 + n) * 1e6 }])),
  )
  const { document, notes } = planeOf(
    {
      ...{ name: 'ring', format: '', demands, toSelf: 0 },
      nodes: nodes.map((id) => ({ id, name: id, at: null })),
      links: links.map((link) => ({ ...link, ...built })),
    },
    1e6,
  )
  t.match(notes.join(), /demands join more than 6 nodes/)
  const { at, fractions } = document.services.network!
  t.equal(at.length, 9)
  const sent = Object.entries(document.tiers).map(([id, { services }]) => {
    const up = services.network!.up.segments.reduce((sum, { size = 0 }) => sum + size, 0)
    return [id, Math.round((2 * up * (1 - fractions[id]!)) / 1e3)]
  })
  t.same(
    sent,
    nodes.map((id, n) => [id, 8 * (1 + n) * 1e3]),
  )
})

type Wrong = readonly [text: string, edits: readonly (readonly [string, string])[], told: readonly RegExp[]]
const WRONG: readonly Wrong[] = [
  [SNDLIB, [['version: 1.0', 'version: 2.0']], [/:1: expected "\?SNDlib native format; type: network; version: 1\.0"/]],
  [
    SNDLIB,
    [
      ['NODES (', 'NODSE ('],
      ['D2 (', 'D2'],
    ],
    [
      /:9: expected a section such as "NODES \(", found "NODSE \("; did you mean "NODES"/,
      /:26: expected "\(" before its ends, found "Hub"/,
      /expected a section NODES/,
      /3 faults/,
    ],
  ],
  [
    SNDLIB,
    [
      ['( Hub Right ) 100.00', '( Hub Rihgt ) 1OO.00'],
      ['( Leaf Hub ) 1 8.50', '( Leaf Lefa ) 1 8.50'],
      ['622.00 468.00', '622.00'],
      ['Leaf\n', 'Leaf\n  Hub ( 1 2 )\n'],
    ],
    [
      /:14: node "Hub" stands twice/,
      /:18: expected the cost of a module, found "\)"/,
      /:19: expected the pre-installed capacity as a number, found "1OO\.00"/,
      /:28: no node "Lefa"; did you mean "Leaf"/,
      /4 faults/,
    ],
  ],
  [SNDLIB, [['D ( Right Leaf ) 40.00', 'D ( Leaf Leaf ) -40.00']], [/:20: expected .*of 0 or more, found -40/]],
  [SNDLIB, [['D ( Right Leaf )', 'D ( Leaf Leaf )']], [/:20: both ends are "Leaf"/]],
  [
    SNDLIB,
    [[SNDLIB.slice(SNDLIB.indexOf('  D1 (\n    P_0')), '']],
    [/section ADMISSIBLE_PATHS is not closed: expected "\)"/],
  ],
  [
    GRAPH,
    [
      ['NODES 3', 'NODES 4'],
      ['edge_3 2 1 20', 'edge_3 2 5 20'],
      ['weight bw', 'bw weight'],
    ],
    [
      /:1: expected 4 rows below NODES, found 3/,
      /:8: expected the columns "label src dest weight bw delay", found "label src dest bw weight delay"/,
      /edge "edge_2" from 1 to 2 has no edge back/,
    ],
  ],
  [GRAPH, [['edge_1 1 0 10', 'edge_1 1 0 11']], [/:10: weight 11, and 10 the other way, in line 9/]],
  [GRAPH, [['EDGES 4', 'EDGE 4']], [/expected "EDGES" and how many/]],
  [TOPOHUB, [['"directed": false', '"directed": true']], [/:2: \/directed: expected false/]],
  [TOPOHUB, [['"source": 0, "target": 2', '"source": 0, "target": 22']], [/:12: no node "22"/]],
  [
    TOPOHUB,
    [
      ['"dist": 191.4', '"dist": "long"'],
      ['"links"', '"lines"'],
    ],
    [/\/links: expected links/],
  ],
  [TOPOHUB, [['"id": 1, "name": "Tanga"', '"name": "Tanga"']], [/:7: \/nodes\/1\/id: /]],
  [TOPOHUB, [['"links": [', '"links": [,']], [/this is no JSON/]],
  ['<?xml version="1.0"?><network/>', [], [/this is XML; of SNDlib the native format is read/]],
  ['graph G {}', [], [/:1: expected SNDlib native .*, a graph of REPETITA .*, or JSON of TopoHub/]],
]

t.test('every fault is told at once, with its line', async (t) => {
  for (const [n, [text, edits, told]] of WRONG.entries()) {
    const wrong = edits.reduce((all, [from, to]) => all.replace(from, to), text)
    const { code, err } = await ran('network', 'read', fileOf(wrong, 'net'), '--out', join(folder, 'never'))
    t.equal(code, 1, `${n}: ${err}`)
    for (const line of told) t.match(err, line, String(n))
  }
  const demands = DEMANDS.replace('demand_1 2 0', 'demand_1 2 7').replace('25121', '25I21')
  const graph = fileOf(GRAPH, 'graph')
  writeFileSync(graph.replace('.graph', '.demands'), demands)
  const { code, err } = await ran('network', 'read', graph, '--out', join(folder, 'never'))
  t.equal(code, 1)
  t.match(err, /\.demands:3: expected bw as a number, found "25I21".*\n.*\.demands:4: no node "7"/)
  t.notOk(readdirSync(folder).includes('never'), 'nothing was written')
  t.equal((await ran('network', 'read', join(folder, 'nowhere.txt'), '--out', folder)).code, 2)
  const full = await ran('network', 'read', fileOf(SNDLIB, 'txt'), '--out', folder)
  t.match(full, { code: 1, err: /is not empty .*: nothing was written/ })
})

t.test('so many nodes and links as are named, and no more', async (t) => {
  const rows = (count: number, row: (n: number) => string) => Array.from({ length: count }, (_, n) => row(n)).join('\n')
  const graph = (nodes: number, more = ''): string =>
    `NODES ${nodes}\nlabel x y\n${rows(nodes, (n) => `n${n} 0 0`)}\n` +
    `EDGES 2\nlabel src dest weight bw delay\na 0 1 1 9 1\nb 1 0 1 9 1\n${more}`
  t.equal(read(graph(1_000)).nodes.length, 1_000)
  t.throws(() => read(graph(1_001)), {
    code: 'NETWORK_INVALID',
    faults: [{ line: 1_003, message: /at most 1000 nodes/ }],
  })
  t.throws(() => read(graph(2, 'more')), { message: /2 faults/ })
})

t.test('a network that is read is planned on: what is cut hurts whom it must', async (t) => {
  const out = join(folder, 'lakes')
  const { code, err } = await ran('network', 'read', fileOf(SNDLIB, 'txt'), '--out', out)
  t.equal(code, 0, err)
  t.match(err, /4 nodes, 5 links, 3 demands, 3 offers\./)
  const offers = readOffers(join(out, 'offers.csv'), loadPlane(out).document!)
  t.same(
    offers.map(({ id, steps, fresh }) => [id, steps.length, fresh?.to]),
    [
      ['a', 2, undefined],
      ['e', 1, 'leaf'],
    ],
  )
  // Everybody asks for more than they are promised.
  const scenario = join(out, 'scenario.yaml')
  writeFileSync(scenario, readFileSync(scenario, 'utf8').replace(/scale: [\d.]+/, 'scale: 40'))
  const failures = await ran('plan', 'failures', scenario, '--workers', '1', '--json', '--busiest', '1')
  t.equal(failures.code, 0, failures.err)
  const { tables } = JSON.parse(failures.out) as {
    tables: { cuts: { cut: string; institutions_short: number; institutions_unreachable: number }[] }
  }
  const hurt = (cut: string): number[] => {
    const row = tables.cuts.find((each) => each.cut === cut)!
    return [row.institutions_short, row.institutions_unreachable]
  }
  t.same(hurt('a'), [2, 0], 'two promises of 60 on a line of 100')
  t.same(hurt('d'), [0, 1], 'a leaf has one line')
  t.same(hurt('c'), [0, 0])
})

t.test('demands of a node to itself are left out and counted, in every format', async (t) => {
  const ofRepetita = DEMANDS.replace('DEMANDS 2', 'DEMANDS 4').concat('demand_2 1 1 9\ndemand_3 2 2 70\n')
  t.match(read(GRAPH, ofRepetita), { demands: { length: 2 }, toSelf: 2 })
  t.match(read(SNDLIB.replace('D1 (', 'D0 ( Leaf Leaf ) 1 7.00 UNLIMITED\n  D1 (')), {
    demands: { length: 3 },
    toSelf: 1,
  })
  t.match(read(TOPOHUB), { demands: { length: 2 }, toSelf: 1 })
  const graph = fileOf(GRAPH, 'graph')
  writeFileSync(graph.replace('.graph', '.demands'), ofRepetita)
  const { code, err } = await ran('network', 'read', graph, '--out', join(folder, 'selves'))
  t.match([code, err], [0, /2 demands, 0 offers\.\nLeft out: demands of a node to itself, which cross no link: 2\.\n/])
  t.match(await ran('network', 'problem', graph), { code: 0, err: /which cross no link: 2\.\n/ })
})

t.test('a line that is made up has the most that a line may have, and no more', async (t) => {
  const file = fileOf(SNDLIB.replace('1 60.00', '1 2500000.00'), 'txt')
  const out = join(folder, 'wide')
  const { code, err } = await ran('network', 'read', file, '--out', out)
  t.equal(code, 0, err)
  t.match(err, /Made up: the line of left-1: 4 Tbit\/s, the most that a line may have\./)
  const { edges, tiers } = loadPlane(out).document!
  t.equal(edges['left-1']!.port.down, 4e12)
  t.equal(tiers['left-1']!.services.hub!.down.ceiling, 4e12)
})

t.test('a network is a problem: each demand a flow, also where everybody asks everybody', async (t) => {
  const file = fileOf(
    SNDLIB.replace('C ( Left_1 Right ) 100.00 0.00 3.40', 'C ( Left_1 Right ) 100.00 0.00 1.00'),
    'txt',
  )
  const printed = await ran('network', 'problem', file)
  t.match(printed, { code: 0, err: /4 nodes, 5 links, 3 demands; 3 flows\.\n$/ })
  t.match(JSON.parse(printed.out), {
    flows: [
      { id: 'hub/left-1', path: ['a.down'], demand: 60e6 },
      { id: 'hub/right', path: ['b.down'], demand: 60e6 },
      { id: 'leaf/hub', path: ['b.up', 'd.up'], demand: 8.5e6 },
    ],
  })
  // A ring of eight: who stands opposite is reached by both halves.
  const nodes = Array.from({ length: 8 }, (_, n) => `n${n}`)
  const ring = nodes.map((id, n) => `L${n} ( ${id} ${nodes[(n + 1) % 8]} ) 90.00 0 1 0 ( )`)
  const pairs = nodes.flatMap((from) => nodes.flatMap((to) => (from === to ? [] : [`${from} ${to}`])))
  const section = (name: string, rows: readonly string[]): string => `${name} (\n${rows.join('\n')}\n)\n`
  const text = [
    SNDLIB.slice(0, SNDLIB.indexOf('\n') + 1),
    section('NODES', [...nodes, 'alone']),
    section('LINKS', ring),
    section(
      'DEMANDS',
      [...pairs, pairs[0]!, 'n0 alone'].map((pair, n) => `D${n} ( ${pair} ) 1 20.00 UNLIMITED`),
    ),
  ].join('')
  const out = join(folder, 'ring.json')
  const made = await ran('network', 'problem', fileOf(text, 'txt'), '--out', out)
  t.match(made, {
    code: 0,
    out: '',
    err: /58 demands; 57 flows, written to .*\nLeft out: demands that have no way: 1\.\n$/,
  })
  const { code, out: answer, err } = await ran('allocate', out, '--json')
  t.equal(code, 0, err)
  const { flows, certificate } = JSON.parse(answer) as {
    flows: { id: string; rate: number }[]
    certificate: { ok: boolean }
  }
  t.ok(certificate.ok)
  t.same(
    flows.map(({ id }) => id).sort(),
    [...pairs.map((pair) => pair.replace(' ', '/')), 'n0/n1/2'].sort(),
    'two demands of one pair are two flows',
  )
  const { flows: asked } = JSON.parse(readFileSync(out, 'utf8')) as { flows: { id: string; path: unknown[] }[] }
  t.same(asked.find(({ id }) => id === 'n0/n4')!.path.length, 8)
  t.match(await ran('network', 'problem', file, '--out', out), { code: 2, err: /does not exist yet/ })
})

t.test('a plane that is written is read back: the same links, capacities and demands', async (t) => {
  const out = join(folder, 'again')
  await ran('network', 'read', fileOf(SNDLIB, 'txt'), '--out', out)
  const text = await ran('network', 'write', '--plane', out, '--offers', join(out, 'offers.csv'))
  t.equal(text.code, 0, text.err)
  t.match(text.out, /^ {2}a \( hub left-1 \) 100\.00 0\.00 1\.00 0\.00 \( 155\.00 156\.00 622\.00 468\.00 \)$/m)
  const [before, after] = [read(SNDLIB), read(text.out)]
  t.same(linksOf(after), linksOf(before))
  t.same(demandsOf(after), demandsOf(before))
  t.same(
    after.nodes.map(({ id, at }) => [id, at]),
    before.nodes.map(({ id, at }) => [id, at]),
  )
  const { network } = networkOf(planeOf(after, 1).document, [])
  t.same(demandsOf(network), demandsOf(before), 'and again')

  const small = networkOf(smallPlane(), [])
  t.same(demandsOf(small.network), ['dodoma world 160', 'world dodoma 160'])
  t.same(small.notes, ['shared-risk groups'])
  t.same(demandsOf(read(sndlibText(small.network))), demandsOf(small.network))
  const file = join(folder, 'written.txt')
  t.equal((await ran('network', 'write', '--plane', out, '--out', file)).code, 0)
  t.equal(linksOf(read(readFileSync(file, 'utf8'))).length, 4)
  t.match(await ran('network', 'write', '--plane', out, '--out', file), { code: 2, err: /does not exist yet/ })
})

t.test('whatever stands in a file, it is read or refused by name', async (t) => {
  for (const base of [SNDLIB, GRAPH, TOPOHUB]) {
    for (let n = 0; n < base.length; n += 7) {
      const text = base.slice(0, n) + base.slice(n + 1 + (n % 5))
      try {
        planeOf(read(text), 1e6)
      } catch (error) {
        t.ok(error instanceof MizaniError && error.code === 'NETWORK_INVALID', `${n}: ${error}`)
      }
    }
  }
})
