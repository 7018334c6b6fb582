// `mizani allocate`: the output that scripts hold on to, every fault at once, and hostile files refused cheaply.

import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t from 'tap'
import { allocate, runAllocate } from '../../src/planning/allocate.js'
import { checkProblem, type ProblemFile, readProblemFile } from '../../src/planning/problem-file.js'
import { problemJsonSchema } from '../../src/planning/problem-schema.js'
import { formatError, MizaniError } from '../../src/runtime/errors.js'
import { MAX_BANDS, MAX_FAULTS_SHOWN, MAX_PROBLEM_BYTES, MAX_PROBLEM_RATE } from '../../src/runtime/limits.js'

const folder = mkdtempSync(join(tmpdir(), 'mizani-allocate-'))

async function run(
  text: string | Uint8Array,
  json = true,
  repeat = 0,
): Promise<{ out: string; err: string; code: number }> {
  const file = join(folder, 'problem.json')
  writeFileSync(file, text)
  let [out, err] = ['', '']
  const stdout = { write: (more: string) => (out += more) }
  const stderr = { write: (more: string) => (err += more) }
  const code = await runAllocate({ file, json, repeat }, { stdout, stderr, env: {}, isTTY: false })
  return { out, err, code }
}

/** The document's own example, with its links and the numbers it leaves open. */
const EXAMPLE = {
  bands: [
    { id: 'sector', kind: 'guarantee' },
    { id: 'committed', kind: 'guarantee' },
    { id: 'share', kind: 'share' },
    { id: 'headroom', kind: 'headroom', fill: 0.95 },
  ],
  links: [
    { id: 'gw', capacity: 1_000_000_000 },
    { id: 'core-1', capacity: '10Gbps' },
  ],
  envelopes: [
    { id: 'health', parent: null, weight: 1, ceiling: 500_000_000, guarantee: { band: 'sector', size: 100_000_000 } },
  ],
  flows: [
    {
      id: 'moh/internet/down',
      path: ['gw', { link: 'core-1', fraction: 0.5 }],
      demand: 80_000_000,
      recent: 90_000_000,
      ceiling: '300Mbps',
      envelope: 'health',
      segments: [
        { band: 'committed', size: 60_000_000 },
        { band: 'share', weight: 4, upTo: 100_000_000 },
        { band: 'share', weight: 1 },
      ],
    },
  ],
}

t.test('prints the allocation and its proof', async (t) => {
  const { out, err, code } = await run(JSON.stringify(EXAMPLE))
  t.equal(code, 0)
  t.equal(err, '')
  t.same(JSON.parse(out), {
    flows: [
      {
        id: 'moh/internet/down',
        need: 80_000_000,
        rate: 300_000_000,
        kbps: 300_000,
        kept: 1,
        bands: [
          { band: 'sector', amount: 80_000_000, level: 0.8, bottleneck: null },
          { band: 'headroom', amount: 220_000_000, level: 210_000_000, bottleneck: null },
        ],
        limitedBy: { code: 'DEMAND', id: null, band: null, with: [] },
      },
    ],
    links: [
      { id: 'gw', capacity: 1_000_000_000, needLoad: 80_000_000, load: 300_000_000, saturatedIn: null },
      { id: 'core-1', capacity: 10_000_000_000, needLoad: 40_000_000, load: 150_000_000, saturatedIn: null },
    ],
    certificate: { ok: true, violations: [] },
  })
  const table = await run(JSON.stringify(EXAMPLE), false)
  t.match(table.out, /moh\/internet\/down .* 80 Mbit\/s .* 300 Mbit\/s .* 300000 .* 100 % .* DEMAND/)
  t.match(table.out, /certificate: ok\n$/)
})

t.test('the answer is the same bytes every time; how long it took is told beside it, when asked', async (t) => {
  for (const json of [true, false]) {
    const [once, again] = [await run(JSON.stringify(EXAMPLE), json), await run(JSON.stringify(EXAMPLE), json, 9)]
    t.equal(again.out, once.out)
    t.equal(once.err, '')
    t.match(again.err, /^solved 9 times more, warm: median [\d.]+ us, least [\d.]+ us\n$/)
  }
})

t.test('whole kbit/s are exact to 2^53: parts of links lift a rate above any 32 bits', async (t) => {
  const bands = [{ id: 's', kind: 'share' }]
  const kbps = (capacity: unknown, fraction: number, more: object = {}): number => {
    const flow = { id: 'f', path: [{ link: 'l', fraction }], demand: '8Tbps', segments: [{ band: 's' }], ...more }
    const { flows, certificate } = allocate(checkProblem({ bands, links: [{ id: 'l', capacity }], flows: [flow] }))
    t.ok(certificate.ok)
    return flows[0]!.kbps
  }
  t.equal(kbps('4Tbps', 0.5), 8e9 - 1, 'a hair less than 8 Tbit/s, as on all links with parts; it was 3705032703')
  t.equal(
    kbps(2 ** 52 * 1_000, 0.5, { demand: MAX_PROBLEM_RATE }),
    2 ** 53 - 2 ** 17,
    'the hair of so wide a link, at once',
  )
  t.equal(kbps(1e16, 1, { demand: 1_234_567_890_123_000 }), 1_234_567_890_123)
  t.equal(kbps(MAX_PROBLEM_RATE, 1, { demand: MAX_PROBLEM_RATE }), 2 ** 53)
  t.match(
    faultsOf(() => checkProblem({ bands, links: [], flows: [{ id: 'f', path: [], segments: [] }] })),
    ['UNBOUNDED'],
  )
  t.throws(() => kbps(1e16, 1e-6, { demand: undefined }), /1 fault/, 'nor more than that')
})

t.test('a ceiling may be above what an edge could enforce, and a link may be crossed twice', async (t) => {
  const flow = (id: string, path: unknown[]) => ({
    id,
    path,
    demand: '1Gbps',
    envelope: 'all',
    segments: [{ band: 's' }],
  })
  const file = checkProblem({
    bands: [{ id: 's', kind: 'share' }],
    links: [{ id: 'l', capacity: 300e6 }],
    envelopes: [{ id: 'all', ceiling: '50Tbps' }],
    flows: [flow('once', ['l']), flow('twice', ['l', { link: 'l', fraction: 1 }])],
  })
  const { flows, links, certificate } = allocate(file)
  t.same([flows.map(({ rate }) => rate), links[0]!.load, certificate.ok], [[100e6, 100e6], 300e6, true])
})

t.test('says what limits a flow: its demand, its ceiling, a link, an envelope, its tier', async (t) => {
  const file = checkProblem({
    bands: [
      { id: 'promise', kind: 'guarantee' },
      { id: 'share', kind: 'share' },
    ],
    links: [{ id: 'l', capacity: 100 }],
    envelopes: [{ id: 'e', ceiling: 10 }],
    flows: [
      { id: 'a', path: ['l'], demand: 5, segments: [{ band: 'share' }] },
      { id: 'b', path: ['l'], demand: 50, ceiling: 7, segments: [{ band: 'share' }] },
      { id: 'c', path: ['l'], demand: 500, segments: [{ band: 'share' }] },
      { id: 'd', path: ['l'], demand: 500, envelope: 'e', segments: [{ band: 'share' }] },
      { id: 'e', path: ['l'], demand: 500, segments: [{ band: 'promise', size: 3 }] },
    ],
  })
  const { flows, links } = allocate(file)
  t.same(
    flows.map(({ need, limitedBy }) => [need, limitedBy.code, limitedBy.id]),
    [
      [5, 'DEMAND', null],
      [7, 'CEILING', null],
      [75, 'LINK', 'l'],
      [10, 'ENVELOPE', 'e'],
      [3, 'CEILING', null],
    ],
  )
  t.equal(links[0]!.saturatedIn, 'share')
})

t.test('order of flows, and of segments, in the file does not matter; ties go by id', async (t) => {
  const flows = ['c', 'a', 'b'].map((id) => ({
    id,
    path: ['l'],
    demand: 5_000,
    segments: [{ band: 'share' }, { band: 'promise', size: 1_000 }],
  }))
  const bands = [
    { id: 'promise', kind: 'guarantee' },
    { id: 'share', kind: 'share' },
  ]
  const answer = allocate(checkProblem({ bands, links: [{ id: 'l', capacity: 5_000 }], flows }))
  t.same(
    answer.flows.map(({ id, kbps }) => [id, kbps]),
    [
      ['c', 1],
      ['a', 2],
      ['b', 2],
    ],
    '5000 / 3 is 1666 2/3 each; whole kbit/s leave two, for the first two ids',
  )
})

/** Codes and pointers of the faults a document is refused for. */
function faultsOf(read: () => ProblemFile): string[] {
  try {
    read()
  } catch (error) {
    if (!(error instanceof MizaniError)) throw error
    return error.faults.map(({ code, pointer }) => `${code} ${pointer ?? ''}`)
  }
  return []
}

t.test('every fault at once, each with its pointer', async (t) => {
  const schema = {
    bands: [
      { id: 's', kind: 'share' },
      { id: 'h', kind: 'headroom', fill: 2 },
    ],
    links: [
      { id: 'l', capacity: -500 },
      { id: 'k', capacity: 1e308 },
    ],
    flows: [
      { id: 'a', path: ['l', { link: 'q', fraction: 1.5 }], demand: -0, segments: [{ band: 's', size: '3' }] },
      { id: 'b', path: ['l'], demand: 'NaN', segments: [{ band: 's', weight: 0 }], zip: 1 },
    ],
  }
  const text = JSON.stringify(schema).replace('"demand":0', '"demand":-0')
  t.same(faultsOf(() => readProblemFile(Buffer.from(text))).sort(), [
    'SCHEMA /bands/1/fill',
    'SCHEMA /flows/0/demand',
    'SCHEMA /flows/0/path/1/fraction',
    'SCHEMA /flows/0/segments/0/size',
    'SCHEMA /flows/1/demand',
    'SCHEMA /flows/1/segments/0/weight',
    'SCHEMA /links/0/capacity',
    'SCHEMA /links/1/capacity',
    'UNKNOWN_KEY /flows/1/zip',
  ])
  const names = {
    bands: [
      { id: 'g', kind: 'guarantee' },
      { id: 'h', kind: 'headroom' },
      { id: 's', kind: 'share' },
      { id: 'of-e', kind: 'guarantee' },
    ],
    links: [
      { id: 'l', capacity: 1 },
      { id: 'l', capacity: 2 },
    ],
    envelopes: [
      { id: 'x', parent: 'y' },
      { id: 'y', parent: 'x' },
      { id: 'z', parent: 'nobody', guarantee: { band: 's', size: 1 } },
      { id: 'u', guarantee: { band: 'of-e', size: 1 } },
      { id: 'v', parent: 'u', guarantee: { band: 'of-e', size: 1 } },
    ],
    flows: [
      { id: 'a', path: ['l', 'l', 'm'], demand: 1, envelope: 'w', segments: [{ band: 'b' }] },
      { id: 'a', path: [], demand: 1, segments: [] },
      {
        id: 'c',
        path: ['l'],
        segments: [
          { band: 'g', upTo: 3 },
          { band: 'g', size: 1 },
          { band: 's', weight: 1, upTo: 9 },
          { band: 's', weight: 2, upTo: 8 },
          { band: 'of-e', size: 1 },
          { band: 'h', size: 1 },
          { band: 'h' },
        ],
      },
    ],
  }
  t.same(faultsOf(() => checkProblem(names)).sort(), [
    'AFTER_LAST /flows/2/segments/6',
    'CYCLE /envelopes/0/parent',
    'DUPLICATE /flows/1/id',
    'DUPLICATE /flows/2/segments/1',
    'DUPLICATE /links/1/id',
    'ENVELOPE_BAND /flows/2/segments/4/band',
    'HEADROOM_NOT_LAST /bands/1',
    'NESTED_GUARANTEE /envelopes/4/guarantee',
    'NO_SIZE /flows/2/segments/0',
    'RISING_WEIGHT /flows/2/segments/3/weight',
    'SIZE /flows/2/segments/5/size',
    'UNBOUNDED /flows/1',
    'UNKNOWN_BAND /envelopes/2/guarantee/band',
    'UNKNOWN_BAND /flows/0/segments/0/band',
    'UNKNOWN_ENVELOPE /envelopes/2/parent',
    'UNKNOWN_ENVELOPE /flows/0/envelope',
    'UNKNOWN_LINK /flows/0/path/2',
    'UP_TO /flows/2/segments/0/upTo',
    'UP_TO /flows/2/segments/3/upTo',
    'UP_TO /flows/2/segments/3/upTo',
  ])
})

/** A problem with the rest of the text as it is said. */
const withFlow = (flow: string, links = '{"id":"core-1","capacity":1}', envelopes = ''): string =>
  `{"bands":[{"id":"share","kind":"share"},{"id":"promise","kind":"guarantee"}],\n"links":[${links}],` +
  `${envelopes}\n  "flows":[${flow}]}`
const flowOf = (more: string): string => `{"id":"f","path":["core-1"],"demand":1,"segments":[{"band":"share"}]${more}}`
const segments = (list: string): string => withFlow(`{"id":"f","path":["core-1"],"demand":1,"segments":[${list}]}`)
const circle = Array.from({ length: 20 }, (_, n) => `{"id":"e${n}","parent":"e${(n + 1) % 20}"}`).join()

/** What is wrong, and the whole line that says so, but for the name of the file in front. */
const SAID: Readonly<Record<string, readonly [text: string, said: RegExp]>> = {
  'an empty file': ['', /^1:1: the file is empty/],
  'white space': [' \n\t', /^1:1: the file is empty/],
  'no JSON': ['{"bands": [nan]}', /^1:12: expected a value, found "nan"/],
  'cut off': ['{"bands":\n [{"id": "a', /^2:10: this string never ends/],
  'cut off between values': ['{"bands": [1,', /^1:14: expected a value, found the end: it is cut off/],
  'a comma too many': ['{"bands": [],}', /^1:14: expected a key in double quotes, found "}"/],
  'more behind it': ['{} {}', /^1:4: expected nothing after the end, found "\{"/],
  'no UTF-8': ['{"\u00ff', /^1:3: expected UTF-8, found a byte that is none/],
  'no object': ['"bands"', /^1:1: expected an object with bands, links, envelopes, flows; found text/],
  'a list that is missing': ['{}', /^1:1 \/flows: is missing: expected a list/],
  'a key of the file': ['{"link":[]}', /\/link: unknown key; did you mean "links"\?/],
  'a key of the file twice': ['{"flows":[],\n"flows":[]}', /^2:1 \/flows: this key stands here twice/],
  'too large': [withFlow(flowOf(',"demand":1e400')), /found a number too large to be one/],
  'a key twice': [withFlow(flowOf(',\n  "demand":2')), /^4:3 \/flows\/0: this key stands here twice in one object/],
  'an unknown key': [
    withFlow(flowOf(',"cieling":2')),
    /^3:\d+ \/flows\/0\/cieling: unknown key; did you mean "ceiling"\?/,
  ],
  'what is missing': [withFlow('{"id":"f","path":[]}'), /\/flows\/0\/segments: is missing: expected a list/],
  'the wrong type': [withFlow(flowOf(',"envelope":7')), /\/flows\/0\/envelope: expected text, found 7/],
  'a rate': [
    withFlow(flowOf(',"recent":[]')),
    /\/flows\/0\/recent: expected a rate such as "20Mbps", .*, found an empty list/,
  ],
  'a fraction': [
    withFlow('{"id":"f","path":[{"link":"core-1","fraction":2}],"segments":[]}'),
    /\/fraction: expected at most 1, found 2/,
  ],
  'an id twice': [withFlow(`${flowOf('')},${flowOf('')}`), /\/flows\/1\/id: "f" is already the id of \/flows\/0/],
  'a kind': [
    '{"bands":[{"id":"a","kind":"gaurantee"}]}',
    /\/bands\/0\/kind: expected one of .*, found "gaurantee"; did you mean "guarantee"\?/,
  ],
  'a link': [
    withFlow('{"id":"f","path":["core-l"],"segments":[]}'),
    /^3:\d+ \/flows\/0\/path\/0: there is no link "core-l"; did you mean "core-1"\?/,
  ],
  'a band': [segments('{"band":"Share"}'), /there is no band "Share"; did you mean "share"\?/],
  'the last segment': [
    segments('{"band":"share","upTo":9}'),
    /\/segments\/0\/upTo: the last segment in "share" goes on for ever: expected no upTo, found 9/,
  ],
  'a rising weight': [segments('{"band":"share","upTo":9},{"band":"share","weight":2}'), /expected at most 1, found 2/],
  'envelopes in a circle': [
    withFlow('', undefined, `"envelopes":[${circle}],`),
    /\/envelopes\/0\/parent: a circle: "e0" lies within "e1", that within "e2"/,
  ],
  'a name that steers': [
    withFlow('{"id":"f","path":["\u202e\u009b2J"],"segments":[]}'),
    /there is no link "\\u202e\\u009b2J"/,
  ],
}

t.test('each fault names the file, the place, what was found and what was expected', async (t) => {
  for (const [what, [text, said]] of Object.entries(SAID)) {
    const bytes = what === 'no UTF-8' ? Buffer.from(text, 'latin1') : Buffer.from(text)
    try {
      readProblemFile(bytes, 'p.json')
      t.fail(what)
    } catch (error) {
      const lines = formatError(error).split('\n')
      t.match(lines[0], /^p\.json is refused: \d faults?$/, what)
      t.ok(
        lines.some((line) => line.startsWith('  p.json:') && said.test(line.slice(9))),
        `${what}: ${lines[1]}`,
      )
      t.notMatch(lines.join(), /undefined|Invalid input/)
    }
  }
})

t.test('the schema that is printed has every part, in words', async (t) => {
  const { properties } = problemJsonSchema() as { properties: Record<string, { items: { properties: object } }> }
  t.same(Object.keys(properties), ['bands', 'links', 'envelopes', 'flows'])
  const flow = properties.flows!.items.properties as Record<
    string,
    { description?: string; anyOf?: { type: string }[] }
  >
  t.same(Object.keys(flow), ['id', 'path', 'demand', 'recent', 'ceiling', 'envelope', 'segments'])
  for (const [key, { description }] of Object.entries(flow))
    if (key !== 'id') t.ok(description, `${key}: ${description}`)
  t.same(
    flow.demand!.anyOf!.map(({ type }) => type),
    ['number', 'string'],
  )
})

t.test('hostile files are refused before they cost anything', async (t) => {
  const bytes = (text: string): Uint8Array => new TextEncoder().encode(text)
  const refused = (what: string, text: Uint8Array, code: string): void => {
    t.ok(
      faultsOf(() => readProblemFile(text)).some((fault) => fault.startsWith(`${code} `)),
      what,
    )
  }
  refused('nesting', bytes(`{"flows":${'['.repeat(1_000_000)}`), 'TOO_DEEP')
  refused('nesting behind a string with brackets', bytes(`{"a":["[[[\\"[[[", ${'['.repeat(20)}`), 'TOO_DEEP')
  refused('size', new Uint8Array(MAX_PROBLEM_BYTES + 1), 'TOO_LARGE')
  refused('an entry that is a sea of lists', bytes(`{"flows":[[${'[],'.repeat(1_000_000)}[]]]}`), 'TOO_LARGE')
  refused('a name without end', bytes(`{"flows":[{"id":"${'x'.repeat(10_000_000)}"}]}`), 'TOO_LARGE')
  refused('a truncated file', bytes(JSON.stringify(EXAMPLE).slice(0, -3)), 'NOT_JSON')
  refused('not UTF-8', new Uint8Array([0x22, 0xff, 0x22]), 'NOT_JSON')
  refused('NaN as a number', bytes('{"bands": NaN}'), 'NOT_JSON')
  refused('a list', bytes('[]'), 'SCHEMA')
  const million = JSON.stringify({ ...EXAMPLE, bands: Array.from({ length: 1_000_000 }, () => 0) })
  const manyFaults = faultsOf(() => readProblemFile(bytes(`{"flows":[${'{},'.repeat(999_999)}{}]}`)))
  t.equal(manyFaults.length, MAX_FAULTS_SHOWN, 'of a million faults a hundred are kept')
  t.same(
    faultsOf(() => readProblemFile(bytes(million))),
    ['TOO_MANY /bands'],
    `more than ${MAX_BANDS} bands are one fault`,
  )
  const proto = JSON.stringify(EXAMPLE).replace('"links"', '"__proto__":{"flows":[]},"links"')
  t.same(
    faultsOf(() => readProblemFile(bytes(proto))),
    ['UNKNOWN_KEY /__proto__'],
    '__proto__ is an unknown key like any other',
  )
  await t.rejects(run(new Uint8Array(MAX_PROBLEM_BYTES + 10)), { code: 'PROBLEM_INVALID' }, 'a large file is not read')
  const missing = { file: join(folder, 'nobody.json'), json: true }
  const io = {
    stdout: { write: () => t.fail('nothing on stdout') },
    stderr: { write: () => true },
    env: {},
    isTTY: false,
  }
  await t.rejects(runAllocate(missing, io), { code: 'FILE_UNREADABLE', exitCode: 1 }, 'no such file')
})

t.test('one flow band by band, and the flows as a sheet', async (t) => {
  const file = join(folder, 'two.json')
  const flow = (id: string, demand: number) => ({
    ...{ id, path: ['gw'], demand, ceiling: 1e9 },
    segments: [{ band: 'promise', size: 40e6 }, { band: 'share' }],
  })
  const bands = [
    { id: 'promise', kind: 'guarantee' },
    { id: 'share', kind: 'share' },
  ]
  const flows = [flow('a/down', 90e6), flow('b/down', 10e6)]
  writeFileSync(file, JSON.stringify({ bands, links: [{ id: 'gw', capacity: 60e6 }], flows }))
  const asked = async (options: { csv?: boolean; explain?: string; json?: boolean }): Promise<string> => {
    let out = ''
    const stdout = { write: (more: string) => (out += more) }
    await runAllocate({ file, json: false, ...options }, { stdout, stderr: stdout, env: {}, isTTY: false })
    return out
  }
  t.equal(
    await asked({ explain: 'a/down' }),
    'a/down: needs 50 Mbit/s, rate 50 Mbit/s (50000 kbit/s), 100 % of its guarantee\n' +
      '  promise: 40 Mbit/s at level 1, its own bound\n' +
      '  share: 10 Mbit/s at level 10000000, stopped by gw\n' +
      '  limited by LINK gw in share\n',
  )
  t.match(JSON.parse(await asked({ explain: 'b/down', json: true })), { id: 'b/down', limitedBy: { code: 'DEMAND' } })
  t.same((await asked({ csv: true })).split('\r\n'), [
    '\ufeffflow,need,rate,kbps,kept,limited_by,limit,band,with',
    'a/down,50000000,50000000,50000,1,LINK,gw,share,',
    'b/down,10000000,10000000,10000,1,DEMAND,,,',
    '',
  ])
  await t.rejects(asked({ explain: 'a/dwn' }), { code: 'USAGE', message: /no such flow; did you mean "a\/down"\?/ })
  await t.rejects(asked({ csv: true, json: true }), { code: 'USAGE' })
})
