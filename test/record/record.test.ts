// What is remembered, read back, and told: see the suites.

import { runSuites } from '../suites.js'

const suites = ['record', 'history', 'night', 'telling']
await runSuites(...suites.map((name) => new URL(`${name}.suite.ts`, import.meta.url)))
