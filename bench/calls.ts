// What do the short calls of a tick take: message to bytes and back, demand from a report, quiet rates, lease table?
//
// Goal: the functions that ship, on the nation that ships, in the thread that calls them. Not the goal: the solve
// (solve.ts), stores, threads.
//
//   node src/bin/run.mjs bench/calls.ts
//
// MIZANI_SEED chooses other numbers. The hash is over what the calls answered.

import { pathToFileURL } from 'node:url'
import { DemandTable } from '../src/demand/table.js'
import { burstOf } from '../src/model/burst.js'
import type { EdgeReport } from '../src/model/lease.js'
import type { Plan } from '../src/model/plan.js'
import { fromKbps } from '../src/model/units.js'
import { compile, provisionalIndexes } from '../src/policy/compile/compile.js'
import { loadPlane } from '../src/policy/files/files.js'
import { LeaseTable } from '../src/publish/lease-table.js'
import { quiet, quietScratch } from '../src/publish/quiet.js'
import { shippedFile } from '../src/runtime/config.js'
import type { Problem } from '../src/solve/problem.js'
import { createSolver } from '../src/solve/solve.js'
import { decodeRates, encodeRates } from '../src/wire/codec.js'
import type { RateMessage } from '../src/wire/messages.js'
import { sealed } from '../test/harness/sealed.js'
import { drawDemand } from './generate.js'
import { hashOf, printTable, SEED, seeded, shown } from './harness.js'
import { type Times, timesOf } from './suite.js'

const LOAD = 0.6
const BOOT = '00000000000000aa'

export interface CallsResult {
  readonly times: Readonly<Record<'encode' | 'decode' | 'observe' | 'quiet' | 'decide', Times>>
  /** Flows of the edge of which messages are. */
  readonly records: number
  readonly hash: string
}

/** @param runs of each call */
export function benchCalls(runs: number, seed = SEED): CallsResult {
  const { document } = loadPlane(shippedFile('config/taifa'))
  if (document === null) throw new Error('the shipped plane does not load')
  const compiled = compile(document, { revision: 1, hash: 'sha256:0', indexes: provisionalIndexes(document) })
  const { problem } = compiled
  const plan = sealed(compiled)
  const random = seeded(seed)
  drawDemand(problem, random, LOAD)
  createSolver(problem.shape).solve(problem)
  const target = Uint32Array.from(problem.rate, (rate) => Math.max(64, Math.floor(rate / 1_000)))
  const edge = plan.edges.reduce((most, one) => (one.flows.length > most.flows.length ? one : most))

  const message = snapshotOf(plan, edge.id, target)
  const bytes = encodeRates(message)
  let made = bytes
  let read: ReturnType<typeof decodeRates> = message

  const demand = new DemandTable(plan, problem)
  const reports = Array.from({ length: 4 }, (_, n) => reportOf(plan, edge.id, n, random))
  let report = 0

  const inForce = target.map((kbps) => Math.round(kbps * (0.8 + 0.4 * random())))
  const rates = new Uint32Array(target)
  const scratch = quietScratch(problem)

  const leases = leasesOf(plan, problem, inForce)
  const steerable = new Float64Array(target.length).fill(Number.NaN)
  const granted = new Uint32Array(target.length)

  const runQuiet = (): void => {
    const ceilingOf = (f: number): number => plan.flows[f]!.ceiling
    quiet(problem, rates, inForce, ceilingOf, () => false, scratch)
  }
  const times = timesOf({
    encode: {
      runs,
      run: () => {
        made = encodeRates(message)
      },
    },
    decode: {
      runs,
      run: () => {
        read = decodeRates(bytes, { edge: edge.id })
      },
    },
    observe: {
      runs,
      run: () => demand.observe(reports[report]!, (f) => 1_000 * target[f]!, 0),
      prepare: (n) => {
        report = n % reports.length
      },
    },
    quiet: { runs, run: runQuiet, prepare: () => rates.set(target) },
    decide: { runs, run: () => void leases.decide(target, steerable, true, granted) },
  })
  if (!('records' in read)) throw new Error('a message was refused')
  const decoded = Uint32Array.from(read.records, ({ rate }) => rate)
  return { times, records: edge.flows.length, hash: hashOf(made, decoded, demand.now, rates, granted) }
}

function snapshotOf(plan: Plan, edge: string, target: Uint32Array): RateMessage {
  const { flows } = plan.edges.find(({ id }) => id === edge)!
  const records = flows.map((f) => {
    const rate = target[f]!
    const classes = plan.classes.map((_, c) => (c === 0 ? rate : 0))
    return { ...plan.flows[f]!.record, rate, safe: plan.safe[f]!, burst: burstOf(fromKbps(rate)), classes }
  })
  return {
    ...({ kind: 'snapshot', version: 1, edge, epoch: 1, seq: 1, baseSeq: 0, revision: 1 } as const),
    ...{ profile: '0123456789abcdef', lease: plan.timing.lease, stamp: { boot: BOOT, at: 1_000 }, records },
  }
}

/** Counters of all flows of an edge after `n` seconds. */
function reportOf(plan: Plan, edge: string, n: number, random = seeded(SEED)): EdgeReport {
  const { flows } = plan.edges.find(({ id }) => id === edge)!
  const counters = flows.map((f) => {
    const bytes = Math.floor(n * 125_000 * (1 + random()))
    return { ...plan.flows[f]!.record, class: 0, bytes, packets: Math.floor(bytes / 1_000), drops: 0, backlog: 0 }
  })
  return {
    ...{ edge, stamp: { boot: BOOT, at: 1_000 * (n + 1) }, reads: 1, agent: 'bench', driver: 'model', simulated: true },
    ...({ applied: null, state: 'FRESH', enforcement: 'enforce', refusal: null, generation: 1, counters } as const),
  }
}

/** Every edge enforces what it was granted. */
function leasesOf(plan: Plan, problem: Problem, inForce: Uint32Array): LeaseTable {
  const leases = new LeaseTable(plan, problem, 0)
  const serial = { epoch: 1, seq: 1 }
  for (const { id } of plan.edges) {
    const said = { stamp: { boot: BOOT, at: 1 }, counters: null }
    leases.acknowledge({ ...reportOf(plan, id, 0), ...said }, 0)
    leases.noteGranted(id, serial, inForce, true, 0)
    const applied = { ...serial, crc: 0, profile: '' }
    leases.acknowledge({ ...reportOf(plan, id, 1), counters: null, applied }, 1)
  }
  return leases
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const { times, records, hash } = benchCalls(3_000)
  console.log(`seed ${SEED}; the nation; messages of ${records} flows; result ${hash}`)
  printTable(
    ['call', 'median', 'p99', 'least', 'calls/s'],
    Object.entries(times).map(([name, { median, p99, least, rate }]) => [
      ...[name, shown(median), shown(p99), shown(least), Math.round(rate)],
    ]),
  )
}
