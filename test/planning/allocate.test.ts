// `mizani allocate`: the output that scripts hold on to, every fault at once, and hostile files refused cheaply.

import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t from 'tap'
import { allocate, runAllocate } from '../../src/planning/allocate.js'
import { checkProblem, type ProblemFile, readProblemFile } from '../../src/planning/problem-file.js'
import { MizaniError } from '../../src/runtime/errors.js'
import { MAX_BANDS, MAX_PROBLEM_BYTES } from '../../src/runtime/limits.js'

const folder = mkdtempSync(join(tmpdir(), 'mizani-allocate-'))

async function run(text: string | Uint8Array, json = true): Promise<{ out: string; err: string; code: number }> {
  const file = join(folder, 'problem.json')
  writeFileSync(file, text)
  let [out, err] = ['', '']
  const stdout = { write: (more: string) => (out += more) }
  const stderr = { write: (more: string) => (err += more) }
  const code = await runAllocate({ file, json }, { stdout, stderr, env: {}, isTTY: false })
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
  const { solveMicroseconds, ...rest } = JSON.parse(out)
  t.ok(solveMicroseconds > 0)
  t.same(rest, {
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
        limitedBy: { code: 'DEMAND', id: null },
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
  t.match(table.out, /certificate: ok/)
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
  t.same(faultsOf(() => checkProblem(schema)).sort(), [
    'SCHEMA /bands/1/fill',
    'SCHEMA /flows/0/demand',
    'SCHEMA /flows/0/path/1/fraction',
    'SCHEMA /flows/0/segments/0/size',
    'SCHEMA /flows/1',
    'SCHEMA /flows/1/demand',
    'SCHEMA /flows/1/segments/0/weight',
    'SCHEMA /links/0/capacity',
    'SCHEMA /links/1/capacity',
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
    'CYCLE /envelopes/1/parent',
    'DUPLICATE /flows/0/path/1',
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
    'UP_TO /flows/2/segments',
    'UP_TO /flows/2/segments/0/upTo',
    'UP_TO /flows/2/segments/3/upTo',
  ])
})

t.test('hostile files are refused before they cost anything', async (t) => {
  const bytes = (text: string): Uint8Array => new TextEncoder().encode(text)
  const refused = (what: string, text: Uint8Array, code: string): void => {
    t.match(faultsOf(() => readProblemFile(text))[0], new RegExp(`^${code} `), what)
  }
  refused('nesting', bytes('['.repeat(MAX_PROBLEM_BYTES - 1)), 'TOO_DEEP')
  refused('nesting behind a string with brackets', bytes(`["[[[\\"[[[", ${'['.repeat(20)}`), 'TOO_DEEP')
  refused('size', new Uint8Array(MAX_PROBLEM_BYTES + 1), 'TOO_LARGE')
  refused('a sea of empty lists', new Uint8Array(MAX_PROBLEM_BYTES).fill(0x2c), 'TOO_MANY')
  refused('a truncated file', bytes(JSON.stringify(EXAMPLE).slice(0, -3)), 'NOT_JSON')
  refused('not UTF-8', new Uint8Array([0x22, 0xff, 0x22]), 'NOT_JSON')
  refused('NaN as a number', bytes('{"bands": NaN}'), 'NOT_JSON')
  refused('a list', bytes('[]'), 'SCHEMA')
  const million = JSON.stringify({ ...EXAMPLE, bands: Array.from({ length: 1_000_000 }, () => 0) })
  t.same(
    faultsOf(() => readProblemFile(bytes(million))),
    ['TOO_MANY /bands'],
    `more than ${MAX_BANDS} bands are one fault`,
  )
  const proto = JSON.stringify(EXAMPLE).replace('"links"', '"__proto__":{"flows":[]},"links"')
  t.same(faultsOf(() => readProblemFile(bytes(proto))).length, 1, '__proto__ is an unknown key like any other')
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
