// What is remembered and read back: see the suites.

import { runSuites } from '../suites.js'

const suites = ['record', 'history', 'disk']
await runSuites(...suites.map((name) => new URL(`${name}.suite.ts`, import.meta.url)))
