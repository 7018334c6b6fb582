// What is wrong, and who is told: see the suites.

import { runSuites } from '../suites.js'

const suites = ['alarms', 'night', 'telling']
await runSuites(...suites.map((name) => new URL(`${name}.suite.ts`, import.meta.url)))
