// Who may do what in the stores: the rights of each user, as Redis ACL rules over the names of redis-keys.ts. Passwords
// are not said here. No user may read the ACLs, run EVAL, or flush anything; controllers alone load functions. (The
// policy user may ask what another could run, and learns no password by it: what `default` may run when a store starts
// decides what is left of it.)

import { ANY_PLANE, keys } from './redis-keys.js'

export interface StoreUser {
  readonly name: string
  /** ACL rules as of `ACL SETUSER`, to be put behind `reset on` and a password. */
  readonly rules: readonly string[]
}

const CONNECTION = ['-@all', '+hello', '+auth', '+ping', '+quit', '+client|setname', '+client|setinfo', '+client|id']
/** To find what a store is set to, and to load the functions that it lost. */
const OPERATION = ['+info', '+time', '+config|get', '+fcall', '+function|load', '+function|list']

/** The controller in the volatile store. What a function does is done with the rights of its caller. */
export const CONTROLLER_USER: StoreUser = {
  name: 'controller',
  rules: [
    ...CONNECTION,
    ...OPERATION,
    ...[
      '+hget',
      '+hmget',
      '+hset',
      '+set',
      '+get',
      '+getrange',
      '+exists',
      '+pexpire',
      '+del',
      '+xadd',
      '+xrange',
      '+xlen',
    ],
    ...['+publish', '+subscribe', '+unsubscribe'],
    ...[`~${ANY_PLANE}`, `&${ANY_PLANE}`],
  ],
}

/** The controller in the durable store. */
export const POLICY_USER: StoreUser = {
  name: 'policy',
  rules: [
    ...CONNECTION,
    ...['+@read', '+@write', '+@transaction', '+@pubsub', '-@dangerous'],
    ...OPERATION,
    ...['+wait', '+waitaof', '+acl|dryrun'],
    ...[`~${ANY_PLANE}`, `&${ANY_PLANE}`],
  ],
}

/**
 * How the names of a plane's edges' users begin. Planes may share a store: each keeps its own users in line and takes
 * away those that nobody wants. No id has an underscore, so no plane's beginning is another's.
 */
export const edgeUsersOf = (plane: string): string => `edge-${plane}_`

/**
 * One edge in the volatile store: reads what is meant for it, writes its report, hears one channel and speaks on the
 * other. On the first a standby listens to the leader, and no edge may speak for that one.
 */
export function edgeUser(plane: string, edge: string): StoreUser {
  const { profile, snap, delta, report, down, up } = keys(plane).edge(edge)
  return {
    name: `${edgeUsersOf(plane)}${edge}`,
    rules: [
      ...CONNECTION,
      ...['+get', '+xrange', '+set', '+subscribe', '+unsubscribe'],
      ...[`%R~${profile}`, `%R~${snap}`, `%R~${delta}`, `%W~${report}`, `&${down}`],
      `(+publish &${up})`,
    ],
  }
}
