// A replay as people read it: whoever loses is called by name in both languages, and by id in files.

import t from 'tap'
import type { Replay } from '../../src/planning/recorded/replay.js'
import { replayReport } from '../../src/planning/recorded/replay-report.js'
import { renderPage } from '../../src/planning/study/plan-page.js'
import { renderCsv } from '../../src/planning/study/plan-report.js'
import { readStudy } from '../../src/planning/study/study.js'
import { shippedFile } from '../../src/runtime/config.js'

t.test('who loses is named; who comes new is known to one policy, and who goes to the other', async (t) => {
  const { scenario, document, habits } = readStudy(
    { scenario: shippedFile('config/scenarios/one-upstream-30.yaml'), plane: '' },
    0,
  )
  const [loser = '', gone = '', added = ''] = Object.keys(document.institutions)
  const { [gone]: _, ...stay } = document.institutions
  const { [added]: __, ...were } = habits.institutions
  const study = {
    scenario: { ...scenario, name: { en: 'Half of it', sw: 'Nusu yake' } },
    document: { ...document, institutions: stay },
    habits: { ...habits, institutions: were },
  }
  const less = { minutesShort: 12_345, missing: 9e9, need: 1e7 }
  const more = { minutesShort: 5, missing: 1e9, need: 2e7 }
  const replay: Replay = {
    window: { from: Date.UTC(2026, 9, 1), to: Date.UTC(2026, 9, 31) },
    ...{ moments: 8_600, equal: 8_600, ofRevision: 8_600, unsteered: 0, slots: 8_640, recordedSlots: 8_600 },
    institutions: [
      { id: loser, before: more, after: less },
      { id: gone, before: more, after: null },
      { id: added, before: null, after: more },
    ],
  }
  const report = replayReport(replay, { study, command: 'mizani plan replay', inputHash: 'sha256:0' })
  for (const lang of ['en', 'sw'] as const) {
    const page = renderPage(report, lang)
    for (const id of [loser, gone, added]) {
      const name = document.institutions[id]!.name[lang].replaceAll("'", '&#39;')
      t.match(page, name)
      t.notMatch(page, `>${id}<`)
    }
    t.match(page, lang === 'en' ? /if this had been in force from .*: Half of it\?/ : /linatumika .*: Nusu yake\?/)
    t.match(page, lang === 'en' ? 'recorded until <time>2026-10-31</time>' : 'hadi <time>2026-10-31</time>')
    t.match(page, '12,345', 'sentences part thousands')
  }
  t.match([...renderCsv(report, report.tables[0]!)].join(''), `\r\n${loser},`)
})
