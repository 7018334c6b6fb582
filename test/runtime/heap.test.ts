// What V8 is told of memory reaches the threads it is meant for: a flag of the process overrules what is said for a
// thread, and one flag sets another.

import { spawnSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { manualClock } from '../../src/runtime/clock.js'
import { IdleCollector } from '../../src/runtime/heap.js'
import { freshFolder } from '../harness/place.js'
import { compiled } from '../harness/root.js'

/** Says how large the half of its nursery becomes, in MB, once memory is spared no longer: it drops what it makes. */
const THREAD = `
  import { getHeapSpaceStatistics, setFlagsFromString } from 'node:v8'
  import { parentPort } from 'node:worker_threads'
  setFlagsFromString('--no-optimize-for-size')
  let kept
  for (let n = 0; n < 30; n++) kept = Array.from({ length: 40_000 }, (_, i) => ({ i, list: [i] }))
  const nursery = getHeapSpaceStatistics().find(({ space_name }) => space_name === 'new_space')
  parentPort.postMessage(Math.round((nursery.space_used_size + nursery.space_available_size) / 2 ** 20))`

t.test('a thread that others wait for has a nursery of its own while memory is spared', async (t) => {
  const thread = join(freshFolder(t), 'thread.mjs')
  writeFileSync(thread, THREAD)
  const at = (file: string): string => JSON.stringify(compiled(file))
  const code = `
    const { mindMemoryWhileCalm } = await import(${at('src/runtime/heap.ts')})
    const { systemClock } = await import(${at('src/runtime/clock.ts')})
    const { startThread } = await import(${at('src/runtime/thread.ts')})
    const watch = mindMemoryWhileCalm(systemClock)
    const sizeOf = (options) => new Promise((done, failed) => {
      const thread = startThread(new URL(${JSON.stringify(`file://${thread}`)}), {}, failed, options)
      thread.onMessage(done)
      thread.expectEnd()
    })
    for (const urgent of [false, true, false]) console.log(await sizeOf({ urgent }))
    watch.cancel()`
  const args = ['--max-semi-space-size=4', '--input-type=module', '-e', code]
  const { stdout, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8' })
  t.equal(stdout, '1\n2\n1\n', stderr)
})

t.test('a thread in which somebody waits for answers collects once nobody has asked for a while', async (t) => {
  const clock = manualClock()
  const isLetGo = async (thing: WeakRef<object>): Promise<boolean> => {
    await new Promise(setImmediate)
    return thing.deref() === undefined
  }
  const collector = new IdleCollector(clock)
  collector.noteTask()
  t.equal(clock.pending(), 0, 'nothing is to be collected')
  const gone = new WeakRef({})
  collector.noteGarbage()
  await clock.advance(150)
  collector.noteTask()
  await clock.advance(150)
  t.equal(clock.pending(), 1, 'it was asked again meanwhile')
  await clock.advance(50)
  t.equal(clock.pending(), 0)
  t.ok(await isLetGo(gone))
})
