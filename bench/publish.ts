// How long from the call of publish until the last edge has decoded and verified what it was sent?
//
// Goal: the path that ships: encode, function calls with the fence, private Redis, one subscriber and one store
// user an edge, decode with checksum. The nation's 4,432 flow records are dealt to the edges evenly, one in seven of
// another size class. `all`: every edge's records change each tick. `signed`: the same, each message under a key of its
// edge (wire version 3), twice in turn with `all`. `few`: one edge in ten changes, the others get a heartbeat. `none`:
// heartbeats alone. `bare` is the baseline: the bytes of `all`, ready beforehand, by one MULTI of PUBLISH: no fence,
// nothing kept, nothing decoded. Not the goal: a network (all is loopback), a kernel (nothing is enforced), a loaded
// store.
//
//   node src/bin/run.mjs bench/publish.ts [ticks]
//
// Controller, Redis and all edges share this machine's cores, so p99 is the machine's as much as ours. Ratios come
// first: what 200 edges cost against 50, and a heartbeat tick against a full one.

import { fork } from 'node:child_process'
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { burstOf } from '../src/model/burst.js'
import type { EdgeKey } from '../src/model/edge-account.js'
import type { RateRecord, Serial } from '../src/model/lease.js'
import type { Plan } from '../src/model/plan.js'
import { fromKbps } from '../src/model/units.js'
import { election } from '../src/publish/election.js'
import { type Outgoing, outgoing } from '../src/publish/outgoing.js'
import { profilesOf } from '../src/publish/profile.js'
import { EDGES_A_CALL, type EdgePublication, type Publication } from '../src/publish/publication.js'
import { createLogger } from '../src/runtime/log.js'
import { type PrivateStores, startPrivateStores } from '../src/runtime/private-redis.js'
import { connect, type Redis, untilReady } from '../src/runtime/redis.js'
import { CONTROLLER_USER, edgeUser, POLICY_USER, type StoreUser } from '../src/wire/access.js'
import { encodeRates } from '../src/wire/codec.js'
import { EdgeMacs, edgeKeyOf } from '../src/wire/mac.js'
import { keys } from '../src/wire/redis-keys.js'
import type { Arrival } from './publish-edges.js'

const PLANE = 'bench'
const SEED = 7
/** Institutions x services x directions of the default plane, rounded as the notes do. */
const NATION = 4_432
const SECRET = Buffer.alloc(32, SEED)
const WARM_UP = 10
const PERIOD = 50
/** As long as a run: nobody elects meanwhile. */
const TERM = 600_000
/** Who may do what the baseline does, and nothing else. */
const BARE: StoreUser = { name: 'bare', rules: ['+@connection', '+info', '+multi', '+exec', '+publish', '&*'] }

export interface PublishResult {
  readonly edges: number
  readonly mode: 'bare' | 'all' | 'signed' | 'few' | 'none'
  readonly ticks: number
  /** Milliseconds. */
  readonly publish: Percentiles
  readonly applied: Percentiles
  readonly bytesPerTick: number
  readonly delivered: number
  readonly expected: number
  /** Of all bytes that were sent: the same seed makes the same messages. */
  readonly hash: string
}

interface Percentiles {
  readonly p50: number
  readonly p99: number
}

/** One run on stores that are already there. */
export async function measure(
  stores: PrivateStores,
  edges: number,
  mode: PublishResult['mode'],
  ticks: number,
): Promise<PublishResult> {
  const ids = Array.from({ length: edges }, (_, i) => `edge-${i}`)
  const urls = await stores.ensureUsers('volatile', [BARE, ...ids.map((id) => edgeUser(PLANE, id))])
  const listeners = fork(fileURLToPath(new URL('publish-edges.js', import.meta.url)), { execArgv: [] })
  const keyOf = (edge: string): EdgeKey => ({ generation: 1, key: edgeKeyOf(SECRET, PLANE, edge, 0) })
  const macs = new Map(ids.map((edge) => [edge, new EdgeMacs([keyOf(edge)], 'controller')]))
  const isSigned = mode === 'signed'
  const redis = connect(stores.volatileUrl, 'controller')
  const bare = connect(urls.get(BARE.name)!, 'controller')
  const names = keys(PLANE)
  const macsOf = (edge: string): EdgeMacs | null => (isSigned ? macs.get(edge)! : null)
  const [{ elect, resign }, { publish }] = [election(redis, names), outgoing(redis, names, macsOf)]
  try {
    await untilReady(redis, 5_000)
    const urlOf = (edge: string): string => urls.get(edgeUser(PLANE, edge).name)!
    const accounts = ids.map((edge) => ({ edge, url: urlOf(edge), keys: isSigned ? [keyOf(edge)] : [] }))
    listeners.send({ plane: PLANE, accounts, expected: edges * (WARM_UP + ticks), decodes: mode !== 'bare' })
    await once(listeners, 'message')
    const { epoch } = await elect('bench', 0, TERM)
    const messages = new Messages(ids, epoch)
    const began: bigint[] = []
    const took: number[] = []
    const finished = once(listeners, 'message') as Promise<[{ arrivals: Arrival[]; refused: number }]>
    for (let tick = 1; tick <= WARM_UP + ticks; tick++) {
      const publications = messages.at(tick, mode)
      const send = mode === 'bare' ? barely(bare, publications) : () => fenced(publish, publications)
      began[tick] = process.hrtime.bigint()
      await send()
      took[tick] = Number(process.hrtime.bigint() - began[tick]!) / 1e6
      await sleep(PERIOD)
    }
    const [{ arrivals, refused }] = await finished
    await resign('bench')
    if (refused > 0) throw new Error(`${refused} messages were refused`)
    const counted = arrivals
      .map(({ seq, at }) => ({ tick: messages.tickOf(seq), at }))
      .filter(({ tick }) => tick > WARM_UP)
    return {
      edges,
      mode,
      ticks,
      publish: percentiles(took.slice(WARM_UP + 1)),
      applied: percentiles(counted.map(({ tick, at }) => Number(BigInt(at) - began[tick]!) / 1e6)),
      bytesPerTick: Math.round(messages.bytes / (WARM_UP + ticks)),
      delivered: counted.length,
      expected: edges * ticks,
      hash: messages.hash(),
    }
  } finally {
    bare.disconnect()
    redis.disconnect()
    listeners.kill('SIGKILL')
  }
}

async function fenced(publish: Outgoing['publish'], publications: readonly Publication[]): Promise<void> {
  const calls = publications.map(({ serial, edges }) => publish('bench', serial, edges))
  const failed = (await Promise.all(calls)).find((outcome) => typeof outcome === 'string')
  if (failed !== undefined) throw new Error(`a publication was ${failed}`)
}

function barely(redis: Redis, publications: readonly Publication[]): () => Promise<unknown> {
  const messages = publications.flatMap(({ edges }) =>
    edges.map(({ edge, message }) => [keys(PLANE).down(edge), encodeRates(message)] as const),
  )
  return () => {
    const together = redis.multi()
    for (const [channel, bytes] of messages) together.publish(channel, bytes)
    return together.exec()
  }
}

/** What is published each tick, and a hash of it without the epoch, which is the clock's. */
class Messages {
  readonly #edges: readonly string[]
  readonly #epoch: number
  readonly #profiles: ReturnType<typeof profilesOf>
  readonly #content = createHash('sha256')
  readonly #seqOf = new Map<string, number>()
  readonly #calls: number
  #state = SEED
  bytes = 0

  constructor(edges: readonly string[], epoch: number) {
    this.#edges = edges
    this.#calls = Math.ceil(edges.length / EDGES_A_CALL)
    this.#epoch = epoch
    this.#profiles = profilesOf(planOf(edges))
  }

  /** As the outbox deals them: some edges a call, each call under a serial of its own. */
  at(tick: number, mode: PublishResult['mode']): Publication[] {
    return Array.from({ length: this.#calls }, (_, call) => {
      const serial = { epoch: this.#epoch, seq: (tick - 1) * this.#calls + call + 1 }
      const first = call * EDGES_A_CALL
      const edges = this.#edges.slice(first, first + EDGES_A_CALL)
      const told = edges.map((edge, k) => this.#publication(edge, first + k, tick, serial, mode))
      return { serial, endsDecreases: false, edges: told }
    })
  }

  tickOf(seq: number): number {
    return Math.ceil(seq / this.#calls)
  }

  #publication(edge: string, i: number, tick: number, serial: Serial, mode: PublishResult['mode']): EdgePublication {
    const changes =
      mode === 'all' || mode === 'signed' || mode === 'bare' || tick === 1 || (mode === 'few' && i % 10 === tick % 10)
    const base = this.#seqOf.get(edge) ?? 0
    const kind = changes ? 'snapshot' : 'heartbeat'
    const { hash, bytes: profile } = this.#profiles.get(edge)!
    if (changes) this.#seqOf.set(edge, serial.seq)
    const message = {
      ...({ kind, version: 1, edge, ...serial, baseSeq: base, revision: 1 } as const),
      ...{ profile: hash, lease: 60_000, stamp: { boot: '00000000000000aa', at: tick * 1_000 } },
      records: changes ? this.#records(i) : [],
    }
    this.bytes += encodeRates(message).length
    this.#content.update(encodeRates({ ...message, epoch: 1 }))
    return { edge, profile, snapshot: changes ? message : null, message }
  }

  hash(): string {
    return this.#content.digest('hex').slice(0, 16)
  }

  #records(edge: number): RateRecord[] {
    const count =
      Math.floor(((edge + 1) * NATION) / this.#edges.length) - Math.floor((edge * NATION) / this.#edges.length)
    return Array.from({ length: count }, (_, i) => {
      const classes = Array.from({ length: 4 }, () => this.#random(60_000))
      const rate = classes.reduce((sum, kbps) => sum + kbps, 0)
      const direction = (i % 2) as 0 | 1
      return {
        institution: 2 + Math.floor(i / 8),
        service: Math.floor(i / 2) % 4,
        direction,
        rate,
        safe: 256,
        burst: burstOf(fromKbps(rate)),
        classes,
      }
    })
  }

  /** mulberry32. */
  #random(below: number): number {
    this.#state = (this.#state + 0x6d2b79f5) | 0
    let z = Math.imul(this.#state ^ (this.#state >>> 15), this.#state | 1)
    z ^= z + Math.imul(z ^ (z >>> 7), z | 61)
    return ((z ^ (z >>> 14)) >>> 0) % below
  }
}

/** As much of a plan as makes profiles. */
function planOf(edges: readonly string[]): Plan {
  const nothing = { flows: [], families: [], envelopes: [], links: [], institutions: [], bands: [], warnings: [] }
  const name = { en: 'Bench', sw: 'Kipimo' }
  return {
    ...nothing,
    ...{ plane: PLANE, name, demo: true, revision: 1, hash: 'sha256:00', bootRate: 256_000, timezone: 'UTC' },
    timing: { tick: 1_000, lease: 60_000, staleAfterTicks: 3 },
    demand: { margin: 1.15, threshold: 0.9 },
    flowIndex: new Map(),
    safe: new Uint32Array(),
    shortfalls: [],
    detours: [],
    unreachable: new Set(),
    services: [{ id: 'internet', index: 0, name, prefixes: [] }],
    classes: [{ id: 'standard', index: 0, name, dscp: [], weight: 1, guarantee: 0 }],
    edges: edges.map((id) => ({
      ...({ id, name, node: id, region: id, enforcement: 'enforce', pace: 'live', line: 'fibre' } as const),
      ...{ port: { down: 1e9, up: 1e9 }, sites: [], flows: [] },
    })),
  }
}

function percentiles(values: readonly number[]): Percentiles {
  const sorted = [...values].sort((a, b) => a - b)
  const at = (part: number): number =>
    sorted[Math.min(sorted.length - 1, Math.floor(part * sorted.length))] ?? Number.NaN
  return { p50: at(0.5), p99: at(0.99) }
}

/** All rows, on private stores of their own. */
export async function runPublishBench(ticks: number, sizes: readonly number[] = [50, 200]): Promise<PublishResult[]> {
  const folder = mkdtempSync(join(tmpdir(), 'mizani-bench-'))
  const log = createLogger('bench', 'error')
  const stores = await startPrivateStores({
    dataDir: folder,
    log,
    durableUser: POLICY_USER,
    volatileUser: CONTROLLER_USER,
  })
  try {
    const rows: PublishResult[] = []
    for (const edges of sizes)
      for (const mode of ['bare', 'all', 'signed', 'all', 'signed', 'few', 'none'] as const)
        rows.push(await measure(stores, edges, mode, ticks))
    return rows
  } finally {
    await stores.stop()
    rmSync(folder, { recursive: true, force: true })
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const rows = await runPublishBench(Number(process.argv[2] ?? 100))
  const of = (edges: number, mode: string): PublishResult => rows.find((r) => r.edges === edges && r.mode === mode)!
  const sum = (edges: number, mode: string, what: 'publish' | 'applied'): number =>
    rows.filter((r) => r.edges === edges && r.mode === mode).reduce((p50, row) => p50 + row[what].p50, 0)
  const ratio = (a: number, b: number): string => (a / b).toFixed(2)
  console.log(`publish -> decoded at the edges, seed ${SEED}`)
  console.log(`200 edges / 50 edges, all changed, p50: ${ratio(of(200, 'all').applied.p50, of(50, 'all').applied.p50)}`)
  console.log(`all changed / bare, 200 edges, p50: ${ratio(of(200, 'all').applied.p50, of(200, 'bare').applied.p50)}`)
  const [decoded, published] = (['applied', 'publish'] as const).map((what) =>
    ratio(sum(200, 'signed', what), sum(200, 'all', what)),
  )
  console.log(`signed / all changed, 200 edges, p50, twice in turn: publish ${published}, decoded ${decoded}`)
  console.log(`few / all changed, 200 edges, p50: ${ratio(of(200, 'few').applied.p50, of(200, 'all').applied.p50)}`)
  console.log(`few / all changed, 200 edges, bytes: ${ratio(of(200, 'few').bytesPerTick, of(200, 'all').bytesPerTick)}`)
  for (const { edges, mode, publish, applied, bytesPerTick, delivered, expected, hash } of rows) {
    const show = ({ p50, p99 }: Percentiles): string => `p50 ${p50.toFixed(2)} p99 ${p99.toFixed(2)} ms`
    const size = `${(bytesPerTick / 1_000).toFixed(1)} kB/tick`
    const head = `${String(edges).padStart(4)} edges ${mode.padEnd(6)}`
    console.log(
      `${head} publish ${show(publish)} | decoded ${show(applied)} | ${size} | ${delivered}/${expected} | ${hash}`,
    )
  }
}
