// Days of policy control against real stores: one on a small plane, in every corner, and one of the whole nation
// against the program that `npm start` starts.

import { runSuites } from '../suites.js'

await runSuites(new URL('scripted-day.suite.ts', import.meta.url), new URL('nation-day.suite.ts', import.meta.url))
