// Before `npm pack`: the program is built, and the lock file goes along under the name that npm packs, so that
// `npm ci --omit=dev` beside the unpacked package installs the very versions that were tested, and nothing that only
// builds and tests need. After it the copy goes again.

import { cpSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { build, DIST, isBuilt } from './build.mjs'
import { ROOT, script } from './setup.mjs'

const SHRINKWRAP = join(ROOT, 'npm-shrinkwrap.json')

await script(() => {
  if (process.argv.includes('--after')) return rmSync(SHRINKWRAP, { force: true })
  if (!isBuilt(DIST)) build(DIST)
  cpSync(join(ROOT, 'package-lock.json'), SHRINKWRAP)
})
