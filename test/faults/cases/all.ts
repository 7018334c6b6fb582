// Every way to fail, in the order of their numbers.

import type { Case } from '../case.js'
import { EDGE_CASES } from './edges.js'
import { LEADERS } from './leaders.js'
import { LINES } from './lines.js'
import { PEOPLE } from './people.js'
import { POLICY } from './policy.js'
import { STORES } from './stores.js'

export const ALL_CASES: readonly Case[] = [...STORES, ...LINES, ...EDGE_CASES, ...LEADERS, ...POLICY, ...PEOPLE].sort(
  (a, b) => a.number - b.number,
)
