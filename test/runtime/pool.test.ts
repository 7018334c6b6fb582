// A pool that ends early ends its threads alone: whoever stops a controller in its first second, or leaves while the
// thread of a preview still loads, takes nobody with it.

import { spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import workers, { Worker } from 'node:worker_threads'
import t from 'tap'
import { createPool, THREAD_ARGUMENTS } from '../../src/runtime/pool.js'
import { stepsFrom } from '../../src/runtime/priority.js'
import { freshFolder } from '../harness/place.js'
import { until } from '../harness/until.js'

// An ending in the wrong microsecond of a `require` aborts the process, too seldom for a test: that way is closed.
t.test('a thread loads modules by import alone', async (t) => {
  const module = join(freshFolder(t), 'module.mjs')
  writeFileSync(module, 'export const one = 1')
  const code = `
    const { parentPort, workerData } = require('node:worker_threads')
    const tell = (word) => parentPort.postMessage(word)
    try { require(workerData); tell('required') } catch (error) { tell(error.code) }`
  const thread = new Worker(code, { eval: true, execArgv: [...THREAD_ARGUMENTS], workerData: module })
  t.same(await once(thread, 'message'), ['ERR_REQUIRE_ESM'])
  await thread.terminate()
})

t.test('a pool that is closed at once leaves the process alive', async (t) => {
  await Promise.all(Array.from({ length: 4 }, () => createPool('preview', 1).close()))
  t.pass('all ended')
})

t.test('a thread that waits for a task goes round its loop: V8 gives memory back there', async (t) => {
  const started: Worker[] = []
  workers.Worker = class extends Worker {
    constructor(file: string | URL, options?: workers.WorkerOptions) {
      super(file, options)
      started.push(this)
    }
  }
  const pool = createPool('password', 1, { awaited: true })
  workers.Worker = Worker
  t.teardown(() => pool.close())
  const order = { password: 'a word', salt: new Uint8Array(16), bytes: 32, cost: { N: 1024, r: 8, p: 1 } }
  await pool.run(order)
  t.equal(started.length, 1)
  const idle = (): number => started[0]!.performance.eventLoopUtilization().idle
  const before = idle()
  await until(() => idle() > before, 'its loop has waited')
  await pool.run(order)
})

t.test('no thread steps to where the answer of the call is taken for a failure', async (t) => {
  for (let from = -20; from < 20; from++) {
    for (const steps of [0, 4, 10]) {
      const by = stepsFrom(from, steps)
      t.ok(by >= steps && by <= steps + 2, `${from}: ${steps} steps are ${by}`)
      if (steps > 0) t.notOk([from + by, from + 2 + by].includes(-1), `${from}: ${by} steps`)
    }
  }
})

t.test('a process that comes before others has threads', { skip: process.getuid?.() !== 0 }, async (t) => {
  const pool = fileURLToPath(new URL('../../src/runtime/pool.js', import.meta.url))
  const code = `
    import { setPriority } from 'node:os'
    setPriority(-5)
    const { createPool } = await import(${JSON.stringify(pool)})
    const pool = createPool('password', 1, { awaited: true })
    const order = { password: 'a word', salt: new Uint8Array(16), bytes: 32, cost: { N: 1024, r: 8, p: 1 } }
    console.log((await pool.run(order)).length)
    await pool.close()`
  const { stdout, stderr } = spawnSync(process.execPath, ['--input-type=module', '-e', code], { encoding: 'utf8' })
  t.equal(stdout, '32\n', stderr)
})

t.test('a thread that fails before it has a task fails who waits for it, and ends no process', async (t) => {
  const pool = createPool('no-such-worker', 1, { rare: true })
  for (const time of ['first', 'second'])
    await t.rejects(pool.run({}), { message: /no-such-worker/ }, `the ${time} time: its place is free again`)
  await pool.close()
})
