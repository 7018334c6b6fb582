// What an edge has found around it and what people elsewhere should know, though it is no fault of a message or a rate.

import type { UnixMilliseconds } from './units.js'

/**
 *   PAST TUNNEL VRF FLOWTABLE FASTTRACK   ways past what is shaped: see Escape (edge/driver.ts)
 *   UNCOUNTED     it is seen on the interfaces and in no class
 *   UPLINK        a shaped interface does not carry
 *   CERTIFICATE   what the edge shows to get its rates ends soon
 *   REPAIRED      others had changed what is enforced; it is as it should be again
 *   INTERFACE     a shaped interface is not there
 *   REMOVED       others had taken limits away; they are back
 *   PORT          rates in force come to more than the interfaces may carry (`edge.ports`): somebody has less
 *
 * Their places are the numbers on the wire: append only.
 */
export const NOTICES = [
  'PAST',
  'FLOWTABLE',
  'VRF',
  'TUNNEL',
  'FASTTRACK',
  'UNCOUNTED',
  'UPLINK',
  'CERTIFICATE',
  'REPAIRED',
  'INTERFACE',
  'PORT',
  'REMOVED',
] as const
export type NoticeCode = (typeof NOTICES)[number]

export interface EdgeNotice {
  readonly code: NoticeCode
  /** The interface, or what else it is about. */
  readonly subject: string
  readonly since: UnixMilliseconds
  /** It is so, and not only possible: sites' traffic goes that way. */
  readonly used: boolean
}

const ESCAPES: readonly NoticeCode[] = ['PAST', 'TUNNEL', 'VRF', 'FLOWTABLE', 'FASTTRACK']
export const isEscape = ({ code }: { readonly code: NoticeCode }): boolean => ESCAPES.includes(code)
