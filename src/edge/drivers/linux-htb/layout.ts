// Which tc class stands for what: arithmetic, not bookkeeping, so that a class id read back from any kernel, after any
// restart, names its flow without a table.
//
//    1:1     the port
//    1:fff0  unmapped, HTB's default
//    1:fff1  the gateway's own traffic
//    else    32 minors an institution: its index, then five bits
//              00000  the institution
//              00001  to 00110: services 0 to 5
//              01000  to 11111: three bits service + 2, two bits class
//
// Service and class are bit fields: the packet filter looks up the institution and ORs the rest in (nft.ts). The index
// is the institution's persistent number in the plane, never a position in a list: a class never changes hands.
// 1:ffff is never used, as its leaf's handle would be the one that clsact claims.

import { MAX_CLASSES, MAX_SERVICES, TC_STRIDE } from '../../../runtime/limits.js'

/** HTB's handle at the root of either device, and the major of every class. */
export const MAJOR = 1
/** What the top of a tree has for a parent. */
export const NO_PARENT = 0
export const PORT_MINOR = 1
export const UNMAPPED_MINOR = 0xfff0
export const CONTROL_MINOR = 0xfff1

/** Records of these two institution numbers are an edge's own flows (model/plan.ts). */
export const UNMAPPED_INDEX = 0
export const CONTROL_INDEX = 1
export const FIRST_INDEX = 2
/** The largest institution number whose 32 minors end below the edge's own classes. */
export const LAST_INDEX = Math.floor(UNMAPPED_MINOR / TC_STRIDE) - 1

const FIRST_SERVICE = 1
const FIRST_LEAF_GROUP = 2
const CLASS_BITS = 2

if (1 << CLASS_BITS !== MAX_CLASSES || (FIRST_LEAF_GROUP + MAX_SERVICES) << CLASS_BITS > TC_STRIDE) {
  throw new Error('layout.ts: services and classes do not fit the bit fields of a minor')
}

export const institutionMinor = (institution: number): number => institution * TC_STRIDE

export const serviceMinor = (institution: number, service: number): number =>
  institutionMinor(institution) + FIRST_SERVICE + service

/** What the filter ORs into an institution's minor to reach class 0 of a service; the class is ORed in after it. */
export const serviceMark = (service: number): number => (FIRST_LEAF_GROUP + service) << CLASS_BITS

export const leafMinor = (institution: number, service: number, trafficClass: number): number =>
  institutionMinor(institution) | serviceMark(service) | trafficClass

export interface LeafName {
  readonly institution: number
  readonly service: number
  readonly class: number
}

/** The flow and class behind a minor; undefined where the layout has no leaf of an institution. */
export function leafName(minor: number): LeafName | undefined {
  const institution = Math.floor(minor / TC_STRIDE)
  const service = ((minor % TC_STRIDE) >> CLASS_BITS) - FIRST_LEAF_GROUP
  if (institution < FIRST_INDEX || institution > LAST_INDEX || service < 0) return undefined
  return { institution, service, class: minor % (1 << CLASS_BITS) }
}

/** Whether an institution's number, a service's and a class's fit the layout. */
export const fits = (institution: number, service: number, trafficClass: number): boolean =>
  institution >= FIRST_INDEX && institution <= LAST_INDEX && service < MAX_SERVICES && trafficClass < MAX_CLASSES

/** The class of a flow: of the edge's own the only one, else the service of its institution. */
export const minorOf = ({
  institution,
  service,
}: {
  readonly institution: number
  readonly service: number
}): number =>
  institution === UNMAPPED_INDEX
    ? UNMAPPED_MINOR
    : institution === CONTROL_INDEX
      ? CONTROL_MINOR
      : serviceMinor(institution, service)

/** "1:4a", as tc and nft write it. */
export const classId = (minor: number): string => `${MAJOR}:${minor.toString(16)}`
