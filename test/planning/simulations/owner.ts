// A process that owns simulations, to be killed by a test. Its argument: the folder.

import { Simulations } from '../../../src/planning/simulations/simulations.js'
import { hashOf } from '../../../src/policy/document/canonical.js'
import { loadPlane } from '../../../src/policy/files/files.js'
import { systemClock } from '../../../src/runtime/clock.js'
import { createLogger } from '../../../src/runtime/log.js'
import { TAIFA } from '../../harness/root.js'

const folder = process.argv[2]!
const log = createLogger('owner', 'silent')
const simulations = new Simulations({ folder, record: folder, workers: 1, clock: systemClock, log })
const document = loadPlane(TAIFA).document!
const base = { revision: 1, hash: hashOf(document), document, changes: null }
await simulations.order({ kind: 'failures', pairs: true, busiest: 288, day: '2026-12-01' }, base, 'asha')
setInterval(() => undefined, 1_000)
