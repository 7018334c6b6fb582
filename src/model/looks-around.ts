// Who works here, and so may look around: a file of its own, for every page of the console asks it.

import type { Role } from './principal.js'

/** A member sees the one institution that they speak for; a monitoring system and an edge each have their one duty. */
const OUTSIDE: readonly Role[] = ['member', 'monitor', 'edge']

export const looksAround = (roles: readonly Role[]): boolean => roles.some((role) => !OUTSIDE.includes(role))
