// Who works here, and so may look around: a file of its own, for every page of the console asks it.

/** A member sees the one institution that they speak for; a monitoring system and an edge each have their one duty. */
const OUTSIDE: readonly string[] = ['member', 'monitor', 'edge']

/** @param roles of a person or a service (principal.ts) */
export const looksAround = (roles: readonly string[]): boolean => roles.some((role) => !OUTSIDE.includes(role))
