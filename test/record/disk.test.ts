// A disk that is really full: nothing is recorded, an alarm says so, and nothing else happens. When there is room again
// the record goes on, and the gap is a gap.

import { join } from 'node:path'
import t from 'tap'
import { DAY, SLOT } from '../../src/model/units.js'
import { AlarmBook } from '../../src/record/alarm-book.js'
import { Archive } from '../../src/record/archive.js'
import { archiveThread } from '../../src/record/archive-thread.js'
import { Counters } from '../../src/record/counters.js'
import { institutionHistory } from '../../src/record/history.js'
import { answerHistory } from '../../src/record/history-answer.js'
import { missedDuring } from '../../src/record/missed.js'
import { Notifications } from '../../src/record/notifications.js'
import { Recorder } from '../../src/record/recorder.js'
import { Watch } from '../../src/record/watch.js'
import { Webhooks } from '../../src/record/webhooks.js'
import { startApi } from '../api/api-fixture.js'
import { Loop } from '../tick/loop.js'
import { mountSmallDisk } from './small-disk.js'
import { BOUND, daily, log, slowPlane, temporaryFolder, webhooksInMemory } from './world.js'

const UPSTREAM = 200_000_000
const TICK = 30
const TICKS_A_SLOT = SLOT / 1_000 / TICK

const parent = temporaryFolder(t.teardown)
const disk = mountSmallDisk(parent)

t.test(
  'a full disk stops the record with an alarm, and nothing else',
  { skip: typeof disk === 'string' && disk },
  async (t) => {
    if (typeof disk === 'string') return
    const history = join(disk.folder, 'history')
    const ending = new AbortController()
    const archive = archiveThread(history, new AbortController().signal)
    const loop: Loop = new Loop({
      document: slowPlane(TICK, UPSTREAM),
      offer: (flow, tick) => daily(TICK, UPSTREAM)(flow, tick + (11 * 3_600) / TICK),
      onTick(tick) {
        recorder.see(tick)
        watch.see(tick)
      },
    })
    const { clock } = loop
    const counters = new Counters()
    const recorder = new Recorder({ archive, clock, log, counters, bound: BOUND })
    const book = new AlarmBook({ file: join(history, 'alarms.jsonl'), clock, log })
    const watch = new Watch({ book, clock, counters, recordFails: () => recorder.failing })
    // The name leads nowhere any more, once it was entered.
    const addresses = [['10.1.2.3']]
    const rules = { allow: ['hook.example'], ownPorts: () => [], resolve: async () => addresses.pop() ?? [] }
    const webhooks = new Webhooks({
      ...{ store: webhooksInMemory(), folder: history, plane: 'small', zone: () => 'UTC', rules, clock, log },
      ending: ending.signal,
    })
    const api = await startApi({
      clock,
      board: () => loop.controller.board,
      memory: {
        ...{ alarms: book, counters, webhooks, recorder },
        history: (asked) => answerHistory(archive, asked),
        missed: (alarm) => archive.missed(missedDuring(alarm, clock.wall())),
        boardAt: async () => loop.controller.board!,
      },
    })
    t.teardown(async () => {
      await api.close()
      await archive.close()
      disk.unmount()
    })
    const start = clock.wall()
    const slots = async (count: number): Promise<void> => {
      for (let k = 0; k < count * TICKS_A_SLOT; k++) await loop.step()
      await recorder.flush()
    }
    const openCodes = (): string[] => book.open().map(({ code }) => code)

    await slots(3)
    t.equal(recorder.failing, null)
    t.notOk(openCodes().includes('DISK'))

    disk.fill()
    const ticked = loop.controller.ticks
    await slots(2)
    t.match(recorder.failing, /ENOSPC/)
    await loop.step()
    t.ok(openCodes().includes('DISK'))
    t.equal(loop.controller.ticks, ticked + 2 * TICKS_A_SLOT + 1, 'ticks go on')
    t.ok(loop.controller.board!.certificate.ok)
    t.ok(loop.worstExcess() <= 1e-3, 'and every link fits')
    const status = await api.call('/v1/status')
    t.match(status.json(), { seq: loop.controller.board!.serial.seq })
    t.ok(status.text.includes('Make room on the disk of the controller.'))
    const past = await api.call(`/v1/institutions/inst-001/history?from=${new Date(start).toISOString()}`)
    t.equal(past.status, 200, 'the past can be read')
    const { id } = (await api.send('POST', '/v1/webhooks', { url: 'https://hook.example/' })).json() as { id: string }
    webhooks.notify('raised', book.open().find(({ code }) => code === 'DISK')!)
    t.match(webhooks.list(), [{ id, waiting: 1 }], 'people are told; the notification waits in memory for the disk')

    const days = new Archive(history)
    await t.rejects(days.tidy(start + 3 * DAY, { days: 400, bytes: 1e9 }), { code: 'ENOSPC' }, 'a day cannot be merged')
    const whole = await archive.readFlows({ from: start, before: start + DAY })
    t.equal(new Set(whole.slot).size, 3, 'and stays as it was')

    disk.makeRoom()
    await loop.step()
    t.ok(openCodes().includes('DISK'), 'nothing has been recorded yet')
    // The slot under way began while the disk was full, and is whole: it was gathered all along.
    await slots(3)
    t.equal(recorder.failing, null)
    await slots(2)
    t.notOk(openCodes().includes('DISK'))
    const kept = new AlarmBook({ file: join(history, 'alarms.jsonl'), clock, log })
    t.same(kept.all(), book.all(), 'what was raised on a full disk is on it now')
    webhooks.notify('cleared', book.all().find(({ code }) => code === 'DISK')!)
    ending.abort()
    const notifications = new Notifications({ file: join(history, 'letters.jsonl'), clock, log })
    t.same(
      notifications.waiting(id).map(({ change }) => change),
      ['raised', 'cleared'],
      'and so are the notifications',
    )

    const span = { from: start, to: start + 8 * SLOT, step: SLOT }
    const [series] = (await institutionHistory(archive, 'inst-001', span)).values()
    t.same(
      series!.map(({ covered, demand }) => (demand === null ? 'gap' : covered)),
      [1, 1, 1, 'gap', 'gap', 1, 1, 1],
    )
  },
)

if (typeof disk === 'string') t.pass(disk)
