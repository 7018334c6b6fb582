// Every fault is found at once and named where it stands: by pointer in a document, by file and line in a folder. The
// sentences are part of the product, so they are asserted.

import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import fc from 'fast-check'
import t, { type Test } from 'tap'
import { canonicalJson } from '../../src/model/canonical.js'
import { warningsOf } from '../../src/policy/compile/compile.js'
import { hashOf } from '../../src/policy/document/canonical.js'
import { policyOutline } from '../../src/policy/document/describe.js'
import { type PolicyDocument, policySchema } from '../../src/policy/document/document.js'
import { EXAMPLE_POLICY } from '../../src/policy/document/example.js'
import { migrated, POLICY_SCHEMA } from '../../src/policy/document/migrations.js'
import { crossCheck, validatePolicy } from '../../src/policy/document/validate.js'
import { EMPTY_PLANE } from '../../src/policy/files/empty-plane.js'
import { loadPlane } from '../../src/policy/files/files.js'
import type { Tree } from '../../src/runtime/json.js'
import { district } from '../harness/district.js'
import { TAIFA } from '../harness/root.js'

function folderOf(t: Test, files: Readonly<Record<string, string | null>> = {}): string {
  const folder = t.testdir()
  mkdirSync(folder, { recursive: true })
  for (const [name, text] of Object.entries({ ...EMPTY_PLANE, ...files })) {
    if (text !== null) writeFileSync(join(folder, name), text)
  }
  return folder
}

/** The example plane with words replaced: each must be there. */
function edited(name: string, ...replacements: [string, string][]): Record<string, string> {
  let text = EMPTY_PLANE[name]!
  for (const [from, to] of replacements) {
    if (!text.includes(from)) throw new Error(`${name} has no ${from}`)
    text = text.replace(from, to)
  }
  return { [name]: text }
}

const spoken = (folder: string): string[] =>
  loadPlane(folder).faults.map(
    ({ file = '', line = 0, pointer = '', message }) => `${basename(file)}:${line} ${pointer}: ${message}`,
  )

function example(t: Test): PolicyDocument {
  const { document } = loadPlane(folderOf(t))
  if (document === null) throw new Error('the example plane is not valid')
  return document
}

t.test('the example plane that init writes is valid, without warnings', async (t) => {
  const { document, faults } = loadPlane(folderOf(t))
  t.same(faults, [])
  t.same(warningsOf(document!), [])
  t.equal(document!.edges['edge-1']!.enforcement, 'observe', 'a new edge watches first')
})

t.test('a file that cannot be read hides nothing of the others, nor a torn row of the rest', async (t) => {
  const tiers = edited('tiers.yaml', ['ceiling: 50Mbps', 'ceiling: 50 MB/s'])
  t.match(spoken(folderOf(t, { 'policy.yaml': 'plane: {', 'sites.csv': null, ...tiers })), [
    /^policy.yaml:1 : .*the file ends too early/,
    /^sites.csv:0 : there is no such file/,
    /^tiers.yaml:\d+ .*"50 MB\/s" says bytes/,
  ])
  const rows = EMPTY_PLANE['institutions.csv']!.replace('basic', 'gold')
  const torn = `${rows}torn,Torn Office\n`
  t.match(spoken(folderOf(t, { 'institutions.csv': torn })), [
    /^institutions.csv:2 .*unknown tier "gold"/,
    /^institutions.csv:3 : expected 9 columns, found 2$/,
  ])
})

t.test('what is missing or of another kind is told in the words of the documentation, all in one round', async (t) => {
  const wrong: Record<string, Record<string, object>> = {
    plane: { timing: { tick: 'fast' } },
    guards: { g: {} },
    tests: { t: { name: { en: 'x', sw: 'x' } } },
    links: { 'transit-b': { to: 'nowhere', kind: 'undersea', cost: 0 } },
    tiers: { basic: { labels: 7 } },
    sites: { 'new.office': { institution: 'nobody', edge: 'dodoma-1', access: '1Mbps' } },
  }
  const document = structuredClone(EXAMPLE_POLICY) as Record<string, Record<string, object>>
  for (const [part, members] of Object.entries(wrong))
    for (const [id, fields] of Object.entries(members)) document[part]![id] = { ...document[part]![id], ...fields }
  const said = validatePolicy(document).faults.map(({ pointer, message }) => `${pointer}: ${message}`)
  t.strictSame(said, [
    '/plane/timing/tick: expected whole number from 100 up to 10000, found "fast"',
    '/links/transit-b/kind: expected one of upstream, exchange, backbone, uplink, datacentre, found "undersea"',
    '/links/transit-b/cost: expected at least 1, found 0',
    '/tiers/basic/labels: expected text by id, found 7',
    '/guards/g/name: is missing: expected { en, sw }: Its name',
    `/tests/t/expect: is missing: expected object: ${policyOutline().at(['tests', 't', 'expect'])!.description}`,
    '/sites/new.office/institution: unknown institution "nobody"; known: chuo-dodoma, hosp-mbeya',
  ])
})

t.test('a folder is told what is wrong, file by file and line by line', async (t) => {
  const cases: [what: string, files: Record<string, string | null>, ...expected: RegExp[]][] = [
    [
      'a title above the column names',
      { 'sites.csv': `Orodha ya ofisi,,,,,,,\n${EMPTY_PLANE['sites.csv']}` },
      /^sites.csv:1 : expected column names here; they are in line 2: take away what stands above them$/,
    ],
    [
      'unknown tier',
      { 'institutions.csv': EMPTY_PLANE['institutions.csv']!.replace('basic', 'gold') },
      /^institutions.csv:2 \/institutions\/example-agency\/tier: unknown tier "gold"; known: basic$/,
    ],
    [
      'negative rate',
      edited('tiers.yaml', ['ceiling: 50Mbps', 'ceiling: -5']),
      /^tiers.yaml:\d+ \/tiers\/basic\/services\/internet\/down\/ceiling: expected .* to 4 Tbit\/s, found -5 bit\/s$/,
    ],
    [
      'rate without a unit',
      edited('network.yaml', ['capacity: 1Gbps', 'capacity: "1000"']),
      /^network.yaml:\d+ \/links\/transit-a\/capacity\/down: expected .*; "1000" has no unit \(.* write 1000bps\)$/,
      /capacity\/up/,
    ],
    [
      'unknown node',
      edited('network.yaml', ['to: core,', 'to: centre,']),
      /\/links\/transit-a\/to: unknown node "centre"; known: core, outside$/,
    ],
    [
      'unknown group',
      edited('network.yaml', ['groups: [cable-one]', 'groups: [cable-two]']),
      /\/links\/transit-a\/groups\/0: unknown group "cable-two"; did you mean "cable-one"\?$/,
    ],
    [
      'unknown link',
      edited('policy.yaml', ['via: [transit-a]', 'via: [transit-z]']),
      /\/services\/internet\/via\/0: unknown link "transit-z"; did you mean "transit-a"\?$/,
    ],
    [
      'unknown failure',
      edited('policy.yaml', ['cable-one: 0.5', 'cable-ten: 0.5']),
      /\/plane\/survive\/0\/derate\/cable-ten: unknown link or group "cable-ten"/,
    ],
    [
      'unknown band',
      edited('tiers.yaml', ['{ band: committed, size: 10Mbps }', '{ band: gold, size: 10Mbps }']),
      /\/segments\/1\/band: unknown band "gold"; known: committed, headroom, lifeline, share$/,
    ],
    [
      'unknown region and category',
      { 'institutions.csv': EMPTY_PLANE['institutions.csv']!.replace('agency,dodoma', 'office,mwanza') },
      /category: unknown category "office"/,
      /region: unknown region "mwanza"/,
    ],
    [
      'unknown edge',
      { 'sites.csv': EMPTY_PLANE['sites.csv']!.replace('edge-1', 'edge-9') },
      /^sites.csv:2 \/sites\/example-agency.office\/edge: unknown edge "edge-9"; did you mean "edge-1"\?$/,
    ],
    [
      'unknown envelope',
      { 'institutions.csv': EMPTY_PLANE['institutions.csv']!.replace('yes,no,', 'yes,no,health') },
      /envelope: unknown envelope "health"; there is none$/,
    ],
    [
      'unknown key',
      edited('policy.yaml', ['  timezone:', '  timzone: x\n  timezone:']),
      /^policy.yaml:\d+ \/plane\/timzone: unknown key; did you mean "timezone"\?$/,
    ],
    [
      'a key in the wrong file',
      edited('policy.yaml', ['envelopes: {}', 'envelopes: {}\ntiers: {}']),
      /^policy.yaml:\d+ \/tiers: "tiers" belongs in tiers.yaml$/,
    ],
    [
      'duplicate key',
      edited('policy.yaml', ['envelopes: {}', 'envelopes: {}\nenvelopes: {}']),
      /^policy.yaml:\d+ .*unique/,
    ],
    [
      'alias',
      edited(
        'policy.yaml',
        ['{ en: Agency, sw: Wakala }', '&a { en: Agency, sw: Wakala }'],
        ['{ en: Dodoma, sw: Dodoma }', '*a'],
      ),
      /^policy.yaml:\d+ : expected the value itself, found the alias \*a$/,
    ],
    [
      'duplicate institution',
      { 'institutions.csv': `${EMPTY_PLANE['institutions.csv']}${EMPTY_PLANE['institutions.csv']!.split('\n')[1]}\n` },
      /^institutions.csv:3 \/institutions\/example-agency: "example-agency" is already on line 2$/,
    ],
    [
      'missing column',
      { 'sites.csv': EMPTY_PLANE['sites.csv']!.replace('edge,', 'gateway,') },
      /^sites.csv:1 : expected a column "edge"$/,
      /^sites.csv:1 : unknown column "gateway"/,
    ],
    [
      'cut in a row',
      { 'sites.csv': EMPTY_PLANE['sites.csv']!.slice(0, -20) },
      /^sites.csv:2 : expected 8 columns, found \d$/,
    ],
    [
      'cut in a quoted cell',
      { 'institutions.csv': `${EMPTY_PLANE['institutions.csv']}x,"Some na` },
      /^institutions.csv:\d+ : a quoted cell never ends \(the file ends too early\)$/,
    ],
    ['missing file', { 'network.yaml': null }, /^network.yaml:0 : there is no such file$/],
    [
      'missing columns',
      { 'institutions.csv': 'id,name\n' },
      /expected a column "category"/,
      /"region"/,
      /"tier"/,
      /"internet"/,
      /"govnet"/,
    ],
    [
      'another schema',
      edited('policy.yaml', ['schema: 1', 'schema: 7']),
      /^policy.yaml:\d+ \/schema: this release reads policy documents of schema 1, found 7$/,
    ],
  ]
  for (const [what, files, ...expected] of cases) {
    await t.test(what, async (t) => {
      const found = spoken(folderOf(t, files))
      t.equal(found.length, expected.length, found.join('\n'))
      for (const pattern of expected)
        t.ok(
          found.some((line) => pattern.test(line)),
          `${pattern} in ${found.join('\n')}`,
        )
      t.equal(loadPlane(folderOf(t, files)).document, null)
    })
  }
})

t.test('all faults of a folder come at once, in the order of files and lines', async (t) => {
  const found = spoken(
    folderOf(t, {
      ...edited('network.yaml', ['to: core,', 'to: centre,'], ['port: 1Gbps', 'port: fast']),
      ...edited('tiers.yaml', ['size: 256kbps', 'size: 10kbps']),
      'institutions.csv': EMPTY_PLANE['institutions.csv']!.replace('basic', 'gold'),
      'sites.csv': EMPTY_PLANE['sites.csv']!.replace('10.1.1.0/24', '10.1.1.7/24'),
    }),
  )
  t.same(
    found.map((line) => line.slice(0, line.indexOf(':'))),
    ['institutions.csv', 'network.yaml', 'network.yaml', 'network.yaml', 'sites.csv', 'tiers.yaml'],
    found.join('\n'),
  )
})

t.test('a file that was cut off anywhere is one clear message or a shorter policy, never an exception', async (t) => {
  const folder = t.testdir()
  cpSync(TAIFA, folder, { recursive: true })
  for (const name of ['network.yaml', 'tiers.yaml', 'policy.yaml', 'institutions.csv', 'sites.csv']) {
    const text = readFileSync(join(TAIFA, name), 'utf8')
    for (const part of [0, 0.13, 0.5, 0.77]) {
      writeFileSync(join(folder, name), text.slice(0, Math.floor(text.length * part)))
      const { document, faults } = loadPlane(folder)
      t.equal(document, null, `${name} cut at ${part}`)
      t.ok(faults.length > 0)
      t.ok(faults.every(({ message }) => message.length > 0 && !message.includes('\n')))
    }
    writeFileSync(join(folder, name), text)
  }
  writeFileSync(join(folder, 'network.yaml'), readFileSync(join(TAIFA, 'network.yaml'), 'utf8').slice(0, 9_000))
  t.equal(loadPlane(folder).faults.length, 1, 'what follows from the missing half is not told')
  rmSync(folder, { recursive: true })
})

t.test('a document is told what is wrong, by pointer', async (t) => {
  type Draft = { -readonly [K in keyof PolicyDocument]: PolicyDocument[K] }
  const sane = example(t)
  const name = { en: 'x', sw: 'x' }
  const envelope = { name, parent: null, ceilings: {}, weights: {}, guarantees: {} }
  const down = (draft: Draft) => draft.tiers.basic!.services.internet!.down
  const cases: [what: string, edit: (draft: Draft) => void, ...expected: [pointer: string, message: RegExp][]][] = [
    [
      'lifeline below 64 kbit/s',
      (d) => {
        down(d).segments[0]!.size = 63_999
      },
      ['/tiers/basic/services/internet/down/segments', /64 kbit\/s or more in band "lifeline", found 63999 bit/],
    ],
    [
      'no lifeline',
      (d) => {
        down(d).segments.shift()
      },
      ['/tiers/basic/services/internet/down/segments', /found 0 bit\/s/],
    ],
    [
      'guarantee above ceiling',
      (d) => {
        down(d).ceiling = 1_000_000
      },
      ['/tiers/basic/services/internet/down/ceiling', /at least the guarantee, 10.3 Mbit\/s; found 1 Mbit\/s/],
    ],
    [
      'two segments in a guarantee band',
      (d) => {
        down(d).segments.push({ band: 'committed', size: 1 })
      },
      ['/tiers/basic/services/internet/down/segments/3', /at most one segment in guarantee band "committed"/],
    ],
    [
      'guarantee without size',
      (d) => {
        down(d).segments[1] = { band: 'committed' }
      },
      ['/tiers/basic/services/internet/down/segments/1/size', /promises a size/],
    ],
    [
      'rising weight',
      (d) => {
        down(d).segments = [
          ...down(d).segments.slice(0, 2),
          { band: 'share', weight: 1, upTo: 20_000_000 },
          { band: 'share', weight: 2 },
        ]
      },
      ['/tiers/basic/services/internet/down/segments/3/weight', /a weight of 1 or less/],
    ],
    [
      'an end on the last share segment',
      (d) => {
        down(d).segments[2]!.upTo = 5
      },
      ['/tiers/basic/services/internet/down/segments/2/upTo', /without upTo/],
    ],
    [
      'no end on an earlier share segment',
      (d) => {
        down(d).segments.push({ band: 'share', weight: 1 })
      },
      ['/tiers/basic/services/internet/down/segments/2/upTo', /at which the next begins/],
    ],
    [
      'ends that do not rise',
      (d) => {
        down(d).segments = [
          ...down(d).segments.slice(0, 2),
          { band: 'share', weight: 3, upTo: 20 },
          { band: 'share', weight: 2, upTo: 20 },
          { band: 'share', weight: 1 },
        ]
      },
      ['/tiers/basic/services/internet/down/segments/3/upTo', /more than 20 bit\/s/],
    ],
    [
      'bands out of order',
      (d) => {
        d.bands.push(d.bands.splice(2, 1)[0]!)
      },
      ['/bands/3', /guarantee bands, then share, then headroom; "share" comes too late/],
    ],
    [
      'a band twice',
      (d) => {
        d.bands.splice(1, 0, { id: 'lifeline', kind: 'guarantee', fill: 1 })
      },
      ['/bands/1/id', /listed before/],
    ],
    [
      'an envelope in itself',
      (d) => {
        d.envelopes = { a: { ...envelope, parent: 'b' }, b: { ...envelope, parent: 'a' } }
      },
      ['/envelopes/a/parent', /a in b in a/],
      ['/envelopes/b/parent', /b in a in b/],
    ],
    [
      'promises of envelopes where nobody could tell them apart',
      (d) => {
        d.bands.splice(1, 0, { id: 'sector', kind: 'guarantee', fill: 1 })
        const promise = (band: string, bps = 1e6) => ({ internet: { band, size: { down: bps, up: 0 } } })
        d.envelopes = {
          a: { ...envelope, guarantees: promise('sector') },
          b: { ...envelope, parent: 'a', guarantees: promise('sector') },
          c: { ...envelope, guarantees: promise('lifeline') },
          d: { ...envelope, guarantees: promise('share') },
          e: { ...envelope, guarantees: promise('sector', 2e6), ceilings: { internet: { down: 1e6, up: 1e6 } } },
          f: {
            ...envelope,
            guarantees: { nowhere: promise('never').internet },
            weights: { nowhere: { down: 1, up: 1 } },
          },
        }
      },
      ['/envelopes/b/guarantees/internet/band', /"a" around it is promised something in "sector" too/],
      ['/envelopes/c/guarantees/internet/band', /no tier uses; tier "[a-z]+" uses "lifeline"/],
      ['/envelopes/d/guarantees/internet/band', /of kind share/],
      ['/envelopes/d/guarantees/internet/band', /no tier uses/],
      ['/envelopes/e/guarantees/internet/size/down', /at most the envelope's ceiling, 1 Mbit/],
      ['/envelopes/f/guarantees/nowhere', /service/],
      ['/envelopes/f/guarantees/nowhere/band', /band/],
      ['/envelopes/f/weights/nowhere', /service/],
    ],
    [
      'a reserved institution',
      (d) => {
        d.institutions.control = d.institutions['example-agency']!
      },
      ['/institutions/control', /edge's own traffic/],
      ['/institutions/control', /at least one site/],
    ],
    [
      'a reserved link',
      (d) => {
        d.links['port.x'] = d.links['transit-a']!
      },
      ['/links/port.x', /ports and lines/],
    ],
    [
      'lines of an edge that cannot be told apart, or carry less than its port',
      (d) => {
        const edge = d.edges['edge-1']!
        const line = { down: 600e6, up: 400e6 }
        d.edges['edge-1'] = { ...edge, ports: { up: line, 'b.down': { ...line, down: 0 }, c: { down: 0, up: 0 } } }
        d.edges['edge-1.c'] = { ...edge, ports: {} }
      },
      ['/edges/edge-1/ports/up', /directions of a port/],
      ['/edges/edge-1/ports/b.down', /directions of a port/],
      ['/edges/edge-1/ports/b.down/down', /more than 0/],
      ['/edges/edge-1/ports/c', /"edge-1.c" is also an edge/],
      ['/edges/edge-1/ports/c/down', /more than 0/],
      ['/edges/edge-1/ports/c/up', /more than 0/],
      ['/edges/edge-1/port/down', /its ports carry 600 Mbit\/s together, expected no more; found 1 Gbit\/s/],
      ['/edges/edge-1/port/up', /800 Mbit\/s together/],
    ],
    [
      'an institution without a site',
      (d) => {
        d.sites = {}
      },
      ['/institutions/example-agency', /at least one site/],
    ],
    [
      'overlapping prefixes',
      (d) => {
        d.sites.late = { ...d.sites['example-agency.office']!, prefixes: ['10.1.0.0/16', 'fd00:2::/64'] }
      },
      ['/sites/late/prefixes/0', /^10.1.0.0\/16 overlaps 10.1.1.0\/24 of site "example-agency.office"$/],
    ],
    [
      'a prefix with host bits',
      (d) => {
        d.sites['example-agency.office']!.prefixes[0] = '10.1.1.1/24'
      },
      ['/sites/example-agency.office/prefixes/0', /host bits/],
    ],
    [
      'no prefix at all',
      (d) => {
        d.sites['example-agency.office']!.prefixes[0] = '10.1.1'
      },
      ['/sites/example-agency.office/prefixes/0', /expected a prefix such as/],
    ],
    [
      'a number used twice',
      (d) => {
        d.classes.standard!.index = 0
      },
      ['/classes/standard/index', /belongs to "business"/],
    ],
    [
      'a DSCP used twice',
      (d) => {
        d.classes.standard!.dscp.push(46)
      },
      ['/classes/standard/dscp/1', /belongs to class "business"/],
    ],
    [
      'class guarantees above all',
      (d) => {
        d.classes.standard!.guarantee = 0.7
      },
      ['/classes', /found 1.100/],
    ],
    [
      'a margin that oscillates',
      (d) => {
        d.plane.demand.margin = 1.1
      },
      ['/plane/demand/margin', /1 \/ threshold \(1.111\)/],
    ],
    [
      'a lease too short',
      (d) => {
        d.plane.timing.lease = 2_000
      },
      ['/plane/timing/lease', /5000 ms/],
      ['/plane/timing/staleAfterTicks', /before its lease ends/],
    ],
    [
      'no such time zone',
      (d) => {
        d.plane.timezone = 'Mars/Olympus'
      },
      ['/plane/timezone', /unknown time zone/],
    ],
    [
      'a service from nowhere',
      (d) => {
        d.services.internet!.via = []
      },
      ['/services/internet', /either links in `via`/],
    ],
    [
      'a split over nodes by capacity',
      (d) => {
        Object.assign(d.services.internet!, { via: [], at: ['core'] })
      },
      ['/services/internet/split', /nodes have no capacity/],
    ],
    [
      'fractions that do not add up',
      (d) => {
        Object.assign(d.services.internet!, { split: 'fixed', fractions: { 'transit-a': 0.9 } })
      },
      ['/services/internet/fractions', /add up to 1, found 0.9/],
    ],
    [
      'a tier without a service',
      (d) => {
        d.tiers.basic!.services = {}
      },
      ['/tiers/basic/services/internet', /which institution "example-agency" takes/],
    ],
    [
      'a link from a node to itself',
      (d) => {
        d.links['transit-a']!.from = 'core'
      },
      ['/links/transit-a/to', /two different nodes/],
    ],
    [
      'an unlimited ceiling',
      (d) => {
        down(d).ceiling = Number.POSITIVE_INFINITY
      },
      ['/tiers/basic/services/internet/down/ceiling', /./],
    ],
    [
      'not a policy',
      (d) => {
        Object.assign(d, { bands: 'none' })
      },
      ['/bands', /./],
    ],
  ]
  for (const [what, edit, ...expected] of cases) {
    await t.test(what, async (t) => {
      const draft = structuredClone(sane)
      edit(draft)
      const { document, faults } = validatePolicy(draft)
      t.equal(document, null)
      t.same(faults.map(({ pointer }) => pointer).sort(), expected.map(([pointer]) => pointer).sort())
      for (const [pointer, message] of expected) {
        t.ok(
          faults.some((fault) => fault.pointer === pointer && message.test(fault.message)),
          JSON.stringify(faults),
        )
      }
    })
  }
  t.equal(validatePolicy(null).document, null)
  t.equal(validatePolicy([]).document, null)
})

t.test('promises that do not fit a link are a warning with both sums', async (t) => {
  const draft = structuredClone(example(t))
  draft.links['transit-a']!.capacity = { down: 5_000_000, up: 1_000_000_000 }
  const { document, faults } = validatePolicy(draft)
  t.same(faults, [])
  t.same(warningsOf(document!), ['link transit-a.down: guarantees add up to 10.6 Mbit/s, its room is 4.75 Mbit/s'])
})

t.test('one policy has one text and one hash, however it is spelled', async (t) => {
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      const text = canonicalJson(value)
      t.same(JSON.parse(text), JSON.parse(JSON.stringify(value)))
      return canonicalJson(JSON.parse(text)) === text
    }),
    { seed: 20260101, numRuns: 200 },
  )
  fc.assert(
    fc.property(fc.dictionary(fc.string(), fc.jsonValue()), (members) => {
      const reversed = Object.fromEntries(Object.entries(members).reverse())
      return hashOf(members) === hashOf(reversed)
    }),
    { seed: 20260102, numRuns: 200 },
  )
  t.throws(() => canonicalJson({ a: Number.NaN }), TypeError)
  t.equal(canonicalJson({ b: [1, 'é'], a: undefined, A: null }), '{"A":null,"b":[1,"é"]}')

  const sane = example(t)
  const spelled = structuredClone(sane) as unknown as { links: Record<string, { capacity: unknown }> }
  spelled.links['transit-a']!.capacity = '1000Mbps'
  t.equal(hashOf(policySchema.parse(spelled)), hashOf(sane))
})

t.test('a document of an earlier release is brought to the present shape, one of a later release is refused', (t) => {
  const steps = [
    ({ rooms, ...rest }: Tree): Tree => ({ ...rest, sites: rooms }),
    ({ sites, ...rest }: Tree): Tree => ({ ...rest, places: { all: sites } }),
  ]
  t.same(migrated({ schema: 1, rooms: {} }, steps), { schema: 3, places: { all: {} } })
  t.same(migrated({ schema: 2, sites: {} }, steps), { schema: 3, places: { all: {} } })
  for (const other of [{ schema: 3 }, { schema: 0 }, { schema: 1.5 }, { schema: -1 }, { schema: '1' }, {}, null, [], 1])
    t.equal(migrated(other, steps), other, JSON.stringify(other))
  const later = validatePolicy({ ...loadPlane('config/taifa').document, schema: POLICY_SCHEMA + 1 })
  const message = `this release reads policy documents of schema ${POLICY_SCHEMA}, found ${POLICY_SCHEMA + 1}`
  t.match(later.faults, [{ pointer: '/schema', message }])
  t.end()
})

t.test('of an edit of what has passed, every fault is found that the whole would have', async (t) => {
  const document = district()
  const base = document as unknown as Record<string, Tree>
  const faulty = new Set<string>()
  for (const [part, members] of Object.entries(base)) {
    if (part === 'plane' || Array.isArray(members)) continue
    const ids = Object.keys(members)
    for (const id of [ids[0]!, ids[ids.length >> 1]!, ids.at(-1)!]) {
      if (ids.length === 0) continue
      const { [id]: member, ...rest } = members
      // Taken out, so that others name what is gone; and named as one of each other collection is, or was.
      const others = Object.values(base).flatMap((other) => Object.keys(other).slice(0, 1))
      for (const without of [rest, ...others.map((name) => ({ ...rest, [name]: member }))]) {
        const edited = { ...base, [part]: without } as unknown as PolicyDocument
        const whole = crossCheck(edited)
        t.same(crossCheck(edited, document), whole, `${part} ${id}`)
        if (whole.length > 0) faulty.add(part)
      }
    }
  }
  const breaking = ['regions', 'categories', 'nodes', 'links', 'edges', 'services', 'tiers', 'institutions', 'sites']
  for (const part of breaking) t.ok(faulty.has(part), `${part} can be wrong`)
})
