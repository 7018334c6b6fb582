// The tick in its thread, as the main thread has it, over a real store: what is shown, what holds, and what becomes of
// both where somebody who looks at a tick fails.

import { Registry } from 'prom-client'
import t from 'tap'
import { provisionalIndexes } from '../../src/policy/compile/compile.js'
import { NOTHING_IN_FORCE } from '../../src/policy/in-force/holding.js'
import { Ticks } from '../../src/process/ticks.js'
import type { SolvedTick } from '../../src/record/tick.js'
import { systemClock } from '../../src/runtime/clock.js'
import { createLogger } from '../../src/runtime/log.js'
import type { Situation } from '../../src/tick/planner.js'
import { startServer } from '../faults/redis-server.js'
import { until } from '../harness/until.js'
import { smallPlane } from '../tick/small-plane.js'

t.test(
  'a tick that cannot be shown is said once and is no end: the next one comes, and who asked is answered',
  async (t) => {
    const { port } = await startServer(t, { folder: t.testdir() })
    const document = smallPlane()
    document.plane.timing.tick = 200
    let now: Situation = {
      revision: { document, revision: 1, hash: 'sha256:1', indexes: provisionalIndexes(document) },
      ...{ inForce: NOTHING_IN_FORCE, switches: new Map() },
    }
    const lines: string[] = []
    const log = createLogger('test', 'info', { write: (line) => void lines.push(line) })
    const seen: SolvedTick[] = []
    let fault: Error | null = null
    const ends: Error[] = []
    const ticks = new Ticks({
      data: {
        ...{ volatileUrl: `redis://127.0.0.1:${port}`, plane: 'test', id: 'ctl', term: undefined },
        log: { name: 'ticks', level: 'silent' },
      },
      ...{ clock: systemClock, log, metrics: new Registry(), situation: () => now, keys: () => new Map() },
      whatIf: async () => [],
      see: async (tick) => {
        if (fault) throw fault
        seen.push(tick)
      },
      ended: (why) => void ends.push(why),
    })
    t.teardown(() => ticks.stop())
    t.equal(ticks.notReady(), 'the first tick has not ended yet')
    ticks.start()
    await until(() => seen.length > 1 && ticks.leads, 'ticks are seen')
    t.equal(ticks.notReady(), null)

    fault = new Error('the disk is full of bees')
    const before = ticks.ticks
    await until(() => ticks.ticks > before + 2, 'ticks go on')
    t.equal(ticks.notReady(), 'the disk is full of bees')
    await ticks.tick()
    t.equal(lines.filter((line) => line.includes('a tick cannot be shown')).length, 1)
    fault = null
    await until(() => ticks.notReady() === null, 'and are seen again')

    now = { ...now, revision: { ...now.revision, revision: 2, hash: 'sha256:2' } }
    await ticks.tick()
    t.equal(ticks.board!.plan.revision, 2, 'who asks for a tick finds what held when he asked')

    const asked = ticks.tick()
    await ticks.stop()
    await asked
    t.strictSame(ends, [], 'an end that was asked for is nobody’s fault')
  },
)
