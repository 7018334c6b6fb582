// Every way to fail, in the order of their numbers.

import type { Case } from '../case.js'
import { EDGE_CASES } from './edges.js'
import { LINES } from './lines.js'
import { STORES } from './stores.js'

export const ALL_CASES: readonly Case[] = [...STORES, ...LINES, ...EDGE_CASES].sort((a, b) => a.number - b.number)
