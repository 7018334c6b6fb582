// The plane of a drill: something of everything, with guards, no demonstration, and a host that alarms may go to.

import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { EXAMPLE_POLICY } from '../../../src/policy/document/example.js'
import { validatePolicy } from '../../../src/policy/document/validate.js'
import { planeFiles } from '../../../src/policy/files/plane-text.js'

export const PLANE = 'example'

const GUARD = { name: { en: 'Promises', sw: 'Ahadi' }, touches: ['/tiers', '/bands', '/guards'] }

/** Folders of a plane and of data, and a file of settings, in this one. */
export function drillPlane(folder: string) {
  const [plane, data, settings] = [join(folder, 'plane'), join(folder, 'data'), join(folder, 'mizani.yaml')]
  mkdirSync(plane, { recursive: true })
  const { document } = validatePolicy({ ...EXAMPLE_POLICY, tests: {}, guards: { 'promises-by-two': GUARD } })
  for (const [file, text] of Object.entries(planeFiles(document!))) writeFileSync(join(plane, file), text)
  writeFileSync(settings, 'webhooks: { allow: [alarms.example.go.tz] }\n')
  return { plane, data, settings }
}
