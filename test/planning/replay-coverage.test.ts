// A verdict from the record says how much of the time was recorded, in each output; and a scenario that changes nothing
// is refused.

import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { SLOT } from '../../src/model/units.js'
import { runPlanReplay } from '../../src/planning/recorded/replay-command.js'
import { planeFiles } from '../../src/policy/files/plane-text.js'
import { daily, recordedWorld, slowPlane, temporaryFolder } from '../record/world.js'

t.setTimeout(60_000)

const UPSTREAM = 200_000_000
/** Seconds. */
const TICK = 10

/** Five minutes of a small plane, and its files. */
async function fiveMinutes() {
  const folder = temporaryFolder(t.teardown)
  const document = slowPlane(TICK, UPSTREAM)
  mkdirSync(join(folder, 'plane'))
  for (const [name, text] of Object.entries(planeFiles(document))) writeFileSync(join(folder, 'plane', name), text)
  const { loop, recorder } = recordedWorld(join(folder, 'record'), document, daily(TICK, UPSTREAM))
  for (const begun = loop.clock.wall(); loop.clock.wall() < begun + SLOT + 1_000 * TICK; ) await loop.step()
  await recorder.flush()
  return folder
}
const folder = fiveMinutes()

async function replayed(more: object, options: object = {}): Promise<string> {
  const root = await folder
  const text = { en: 'Sold', sw: 'Imeuzwa' }
  const about = { format: 1, id: 'sold', name: text, story: text, source: 'a test', plane: './plane', seed: 1 }
  const day = { from: '2026-11-25T00:00:00Z', horizon: '1d', step: '5min', demand: { model: 'seeded' } }
  writeFileSync(join(root, 'sold.yaml'), JSON.stringify({ ...about, ...day, ...more }))
  let out = ''
  const stdout = { write: (piece: string) => (out += piece) }
  const io = { stdout, stderr: { write: () => undefined }, env: {}, isTTY: false }
  const of = { scenario: join(root, 'sold.yaml'), record: join(root, 'record'), workers: 1 }
  await runPlanReplay({ ...of, ...options }, io)
  return out
}
const wider = { changes: [{ at: '/links/transit/capacity', to: '400Mbps', why: 'bought' }] }
const CUT = {
  events: { cut: { name: { en: 'The cut', sw: 'Mkato' }, from: '2026-11-25T07:00:00Z', conditions: { transit: 0 } } },
}

t.test('a scenario that changes nothing is refused, with what it would need', async (t) => {
  const same = { changes: [{ at: '/links/transit/capacity', to: '200Mbps', why: 'as it is' }] }
  for (const more of [{}, CUT, same]) {
    await t.rejects(replayed(more), {
      code: 'USAGE',
      message: /its changes leave the policy as it is/,
      advice: /^Give the scenario `changes`, such as .* events, demand and growth are not replayed/,
    })
  }
  await t.rejects(replayed({}, { scenario: undefined, plane: join(await folder, 'plane') }), {
    message: /expected a scenario with changes/,
  })
})

t.test('the verdict counts the minutes that were recorded, in all four outputs', async (t) => {
  const root = await folder
  const said = await replayed({ ...wider, ...CUT }, { out: join(root, 'out') })
  const recorded = Number(/^(\d+) of 43,200 minutes were recorded; in them nobody loses\.$/m.exec(said)?.[1])
  t.ok(recorded > 0 && recorded <= 15 && recorded % 5 === 0, `${recorded} minutes`)
  t.match(said, /demand and growth are not played\. Its events \(The cut\) are not played\./)
  const json = JSON.parse(await replayed(wider, { json: true }))
  t.match(json.findings[1].en, `${recorded} of 43,200 minutes were recorded; in them nobody loses.`)
  t.match(json.tables.institutions[0], { institution: 'everyone', minutes_recorded: recorded, minutes_asked: 43_200 })
  const [head, everyone] = (await replayed(wider, { csv: true })).split('\r\n')
  t.match(head, /,minutes_recorded,minutes_asked$/)
  t.match(everyone, new RegExp(`^everyone,.*,${recorded},43200$`))
  const page = readFileSync(join(root, 'out', 'report.en.html'), 'utf8')
  t.match(page, `<p>${recorded} of 43,200 minutes were recorded; in them nobody loses.</p>`)
  t.match(readFileSync(join(root, 'out', 'report.sw.html'), 'utf8'), `Dakika ${recorded} kati ya 43,200 zilirekodiwa`)
})

t.test('who loses is said of those minutes alone', async (t) => {
  const less = { changes: [{ at: '/links/transit/capacity', to: '1Mbps', why: 'sold' }] }
  t.match(
    await replayed(less),
    /^\d+ of 43,200 minutes were recorded; in them \d+ institutions lose and 0 gain, most is/m,
  )
})
