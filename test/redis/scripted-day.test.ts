// A day of policy control against real stores: see the suite.

import { runSuites } from '../suites.js'

await runSuites(new URL('scripted-day.suite.ts', import.meta.url))
