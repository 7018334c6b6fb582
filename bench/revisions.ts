// What does a year of changes take in the durable store?
//
// Goal: 50 changes each working day of a year, 12,500 revisions of the default plane, in at most 250 MB of Redis, and
// any of them read back with the hash it was written with. Not a goal: speed; each write waits for its own fsync.
// Nine changes in ten touch one institution (its tier, a ticket), most others a tier, one in two hundred is a sheet of
// 50 institutions.
//
//   node src/bin/run.mjs bench/revisions.ts [revisions]

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { hashOf as hashOfDocument } from '../src/policy/document/canonical.js'
import { applyChanges } from '../src/policy/document/diff.js'
import type { PolicyDocument } from '../src/policy/document/document.js'
import { loadPlane } from '../src/policy/files/files.js'
import type { Change } from '../src/policy/revisions/proposal.js'
import { RevisionStore } from '../src/policy/revisions/revisions.js'
import { createLogger } from '../src/runtime/log.js'
import { startPrivateStores } from '../src/runtime/private-redis.js'
import { connect, type Redis, untilReady } from '../src/runtime/redis.js'
import { CONTROLLER_USER, POLICY_USER } from '../src/wire/access.js'
import { keys } from '../src/wire/redis-keys.js'
import { printTable, SEED, seeded } from './harness.js'

const A_YEAR = 12_500
const BUDGET = 250e6
const READ_BACK = 200

export interface YearRow {
  readonly revisions: number
  /** Of the whole server, before and after. */
  readonly before: number
  readonly after: number
  /** Mean of a record. */
  readonly mean: number
  readonly wholes: number
  /** Of those that were read back, how many had another hash. */
  readonly damaged: number
}

export async function benchRevisions(revisions: number, redis: Redis, seed = SEED): Promise<YearRow> {
  const random = seeded(seed)
  const plane = 'bench'
  const store = new RevisionStore({ redis, plane })
  const key = keys(plane).policyDoc
  let document = loadPlane(fileURLToPath(new URL('../config/taifa', import.meta.url))).document!
  const change = changes(document, random)
  const hashes: string[] = []
  const sizes: number[] = []
  const before = await usedMemory(redis)
  for (let n = 0; n < revisions; n++) {
    if (n > 0) document = applyChanges(document, change(n)) as PolicyDocument
    const told = { author: 'asha.mushi', reason: `change ${n} of the year`, reference: `T-${n}`, at: n }
    const { hash } = await store.put(document, { ...told, expected: n })
    hashes.push(hash)
    sizes.push(await redis.strlen(key(n + 1)))
  }
  const after = await usedMemory(redis)
  const reader = new RevisionStore({ redis, plane })
  let damaged = 0
  for (let n = 0; n < Math.min(READ_BACK, revisions); n++) {
    const at = Math.floor(random() * revisions)
    const read = await reader.get(at + 1)
    if (read === null || hashOfDocument(read.document) !== hashes[at]) damaged++
  }
  const sum = sizes.reduce((total, size) => total + size, 0)
  const wholes = sizes.filter((size) => size > sizes[0]! / 2).length
  return { revisions, before, after, mean: sum / revisions, wholes, damaged }
}

async function usedMemory(redis: Redis): Promise<number> {
  return Number(/used_memory:(\d+)/.exec(await redis.info('memory'))![1])
}

function changes({ institutions, tiers }: PolicyDocument, random: () => number): (n: number) => Change[] {
  const ids = Object.keys(institutions)
  const names = Object.keys(tiers)
  const pick = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)]!
  const ticket = (n: number): Change => ({ pointer: `/institutions/${pick(ids)}/labels/ticket`, after: `T-${n}` })
  return (n) => {
    const chance = random()
    if (chance < 0.005) return Array.from({ length: 50 }, () => ticket(n))
    if (chance < 0.1) return [{ pointer: `/tiers/${pick(names)}/name/en`, after: `Tier of change ${n}` }]
    if (chance < 0.5) return [{ pointer: `/institutions/${pick(ids)}/tier`, after: pick(names) }, ticket(n)]
    return [ticket(n)]
  }
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const revisions = Number(process.argv[2] ?? A_YEAR)
  const data = mkdtempSync(join(tmpdir(), 'mizani-bench-'))
  const log = createLogger('bench', 'silent')
  const options = { dataDir: data, log, durableUser: POLICY_USER, volatileUser: CONTROLLER_USER }
  const stores = await startPrivateStores(options)
  const redis = connect(stores.durableUrl, 'policy', { log })
  try {
    await untilReady(redis, 5_000)
    const begun = performance.now()
    const row = await benchRevisions(revisions, redis)
    const seconds = Math.round((performance.now() - begun) / 1_000)
    const mega = (bytes: number): string => `${(bytes / 1e6).toFixed(1)} MB`
    printTable(
      ['revisions', 'Redis before', 'Redis after', 'mean record', 'written whole', 'read back damaged'],
      [[row.revisions, mega(row.before), mega(row.after), `${Math.round(row.mean)} B`, row.wholes, row.damaged]],
    )
    const fits = row.damaged === 0 && row.after <= (BUDGET * revisions) / A_YEAR + row.before
    console.log(`${fits ? 'fits' : 'DOES NOT FIT'} 250 MB for a year of ${A_YEAR}; seed ${SEED}, ${seconds} s`)
    process.exitCode = fits ? 0 : 1
  } finally {
    redis.disconnect()
    await stores.stop()
    rmSync(data, { recursive: true, force: true })
  }
}
