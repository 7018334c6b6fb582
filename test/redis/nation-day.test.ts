// A day of the whole nation against the program that `npm start` starts: see the suite.

import { runSuites } from '../suites.js'

await runSuites(new URL('nation-day.suite.ts', import.meta.url))
