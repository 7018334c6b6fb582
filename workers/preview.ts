// The thread of drafts and their previews. Everything is in src/planning/drafter.ts.

import { createDrafter } from '../src/planning/drafter.js'
import { systemClock } from '../src/runtime/clock.js'

export default createDrafter(systemClock.monotonic)
