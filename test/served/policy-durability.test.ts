// An acknowledged policy is never lost, and an unacknowledged one is never a riddle: machines that stop between two
// bytes, replicas that go away, answers that do not arrive, settings that are wrong, and a store that is made anew
// from a file.

import { spawnSync } from 'node:child_process'
import { readdirSync, readFileSync, statSync, truncateSync, writeFileSync } from 'node:fs'
import { createServer, connect as dial, type Socket } from 'node:net'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import t, { type Test } from 'tap'
import { hashOf } from '../../src/policy/document/canonical.js'
import { RevisionStore } from '../../src/policy/revisions/revisions.js'
import { runBackup, runRestore } from '../../src/process/backup.js'
import { loadSettings } from '../../src/runtime/config.js'
import type { Io } from '../../src/runtime/io.js'
import type { Redis } from '../../src/runtime/redis.js'
import { loadLibrary } from '../../src/runtime/redis.js'
import { codeOf, hasProgram, type Server, signIn, startServer } from '../faults/redis-server.js'
import { because, examplePlane, freePort, variantOf } from '../harness/place.js'
import { until } from '../harness/until.js'

/** The full measure of issue and design; the everyday one is a part of it. */
const LONG = process.env.MIZANI_FAULTS_LONG === '1'
const TRIALS = LONG ? 20 : 3
const WRITES = LONG ? 1_000 : 60

/** Nobody here waits the seven seconds that a replica may take. */
const IMPATIENT = 1_000

// Each has servers of its own and waits for them: several at a time.
t.jobs = 3

const folder = t.testdir()
const example = examplePlane(folder).document
const variant = (n: number) => variantOf(example, n)
const DURABLE = ['--appendonly', 'yes', '--appendfsync', 'always']
const io: Io = { stdout: { write: () => undefined }, stderr: { write: () => undefined }, env: {}, isTTY: false }

const addressOf = ({ port }: Pick<Server, 'port'>): string => `redis://127.0.0.1:${port}`

// ---- machines that stop

const shim = join(folder, 'unsynced.so')
const source = fileURLToPath(new URL('../faults/unsynced.c', import.meta.url))
const canBuild = hasProgram('gcc', '--version')
if (canBuild) {
  const { status, stderr } = spawnSync('gcc', ['-shared', '-fPIC', '-O1', '-o', shim, source, '-ldl'], {
    encoding: 'utf8',
  })
  if (status !== 0) throw new Error(stderr)
}

interface Machine {
  server: Server
  /** Ends the machine: what was not synced is gone. Then it is started again. */
  crash(): Promise<void>
}

async function machine(t: Test, name: string, args: readonly string[]): Promise<Machine> {
  const place = join(folder, name)
  const log = join(folder, `${name}.log`)
  const env = { LD_PRELOAD: shim, UNSYNCED_LOG: log }
  const port = await freePort()
  const start = (): Promise<Server> => startServer(t, { folder: place, args, env, port })
  const it: Machine = {
    server: await start(),
    async crash() {
      await it.server.end('SIGKILL')
      const synced = new Map<string, number>()
      for (const line of readFileSync(log, 'utf8').split('\n')) {
        const [, size, path] = /^(\d+) (.*)$/.exec(line) ?? []
        if (path !== undefined) synced.set(path, Number(size))
      }
      const appended = join(place, 'appendonlydir')
      for (const name of readdirSync(appended).filter((one) => one.endsWith('.incr.aof'))) {
        const path = join(appended, name)
        truncateSync(path, Math.min(statSync(path).size, synced.get(path) ?? 0))
      }
      it.server = await start()
    },
  }
  return it
}

t.test(
  'machines that stop',
  { skip: !canBuild && 'gcc is not installed: un-synced bytes cannot be dropped' },
  async (t) => {
    await t.test('the model bites: where nothing is synced, acknowledged writes are lost', async (t) => {
      const lazy = await machine(t, 'lazy', ['--appendonly', 'yes', '--appendfsync', 'everysec'])
      const redis = await signIn(t, addressOf(lazy.server))
      let acknowledged = 0
      // Ends with the machine.
      void (async () => {
        for (;;) acknowledged = await redis.incr('n')
      })().catch(() => undefined)
      await until(() => acknowledged > 100, 'it writes')
      await lazy.crash()
      redis.disconnect()
      const after = await signIn(t, addressOf(lazy.server))
      t.ok(Number((await after.get('n')) ?? 0) < acknowledged, `${acknowledged} acknowledged`)
    })

    let acknowledged = 0
    for (let trial = 1; trial <= TRIALS; trial++) {
      await t.test(`trial ${trial} of ${TRIALS}: nothing that was acknowledged is missing`, async (t) => {
        const it = await machine(t, `trial-${trial}`, DURABLE)
        const redis = await signIn(t, addressOf(it.server), 'policy')
        const store = new RevisionStore({ redis, plane: 'p' })
        const kept: { revision: number; hash: string }[] = []
        // Ends with the machine; what was answered until then counts.
        void (async () => {
          for (let n = 0; ; n++) {
            const { revision, hash } = await store.put(variant(n), because(n))
            kept.push({ revision, hash })
          }
        })().catch(() => undefined)
        // Somewhere within a write, another place each time.
        await until(() => kept.length >= WRITES, 'enough writes')
        await sleep((trial * 7) % 5)
        await it.crash()
        redis.disconnect()
        const after = new RevisionStore({ redis: await signIn(t, addressOf(it.server), 'policy'), plane: 'p' })
        const lost: number[] = []
        for (const { revision, hash } of kept) if ((await after.get(revision))?.hash !== hash) lost.push(revision)
        t.same(lost, [])
        const { revision } = (await after.head())!
        t.ok(
          revision === kept.length || revision === kept.length + 1,
          'at most one more: the one whose answer was lost',
        )
        t.match(await after.put(variant(1_000_000), because(revision)), { revision: revision + 1 }, 'and it goes on')
        acknowledged += kept.length
      })
    }
    t.comment(`${acknowledged} acknowledged policy writes in ${TRIALS} crashes, 0 lost`)
  },
)

// ---- replicas and answers that go away

t.test('with a replica, a write counts when both have it on disk', async (t) => {
  const args = [
    ...DURABLE,
    '--min-replicas-to-write',
    '1',
    '--min-replicas-max-lag',
    '2',
    '--repl-diskless-sync-delay',
    '0',
  ]
  const master = await startServer(t, { folder: join(folder, 'master'), args })
  const replicaArgs = [...DURABLE, '--replicaof', '127.0.0.1', String(master.port)]
  const replica = await startServer(t, { folder: join(folder, 'replica'), args: replicaArgs })
  const redis = await signIn(t, addressOf(master), 'policy')
  const store = new RevisionStore({ redis, plane: 'p', replicas: 1 })
  // While no replica is there, there is nothing to wait for.
  const hasty = new RevisionStore({ redis, plane: 'p', replicas: 1, durableWithin: 200 })
  await until(async () => (await redis.info('replication')).includes('state=online'), 'the replica follows')
  t.match(await store.put(example, because(0)), { revision: 1 })
  const second = await signIn(t, addressOf(replica))
  t.equal(await second.hget('mz:{p}:policy:head', 'hash'), hashOf(example), 'it is there')

  await replica.end('SIGKILL')
  const request = 'r-1'
  const outcome = await codeOf(hasty.put(variant(1), { ...because(1), request }))
  t.match(outcome, /^(OUTCOME_UNKNOWN|STORE_UNAVAILABLE)$/, 'nobody says that it was done')
  await until(
    async () => (await codeOf(hasty.put(variant(1), { ...because(1), request }))) === 'STORE_UNAVAILABLE',
    'once the master has noticed, it takes nothing',
  )
  t.match(await store.current(), { document: {} }, 'reading goes on')
  await startServer(t, { folder: join(folder, 'replica'), args: replicaArgs, port: replica.port })
  await until(
    async () => (await codeOf(hasty.put(variant(1), { ...because(1), request }))) === 'done',
    'the same request settles it when the replica is back',
  )
  t.match(await store.current(), { revision: 2, hash: hashOf(variant(1)) })
  t.equal(await store.get(3), null, 'once, however often it was asked')
})

/** Between a client and a server. Once the client has said the word, it hears nothing any more. */
async function deafAfter(t: Test, word: string, port: number): Promise<number> {
  const ends = new Set<Socket>()
  const server = createServer((client) => {
    const upstream = dial(port, '127.0.0.1')
    let deaf = false
    for (const end of [client, upstream]) {
      ends.add(end)
      end.on('error', () => end.destroy()).on('close', () => ends.delete(end))
    }
    client
      .on('data', (bytes) => {
        deaf ||= bytes.includes(word)
        upstream.write(bytes)
      })
      .on('close', () => upstream.destroy())
    upstream.on('data', (bytes) => deaf || client.write(bytes)).on('close', () => client.destroy())
  }).listen(0, '127.0.0.1')
  t.teardown(() => {
    for (const end of ends) end.destroy()
    server.close()
  })
  await until(() => server.listening, 'the proxy listens')
  return (server.address() as { port: number }).port
}

t.test('an answer that is lost is an unknown outcome, and its request id settles it', async (t) => {
  const server = await startServer(t, { folder: join(folder, 'deaf'), args: DURABLE })
  const direct = new RevisionStore({ redis: await signIn(t, addressOf(server), 'policy'), plane: 'p' })
  await direct.put(example, because(0))
  const redis = await signIn(t, `redis://127.0.0.1:${await deafAfter(t, 'mizani_policy_put', server.port)}`, 'policy')
  redis.options.commandTimeout = IMPATIENT
  const store = new RevisionStore({ redis, plane: 'p' })
  const request = 'r-9'
  await t.rejects(store.put(variant(1), { ...because(1), request }), { code: 'OUTCOME_UNKNOWN' })
  t.match(await direct.head(), { revision: 2 }, 'this time it was done')
  t.match(await direct.put(variant(1), { ...because(1), request }), { revision: 2 }, 'asked again, it says so')
  t.equal(await direct.get(3), null, 'one revision, though it was asked for twice')
  t.equal(await codeOf(direct.put(variant(2), { ...because(2), request })), 'IDEMPOTENCY_REUSED')
})

// ---- settings, functions, files

t.test('a store that would lose edits goes on serving, and says which setting it is', async (t) => {
  const server = await startServer(t, { folder: join(folder, 'lax'), args: DURABLE })
  const redis = await signIn(t, addressOf(server), 'policy')
  const store = new RevisionStore({ redis, plane: 'p' })
  await store.put(example, because(0))
  for (const [setting, wrong, right] of [
    ['appendfsync', 'everysec', 'always'],
    ['maxmemory-policy', 'allkeys-lru', 'noeviction'],
    ['appendonly', 'no', 'yes'],
  ] as const) {
    await redis.config('SET', setting, wrong)
    await t.rejects(store.put(variant(1), because(1)), {
      code: 'READ_ONLY',
      message: new RegExp(`${setting} is ${wrong}`),
    })
    t.match(await store.current(), { revision: 1 })
    await redis.config('SET', setting, right)
  }
  await until(
    async () => (await codeOf(store.put(variant(1), because(1)))) === 'done',
    'set right, it takes edits again',
  )
})

t.test('a release loads its functions beside those of another', async (t) => {
  const server = await startServer(t, { folder: join(folder, 'functions'), args: DURABLE })
  const redis = await signIn(t, addressOf(server), 'policy')
  const library = (version: number) => {
    const name = `mizani_other_${version}`
    return { name, source: `#!lua name=${name}\nredis.register_function('${name}', function() return ${version} end)` }
  }
  for (const version of [1, 2, 1]) await loadLibrary(redis, library(version))
  t.equal(await redis.call('FCALL', 'mizani_other_1', 0), 1, 'the older one still answers')
  t.equal(await redis.call('FCALL', 'mizani_other_2', 0), 2)
  const other = { ...library(1), source: `${library(1).source}\n-- changed without a new version` }
  t.equal(await codeOf(loadLibrary(redis, other)), 'LIBRARY_CONFLICT')
  t.match(await new RevisionStore({ redis, plane: 'p' }).put(example, because(0)), { revision: 1 })
})

t.test('a backup makes the same store anew, and nothing else does', async (t) => {
  const server = await startServer(t, { folder: join(folder, 'full'), args: DURABLE })
  const redis = await signIn(t, addressOf(server), 'policy')
  const store = new RevisionStore({ redis, plane: 'p' })
  for (let n = 0; n < 5; n++) await store.put(variant(n), { ...because(n), request: `r-${n}` })
  await everyType(redis)
  const settingsFor = (port: number) =>
    loadSettings({ env: { REDIS_URL: `redis://127.0.0.1:${port}`, MIZANI_DATA: join(folder, 'data') } })
  const file = join(folder, 'policy.backup')
  const said: string[] = []
  const heard = { ...io, stderr: { write: (text: string) => said.push(text) } }
  await runBackup({ file, settings: settingsFor(server.port) }, heard)
  t.match(said.join(''), /Not in it: what was measured, alarms and .* letters .* files in .*history of each controller/)
  t.equal(statSync(file).mode & 0o777, 0o600)
  const fresh = await startServer(t, { folder: join(folder, 'fresh'), args: DURABLE })
  const settings = settingsFor(fresh.port)
  await runRestore({ file, force: false, settings }, io)
  const copy = join(folder, 'copy.backup')
  await runBackup({ file: copy, settings }, io)
  // The trail has one more entry: that it was restored.
  const body = (name: string): string =>
    readFileSync(name, 'utf8')
      .split('\n')
      .slice(1)
      .filter((line) => !line.startsWith('{"key":"mz:{p}:audit'))
      .join('\n')
  t.equal(body(copy), body(file), 'the same to the last byte')
  const second = await signIn(t, addressOf(fresh), 'policy')
  t.same(await second.getBuffer('mz:{p}:bytes'), await redis.getBuffer('mz:{p}:bytes'), 'also what is no text')
  const restored = new RevisionStore({ redis: second, plane: 'p' })
  t.same(await restored.current(), await store.current())
  t.match(await restored.put(variant(9), because(5)), { revision: 6 }, 'and it goes on from there')

  t.equal(await codeOf(runRestore({ file, force: false, settings }, io)), 'STORE_NOT_EMPTY')
  t.match(await restored.head(), { revision: 6 }, 'untouched')
  const text = readFileSync(file, 'utf8')
  for (const [damaged, why] of [
    [text.replace('välue', 'other'), /checksum/],
    [text.slice(0, -40), /checksum/],
    [text.replace('"format":2', '"format":3'), /format 3, this release reads 1 and 2/],
    ['hello', /no backup/],
  ] as const) {
    writeFileSync(join(folder, 'bad'), damaged)
    const bad = runRestore({ file: join(folder, 'bad'), force: true, settings }, io)
    await t.rejects(bad, { code: 'BACKUP_INVALID', message: why })
  }
  t.match(await restored.head(), { revision: 6 }, 'still untouched')
  for (const format of [1, 2]) {
    writeFileSync(join(folder, 'older'), text.replace('"format":2', `"format":${format}`))
    await runRestore({ file: join(folder, 'older'), force: true, settings }, io)
    t.match(await restored.head(), { revision: 5 }, `format ${format} is read`)
  }

  const own = loadSettings({ env: { MIZANI_DATA: join(folder, 'private') } })
  await runRestore({ file, force: false, settings: own }, io)
  await runBackup({ file: copy, settings: own }, io)
  t.equal(body(copy), body(file), 'the private store of `mizani up` likewise, whether it runs or not')
})

async function everyType(redis: Redis): Promise<void> {
  const key = (name: string): string => `mz:{p}:${name}`
  await redis.rpush(key('list'), 'b', 'a')
  await redis.sadd(key('set'), 'b', 'a')
  await redis.zadd(key('zset'), 1.5, 'x', 2, 'y')
  await redis.xadd(key('stream'), '5-0', 'field', 'välue')
  await redis.set(key('passing'), '1', 'PXAT', 4_102_444_800_000)
  const noText = Buffer.from([0, 0xff, 0x80, 0xc3, 0x28])
  await redis.set(key('bytes'), noText)
  await redis.hset(key('bytes-hash'), { name: noText })
  await redis.rpush(key('bytes-list'), noText)
  await redis.sadd(key('bytes-set'), noText)
  await redis.zadd(key('bytes-zset'), 1, noText)
  await redis.xadd(key('bytes-stream'), '5-0', 'field', noText)
}
