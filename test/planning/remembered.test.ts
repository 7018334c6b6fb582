// The thread of drafts remembers flows, routes, outcomes and solvers from one draft to the next. None of it may be
// seen: one that has gone through sixty policies answers as one that has just been started.

import t from 'tap'
import { seeded } from '../../bench/harness.js'
import type { Conditions } from '../../src/model/network.js'
import { Arenas } from '../../src/planning/arenas.js'
import { createDrafter } from '../../src/planning/drafter.js'
import { compile, createCompiler, provisionalIndexes } from '../../src/policy/compile/compile.js'
import { Topology } from '../../src/policy/compile/topology.js'
import { hashOf } from '../../src/policy/document/canonical.js'
import { applyChanges } from '../../src/policy/document/diff.js'
import type { PolicyDocument } from '../../src/policy/document/document.js'
import { validateEdit } from '../../src/policy/document/validate-edit.js'
import { type InForce, NOTHING_IN_FORCE, type Override } from '../../src/policy/in-force/holding.js'
import type { DrafterTask } from '../../src/policy/revisions/draft.js'
import type { Change } from '../../src/policy/revisions/proposal.js'
import { smallPlane } from '../tick/small-plane.js'

const DRAFTS = 60
const M = 1_000_000
const name = (id: string) => ({ en: id, sw: id })
const start: PolicyDocument = {
  ...smallPlane({ institutions: 20, upstream: 400 * M }),
  tests: {
    everyone: {
      expect: { keeps: 'guarantee' },
      during: { cut: [], derate: {}, anyOne: ['backbone', 'upstream'] },
      demand: 'ceiling',
    },
    first: {
      expect: { tier: 'large' },
      atLeast: 30 * M,
      during: { cut: [], derate: {}, anyOne: [] },
      demand: 'ceiling',
    },
  },
}

const random = seeded(60)
const pick = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)]!
const mine = (document: PolicyDocument): string => pick(Object.keys(document.institutions))

/** What may be done to a policy; each says what became of it. */
const KINDS: Record<string, (document: PolicyDocument, n: number) => Change[]> = {
  tier: (d) => [{ pointer: `/institutions/${mine(d)}/tier`, after: pick(['large', 'small']) }],
  label: (d, n) => [{ pointer: `/institutions/${mine(d)}/labels`, after: { n: String(n) } }],
  envelope: (d, n) => [
    { pointer: `/envelopes/e-${n}`, after: { name: name('E'), ceilings: { internet: { down: 90 * M, up: 90 * M } } } },
    ...[mine(d), mine(d)].map((id) => ({ pointer: `/institutions/${id}/envelope`, after: `e-${n}` })),
  ],
  // The first of all: everybody else's number moves.
  opened: (d, n) => [
    { pointer: `/institutions/a-${n}`, after: { ...d.institutions['inst-001']!, name: name('A') } },
    { pointer: `/sites/a-${n}`, after: { ...d.sites['inst-001-a']!, institution: `a-${n}`, prefixes: [] } },
  ],
  'second edge': (d, n) => {
    const id = mine(d)
    const site = { ...d.sites['inst-001-a']!, institution: id, edge: pick(['east', 'west', 'core']), prefixes: [] }
    return [{ pointer: `/sites/s-${n}`, after: site }]
  },
  // One segment more, or one less: columns change their length.
  function: (d, n) => {
    const { segments } = d.tiers.small!.services.internet!.down
    const others = segments.filter(({ upTo }) => upTo === undefined)
    const sizes = others.map((one) => (one.band === 'committed' ? { ...one, size: (10 + n) * M } : one))
    const more = [...sizes.slice(0, 2), { band: 'share', weight: 9, upTo: (60 + n) * M }, ...sizes.slice(2)]
    const after = others.length < segments.length ? sizes : more
    return [{ pointer: '/tiers/small/services/internet/down/segments', after }]
  },
  capacity: () => [{ pointer: '/links/transit/capacity/down', after: pick([200, 400, 900]) * M }],
  // As many flows as before, at other places.
  members: (d) => {
    const [a, b] = [mine(d), mine(d)]
    return [
      { pointer: `/institutions/${a}/govnet`, after: !d.institutions[a]!.govnet },
      { pointer: `/institutions/${b}/govnet`, after: !d.institutions[b]!.govnet },
    ]
  },
  own: (d) => [{ pointer: `/institutions/${mine(d)}/ceilings`, after: { internet: { down: 50 * M, up: 9 * M } } }],
}

function inForce(document: PolicyDocument, n: number): InForce {
  const said = { reason: 'x', at: 0 }
  const override: Override = {
    ...{ ...said, id: `o-${n}`, from: 0, until: 1e12, author: 'asha', owner: 'asha', reference: null },
    patch: { on: { institution: mine(document) }, tier: 'large' },
  }
  const half = {
    link: 'transit',
    factor: 0.5,
    held: 0.5,
    heldUntil: 0,
    until: null,
    falls: [],
    source: 'nms',
    events: [],
  }
  return {
    ...NOTHING_IN_FORCE,
    overrides: n % 3 === 1 ? [override] : [],
    links: n % 4 === 2 ? [{ ...said, ...half }] : [],
  }
}

/** Numbers of institutions, and what is laid over one of them; all as long as they stay what they are. */
function around(document: PolicyDocument, n: number) {
  const laid = new Map(n % 3 === 1 ? [[`${mine(document)}/internet`, { kind: 'override', id: 'o' } as const]] : [])
  const indexes = new Map([...provisionalIndexes(document)].map(([id, at]) => [id, at + (n % 5 === 4 ? 1 : 0)]))
  return { revision: n, hash: '', indexes, laid }
}

t.test('a plan is the same, whatever was compiled over its topology before', async (t) => {
  let topology: Topology | null = null
  let document = start
  for (let n = 0; n < DRAFTS; n++) {
    topology = Topology.of(document, topology)
    const context = around(document, n)
    const conditions = pick<Conditions>([{}, { transit: 0.5 }, { 'trunk.down': 0, 'trunk.up': 0 }, { trunk: 0 }])
    const { plan, problem } = createCompiler(document, context, topology)(conditions)
    const fresh = compile(document, { ...context, conditions })
    t.strictSame(plan, fresh.plan, `${n}`)
    t.equal(Buffer.compare(Buffer.from(problem.buffer), Buffer.from(fresh.problem.buffer)), 0)
    const kind = pick(Object.keys(KINDS))
    document = validateEdit(document, { changes: KINDS[kind]!(document, n) }).document ?? document
  }
})

t.test('what a thread remembers changes no answer', async (t) => {
  const drafter = createDrafter(() => 0)
  const kinds = Object.keys(KINDS)
  const seen = new Map(kinds.map((kind) => [kind, 0]))
  let document = start
  let tried: PolicyDocument | null = null
  for (let n = 0; n < DRAFTS; n++) {
    const kind = kinds[n % kinds.length]!
    const changes = KINDS[kind]!(document, n)
    const flows = Object.keys(document.institutions).map((id) => `${id}/internet/down`)
    const task: DrafterTask = {
      ...{ kind: 'draft', base: { hash: hashOf(document), document }, edit: { changes }, scope: null },
      ...{ at: 1_000 + n, inForce: inForce(document, n), busyHour: null },
      asked: { list: n, flows, demand: Float64Array.from(flows, () => 80 * M * random()) },
    }
    const answer = drafter(task)
    t.strictSame(answer, createDrafter(() => 0)(task), `${n}: ${kind}`)
    if (answer.kind !== 'drafted') continue
    seen.set(kind, seen.get(kind)! + 1)
    const after = applyChanges(document, answer.changes) as PolicyDocument
    // Every second one is only tried, and asked about once more behind others.
    if (n % 2 === 0) document = after
    else tried = after
    if (tried === null) continue
    const compare = {
      ...task,
      kind: 'compare',
      before: task.base,
      after: { hash: hashOf(tried), document: tried },
    } as const
    t.strictSame(drafter(compare), createDrafter(() => 0)(compare), `${n}: compared`)
  }
  t.same(
    [...seen].filter(([, times]) => times < 3),
    [],
    'each kind was drafted',
  )
})

/** The intact network's, where policies are compared. */
function compared(document: PolicyDocument, over = new Topology(document)) {
  const context = { revision: 1, hash: '', indexes: provisionalIndexes(document), compared: new Arenas() }
  return createCompiler(document, context, over)({})
}

t.test('memory that is lent again is as new', async (t) => {
  const arenas = new Arenas()
  const [small, large] = [arenas.lend(1_000_000), arenas.lend(3_000_000)]
  for (const arena of [small, large]) {
    Buffer.from(arena).fill(7)
    arenas.takeBack(arena)
  }
  t.equal(arenas.lend(1_000_100), small, 'a little more is asked for')
  t.notOk(
    Buffer.from(small).some((byte) => byte !== 0),
    'and nothing is left of before',
  )
  t.not(arenas.lend(1_000_000), large, 'what is much too large waits')
  t.ok(arenas.lend(3_500_000).byteLength >= 3_500_000, 'what is too small too')
  t.equal(arenas.lend(2_900_000), large)
  const many = Array.from({ length: 9 }, () => arenas.lend(1_000_000))
  for (const arena of many) arenas.takeBack(arena)
  t.equal(many.map(() => arenas.lend(1_000_000)).filter((arena) => many.includes(arena)).length, 2, 'few are kept')
  const document = start
  const whole = (memory: Arenas) =>
    createCompiler(document, { revision: 1, hash: '', indexes: provisionalIndexes(document), compared: memory })({})
  const first = whole(arenas).problem
  Buffer.from(first.buffer).fill(255)
  arenas.takeBack(first.buffer)
  const again = whole(arenas).problem
  t.equal(again.buffer, first.buffer)
  const fresh = whole(new Arenas()).problem
  t.ok(Buffer.from(again.buffer).equals(Buffer.from(fresh.buffer)), 'a problem is laid out there as in new memory')
})

t.test('as many flows at other places go their own ways', async (t) => {
  const [first, last] = ['inst-001', 'inst-018'] as const
  const without = (id: string): PolicyDocument =>
    applyChanges(start, [{ pointer: `/institutions/${id}/govnet`, after: false }]) as PolicyDocument
  const [before, after] = [without(first), without(last)]
  const topology = Topology.of(before, null)
  const other = compared(after, Topology.of(after, topology))
  t.equal(compared(before, topology).problem.shape.flows, other.problem.shape.flows)
  t.same(compared(after, topology).problem.pathLink, compared(after).problem.pathLink)
})

t.test('columns of segments follow a function that has another size, and one that has more', async (t) => {
  const { segments } = start.tiers.small!.services.internet!.down
  const sized = segments.map((one) => (one.band === 'committed' ? { ...one, size: 12 * M } : one))
  const longer = [...segments.slice(0, 2), { band: 'share', weight: 9, upTo: 60 * M }, ...segments.slice(2)]
  const topology = Topology.of(start, null)
  for (const after of [segments, sized, longer, sized, segments]) {
    const change = { pointer: '/tiers/small/services/internet/down/segments', after }
    const document = applyChanges(start, [change]) as PolicyDocument
    const [{ problem, makeWhole }, fresh] = [compared(document, topology), compared(document)]
    t.equal(Buffer.compare(Buffer.from(problem.buffer), Buffer.from(fresh.problem.buffer)), 0)
    t.same(makeWhole(), fresh.makeWhole())
  }
})
