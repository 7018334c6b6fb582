// Edges that a person configures, against real stores.

import { runSuites } from '../suites.js'

await runSuites(new URL('hands.suite.ts', import.meta.url))
