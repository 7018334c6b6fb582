// ios-xe: the rates of an edge as text for a Cisco router, for a person to read, paste and confirm. One policy a site
// and direction, on the subinterface of the site's VLAN: a parent that shapes the whole, a child that shares it among
// the classes. Pure: the same profile and rates make the same text.
//
//   class-map match-any MIZANI-EF          what belongs to a class, by DSCP
//   policy-map MIZANI-5-DOWN-CLASSES       how classes share what the parent lets through
//   policy-map MIZANI-5-DOWN               shape average <cir bit/s> <bc BITS> 0, service-policy <child>
//   interface <name>.<vlan>                service-policy output MIZANI-5-DOWN
//
// Traffic of a site leaves the router towards it on its own subinterface (down: output there). Up is policed where it
// comes in, on the same subinterface: a router shapes only what it sends, and the way out is shared by all sites.
//
// Sources: Cisco 10000 Series Quality of Service Configuration Guide, OL-7433-09, pages 5-17 (shape); "QoS: Policing
// and Shaping Configuration Guide, IOS XE 3S", distribution of remaining bandwidth (a map uses one kind of bandwidth
// command; `bandwidth remaining ratio` is for output only). A parent with hundreds of shaped children is refused by
// some routers, therefore one policy a subinterface. Experimental: never run on a router.

import { institutionRates, partOf } from '../edge/drivers/institution-rates.js'
import { burstOf } from '../model/burst.js'
import {
  type EdgeProfile,
  EXPEDITED_FORWARDING,
  type ProfileClass,
  type ProfileSite,
  type RateRecord,
} from '../model/lease.js'
import { fromBytes } from '../model/units.js'

const CANNOT = [
  'services apart: a site is limited as a whole',
  'an institution with several sites here: its rates are divided over them by their access lines',
  'sites without a VLAN: they have no subinterface of their own, and are left out',
  'unmapped traffic: it is not limited',
]

/** `bandwidth remaining ratio` takes 1 to 1000. */
const MOST_RATIO = 1_000
/** `police cir` takes 8000 bit/s to 64 Gbit/s, its `bc` 1000 bytes to 512 MB (Cisco IOS 15.1, OL-26895). */
const LEAST_CIR = 8_000

export interface Rendered {
  readonly text: string
  /** Sites that are not in it, and why. */
  readonly left: readonly string[]
}

/** `port` names the interface towards the institutions, for example GigabitEthernet0/0/1. */
export function renderIosXe(
  profile: EdgeProfile,
  rates: readonly RateRecord[],
  { port, revision }: { readonly port: string; readonly revision: number },
): Rendered {
  const left: string[] = []
  const policies: string[] = []
  const interfaces: string[] = []
  for (const rated of institutionRates({ profile, rates })) {
    const { index, id, sites } = rated
    for (const [position, site] of sites.entries()) {
      if (site.vlan === null) {
        left.push(`${site.id}: it has no VLAN, so no subinterface of its own`)
        continue
      }
      const name = `MIZANI-${index}${sites.length > 1 ? `-${position + 1}` : ''}`
      const down = partOf(rated, site, 'down', rated.down)
      const up = partOf(rated, site, 'up', rated.up)
      policies.push(...policyMaps(name, site, down, up, profile.classes))
      interfaces.push(
        `interface ${port}.${site.vlan}`,
        ` description ${id} ${site.id}`,
        ` service-policy input ${name}-UP`,
        ` service-policy output ${name}-DOWN`,
        '!',
      )
    }
  }
  const head = [
    `! Mizani, edge ${profile.edge}, revision ${revision}. Experimental: never run on a router.`,
    ...CANNOT.map((text) => `! cannot express ${text}`),
    ...left.map((text) => `! left out ${text}`),
    `! When it is in force: mizani edge confirm ${profile.edge} --revision ${revision}`,
    '!',
  ]
  return { text: [...head, ...classMaps(profile.classes), ...policies, ...interfaces, 'end', ''].join('\n'), left }
}

const marked = (classes: readonly ProfileClass[]): ProfileClass[] => classes.filter(({ dscp }) => dscp.length > 0)
const mapName = ({ id }: ProfileClass): string => `MIZANI-${id.toUpperCase()}`

const classMaps = (classes: readonly ProfileClass[]): string[] =>
  marked(classes).flatMap((one) => [
    `class-map match-any ${mapName(one)}`,
    // A line takes up to eight values.
    ...chunks([...one.dscp].sort((a, b) => a - b)).map((values) => ` match dscp ${values.join(' ')}`),
    '!',
  ])

function chunks(values: readonly number[]): number[][] {
  const lines: number[][] = []
  for (let at = 0; at < values.length; at += 8) lines.push(values.slice(at, at + 8))
  return lines
}

function policyMaps(
  name: string,
  site: ProfileSite,
  down: number,
  up: number,
  classes: readonly ProfileClass[],
): string[] {
  return [
    `policy-map ${name}-CLASSES`,
    ...classes.toSorted(defaultLast).flatMap((one) => classLines(one, down, classes)),
    '!',
    `policy-map ${name}-DOWN`,
    ` description ${site.id}`,
    ' class class-default',
    // Bc, in whole bytes of bits: what may be sent in one go.
    `  shape average ${down} ${fromBytes(burstOf(down))} 0`,
    `  service-policy ${name}-CLASSES`,
    '!',
    `policy-map ${name}-UP`,
    ` description ${site.id}`,
    ' class class-default',
    // Police takes its burst in bytes.
    `  police cir ${up} bc ${burstOf(up)} conform-action transmit exceed-action drop`,
    '!',
  ]
}

const isDefault = ({ dscp }: ProfileClass): boolean => dscp.length === 0
const defaultLast = (a: ProfileClass, b: ProfileClass): number => Number(isDefault(a)) - Number(isDefault(b))

/** What must not wait goes first and is policed, so that it cannot starve the others; these share by weight. */
function classLines(one: ProfileClass, rate: number, classes: readonly ProfileClass[]): string[] {
  const head = ` class ${isDefault(one) ? 'class-default' : mapName(one)}`
  if (one.dscp.includes(EXPEDITED_FORWARDING)) {
    const share = one.weight / classes.reduce((sum, { weight }) => sum + weight, 0)
    const cir = Math.max(LEAST_CIR, Math.floor(rate * Math.max(one.guarantee, share)))
    return [head, '  priority level 1', `  police cir ${cir}`]
  }
  const least = Math.min(...classes.map(({ weight }) => weight))
  return [head, `  bandwidth remaining ratio ${Math.min(MOST_RATIO, Math.max(1, Math.round(one.weight / least)))}`]
}
