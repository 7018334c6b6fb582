// The thread of previews. Everything is in src/planning/preview-task.ts.

import { createPreviewer } from '../src/planning/preview-task.js'
import { systemClock } from '../src/runtime/clock.js'

export default createPreviewer(systemClock.monotonic)
