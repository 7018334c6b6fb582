// Every way to fail, in the order of their numbers.

import type { Case } from '../case.js'
import { ACCOUNTS } from './accounts.js'
import { CONTROLLERS } from './controllers.js'
import { EDGE_CASES } from './edges.js'
import { LEADERS } from './leaders.js'
import { LINES } from './lines.js'
import { PEOPLE } from './people.js'
import { POLICY } from './policy.js'
import { REPLAYS } from './replays.js'
import { SOAK } from './soak.js'
import { STOPPING } from './stopping.js'
import { STORES } from './stores.js'

const BY_SUBJECT = [STORES, LINES, EDGE_CASES, LEADERS, POLICY, PEOPLE, SOAK, STOPPING, ACCOUNTS, CONTROLLERS, REPLAYS]
export const ALL_CASES: readonly Case[] = BY_SUBJECT.flat().sort((a, b) => a.number - b.number)
