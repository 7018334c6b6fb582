// How edges from elsewhere come in, and are shut out: see the suite.

import { runSuites } from '../suites.js'

await runSuites(new URL('edge-access.suite.ts', import.meta.url))
