// How a packet finds its class, as data that both packet filters (nft.ts, u32.ts) spell out in their own way:
//
//    near address  -> institution     longest of the sites' prefixes; else, for a site without prefixes, its VLAN
//    far address   -> service         longest of the services' prefixes, else the service that has none
//    DSCP          -> class           where the mark can be believed
//
// A mark that comes from the open internet was set by strangers and is not believed: downwards, the service without
// prefixes uses the fallback class only. Small acknowledgements go to the urgent class in either case, because a
// download behind a full upload is otherwise at the mercy of the upload's queue (96/48 instead of 21/47 Mbit/s,
// measured).

import type { EdgeProfile, ProfileClass } from '../../../model/lease.js'
import { MAX_CLASSES, MAX_SERVICES } from '../../../runtime/limits.js'
import { urgentClass } from './desired.js'
import { FIRST_INDEX, LAST_INDEX } from './layout.js'
import { type Mapped, parsePrefix } from './prefixes.js'

export interface Classification {
  /** Site prefix to institution index; may nest. */
  readonly near: readonly Mapped<number>[]
  /** VLAN of a site that has no prefixes to institution index. Not run: no kernel here had VLANs. */
  readonly vlans: ReadonlyMap<number, number>
  /** Far prefix to service index; may nest. */
  readonly far: readonly Mapped<number>[]
  /** Service indices of the plane. */
  readonly services: readonly number[]
  /** The service without prefixes: whatever no other claims. Null: such traffic is unmapped. */
  readonly openService: number | null
  /** DSCP to class index. */
  readonly marks: ReadonlyMap<number, number>
  readonly fallback: number
  readonly urgent: number
  /** What the profile holds and no filter can: prefixes that are none, numbers beyond the layout. */
  readonly ignored: readonly string[]
}

export function classification(profile: EdgeProfile): Classification {
  const ignored: string[] = []
  const mapped = (texts: readonly string[], value: number, owner: string): Mapped<number>[] =>
    texts.flatMap((text) => {
      const prefix = parsePrefix(text)
      if (!prefix) ignored.push(`${owner}: "${text}" is not an address prefix`)
      return prefix ? [{ prefix, value }] : []
    })

  const institutions = profile.institutions.filter(({ id, index }) => {
    const inside = index >= FIRST_INDEX && index <= LAST_INDEX
    if (!inside) ignored.push(`${id}: number ${index} is beyond the ${LAST_INDEX} that tc minors can hold`)
    return inside
  })
  const services = profile.services.filter(({ id, index }) => {
    if (index >= MAX_SERVICES) ignored.push(`service ${id}: number ${index}, at most ${MAX_SERVICES - 1} is possible`)
    return index < MAX_SERVICES
  })
  const classes = profile.classes.filter(({ index }) => index < MAX_CLASSES)
  const marks = new Map(classes.flatMap(({ dscp, index }) => dscp.map((mark) => [mark, index] as const)))

  return {
    near: institutions.flatMap(({ id, index, sites }) => sites.flatMap((site) => mapped(site.prefixes, index, id))),
    vlans: new Map(
      institutions.flatMap(({ index, sites }) =>
        sites.flatMap(({ prefixes, vlan }) => (vlan !== null && prefixes.length === 0 ? [[vlan, index] as const] : [])),
      ),
    ),
    far: services.flatMap(({ id, index, prefixes }) => mapped(prefixes, index, `service ${id}`)),
    services: services.map(({ index }) => index),
    openService: services.find(({ prefixes }) => prefixes.length === 0)?.index ?? null,
    marks,
    fallback: fallbackClass(classes)?.index ?? 0,
    urgent: urgentClass(classes)?.index ?? 0,
    ignored,
  }
}

/** Where unmarked packets go: the class that claims DSCP 0, else one that claims nothing, else the last. */
function fallbackClass(classes: readonly ProfileClass[]): ProfileClass | undefined {
  return classes.find(({ dscp }) => dscp.includes(0)) ?? classes.find(({ dscp }) => dscp.length === 0) ?? classes.at(-1)
}

/** Whether marks of this service can be believed in this direction. */
export const believesMarks = (c: Classification, service: number, direction: 0 | 1): boolean =>
  direction === 1 || service !== c.openService
