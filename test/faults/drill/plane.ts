// The plane of a drill: something of everything, with guards, no demonstration, and a host that alarms may go to.

import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { examplesAt } from '../../../src/api/examples.js'
import { daysOf } from '../../../src/client/history-import.js'
import { DIRECTIONS, directed } from '../../../src/model/network.js'
import type { PolicyDocument } from '../../../src/policy/document/document.js'
import { EXAMPLE_POLICY } from '../../../src/policy/document/example.js'
import { validatePolicy } from '../../../src/policy/document/validate.js'
import { planeFiles } from '../../../src/policy/files/plane-text.js'
import { Archive } from '../../../src/record/archive.js'

export const PLANE = 'example'

const GUARD = { name: { en: 'Promises', sw: 'Ahadi' }, touches: ['/tiers', '/bands', '/guards'] }

/** Folders of a plane and of data, and a file of settings, in this one. */
export async function drillPlane(folder: string) {
  const [plane, data, settings] = [join(folder, 'plane'), join(folder, 'data'), join(folder, 'mizani.yaml')]
  mkdirSync(plane, { recursive: true })
  const { document } = validatePolicy({ ...EXAMPLE_POLICY, tests: {}, guards: { 'promises-by-two': GUARD } })
  for (const [file, text] of Object.entries(planeFiles(document!))) writeFileSync(join(plane, file), text)
  writeFileSync(settings, 'webhooks: { allow: [alarms.example.go.tz] }\n')
  await recordPast(data, document!)
  return { plane, data, settings }
}

/** A month that is over and recorded: one that nobody measured cannot be closed. */
async function recordPast(data: string, document: PolicyDocument): Promise<void> {
  mkdirSync(data, { mode: 0o700 })
  const { path } = examplesAt(Date.now())['POST /v1/ledger/{month}/close']!
  const at = Date.parse(`${path!.month}-15T09:00:00Z`)
  const samples = DIRECTIONS.map((way) => ({ at, link: directed('transit-a', way), rate: 50e6 }))
  await new Archive(join(data, 'history')).adopt(daysOf(samples, document))
}
