// Keys that an edge gets while it runs: from its file within a second, whatever the way to the controller is like, and
// from the controller ever more rarely where it has none.

import t from 'tap'
import { Speech } from '../../src/edge/speech.js'
import type { EdgeKey } from '../../src/model/edge-account.js'
import { manualClock } from '../../src/runtime/clock.js'
import { isRefusal } from '../../src/wire/bytes.js'
import { decodeReport, encodeRates } from '../../src/wire/codec.js'
import { EdgeMacs, edgeKeyOf } from '../../src/wire/mac.js'
import { report, snapshot } from '../wire/samples.js'

const { edge } = snapshot
const key = (generation: number): EdgeKey => ({
  generation,
  key: edgeKeyOf(Buffer.alloc(32, generation), 'p', edge, 0),
})
const at = (...generations: number[]) => new EdgeMacs(generations.map(key), 'controller')

function speaker(renewKeys: () => Promise<void>) {
  const clock = manualClock()
  let file: readonly EdgeKey[] = []
  const log = { warn: () => undefined } as never
  const speech = new Speech({ edge, clock, log, keys: () => file, renewKeys })
  return { clock, speech, join: (...generations: number[]) => (file = generations.map(key)) }
}

t.test('what stands in its file is seen within a second, though the controller refuses it', async (t) => {
  let asked = 0
  const { clock, speech, join } = speaker(async () => {
    asked++
    throw new Error('401')
  })
  for (let second = 0; second < 600; second++) {
    t.match(decodeReport(speech.say(report), { edge }), { version: 1, reads: 4 })
    await clock.advance(1_000)
  }
  t.ok(asked >= 3 && asked <= 7, `asked ${asked} times in ten minutes`)
  join(1)
  await clock.advance(1_000)
  t.match(decodeReport(speech.say(report), { edge, macs: at(1) }), { version: 3, reads: 6 })
  t.notOk(isRefusal(speech.hear(encodeRates(snapshot, at(1)))))
  t.match(speech.hear(encodeRates({ ...snapshot, version: 2 })), { code: 'MAC' }, 'and nothing without any more')
})

t.test(
  'an edge speaks the newest version of those that the controller has shown to speak, with a key and without',
  (t) => {
    const { speech } = speaker(async () => undefined)
    const told = (version: number) => speech.hear(encodeRates({ ...snapshot, version }))
    told(4)
    t.match(decodeReport(speech.say(report), { edge }), { version: 4, reads: 4 })
    told(2)
    t.match(decodeReport(speech.say(report), { edge }), { version: 2 }, 'a controller that went back is followed')
    const keyed = speaker(async () => undefined)
    keyed.join(1)
    const said = () => decodeReport(keyed.speech.say(report), { edge, macs: at(1) })
    t.match(said(), { version: 3, reads: 6 })
    for (const [version, spoken] of [
      [4, 5],
      [2, 3],
      [5, 5],
    ] as const) {
      t.notOk(isRefusal(keyed.speech.hear(encodeRates({ ...snapshot, version }, at(1)))))
      t.match(said(), { version: spoken })
    }
    t.end()
  },
)

t.test('a newer key is fetched as soon as there is one, once in ten seconds', async (t) => {
  let asked = 0
  const made = speaker(async () => {
    asked++
  })
  made.join(1)
  made.speech.say(report)
  const told = () => made.speech.hear(encodeRates(snapshot, at(1, 2)))
  const before = asked
  for (let n = 0; n < 5; n++) t.notOk(isRefusal(told()), 'who has the old one understands')
  await made.clock.advance(10_000)
  told()
  t.ok(asked - before <= 2, `asked ${asked - before} times`)
  made.join(1, 2)
  await made.clock.advance(10_000)
  told()
  t.match(decodeReport(made.speech.say(report), { edge, macs: at(1, 2) }), { version: 3 })
})
