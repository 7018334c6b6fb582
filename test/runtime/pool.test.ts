// A pool that ends early ends its threads alone: whoever stops a controller in its first second, or leaves while the
// thread of a preview still loads, takes nobody with it.

import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Worker } from 'node:worker_threads'
import t from 'tap'
import { createPool, THREAD_ARGUMENTS } from '../../src/runtime/pool.js'
import { freshFolder } from '../harness/place.js'

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
