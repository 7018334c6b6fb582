// ios-xe: the rates of an edge as text for a Cisco router, for a person to read, paste and confirm. One policy a site
// and direction, on the subinterface of the site's VLAN: a parent that shapes the whole, a child that shares it among
// the classes. Pure: the same profile and rates make the same text.
//
//   class-map match-any MIZANI-EF          what belongs to a class, by DSCP
//   policy-map MIZANI-5-DOWN-CLASSES       how classes share what the parent lets through
//   policy-map MIZANI-5-DOWN               shape average <cir bit/s> <bc BITS> 0, service-policy <child>
//   interface <name>.<vlan>                service-policy output MIZANI-5-DOWN
//
// A site stands on the interface that the policy names for it (a routed port or a subinterface of its own), else on the
// subinterface of its VLAN. Nothing else of an interface is written: its description is the operator's.
//
// Traffic of a site leaves the router towards it on its own interface (down: output there). Up is policed where it
// comes in, on the same one: a router shapes only what it sends, and the way out is shared by all sites.
//
// Sources: Cisco 10000 Series Quality of Service Configuration Guide, OL-7433-09, pages 5-17 (shape); "QoS: Policing
// and Shaping Configuration Guide, IOS XE 3S", distribution of remaining bandwidth (a map uses one kind of bandwidth
// command; `bandwidth remaining ratio` is for output only). A parent with hundreds of shaped children is refused by
// some routers, therefore one policy a subinterface. Experimental: never run on a router.

import { institutionRates, partOf } from '../edge/drivers/institution-rates.js'
import { burstOf, policedBurstOf } from '../model/burst.js'
import {
  type EdgeProfile,
  EXPEDITED_FORWARDING,
  type ProfileClass,
  type ProfileSite,
  type RateRecord,
} from '../model/lease.js'
import { leftOutSaid, type SiteLeftOut } from '../model/left-out.js'
import { type BitsPerSecond, fromBytes } from '../model/units.js'

const CANNOT = [
  'services apart: a site is limited as a whole',
  'an institution with several sites here: its rates are divided over them by their access lines',
  'sites without an interface or a VLAN: they are left out',
  'unmapped traffic: it is not limited',
]

const BURSTS = [
  'bursts: police 1.5 s of its rate (Cisco 19645), as a policer drops where a shaper delays; shape 4 ms, as it delays',
]

/** `bandwidth remaining ratio` takes 1 to 1000. */
const MOST_RATIO = 1_000
/** `police cir` takes 8000 bit/s to 64 Gbit/s, its `bc` 1000 bytes to 512 MB (Cisco IOS 15.1, OL-26895). */
const LEAST_CIR = 8_000

export interface Rendered {
  readonly text: string
  /** Sites that are not in it, and why. */
  readonly left: readonly SiteLeftOut[]
}

export interface RenderOptions {
  /** The interface towards the institutions, for example GigabitEthernet0/0/1. */
  readonly port: string
  readonly revision: number
  /** Of sites that have one of their own. */
  readonly interfaces?: ReadonlyMap<string, string>
  /** The text that takes all of it away again. */
  readonly remove?: boolean
}

/** What stands at the router for one site. */
export interface PlacedSite {
  readonly site: ProfileSite
  readonly institution: number
  readonly interface: string
  /** Of its policy-maps. */
  readonly name: string
  readonly down: BitsPerSecond
  readonly up: BitsPerSecond
}

export interface Placed {
  readonly placed: readonly PlacedSite[]
  /** Sites that cannot be said, and why. */
  readonly left: readonly SiteLeftOut[]
}

/** Every site of the edge is in one list or the other. */
export function placeSites(
  profile: EdgeProfile,
  rates: readonly RateRecord[],
  { port, interfaces }: Pick<RenderOptions, 'port' | 'interfaces'>,
): Placed {
  const rated = new Map(institutionRates({ profile, rates }).map((one) => [one.index, one]))
  const left: SiteLeftOut[] = []
  const placed = profile.institutions.flatMap(({ index, sites }) =>
    sites.flatMap((site, position): PlacedSite[] => {
      const own = rated.get(index)
      const at = interfaces?.get(site.id) ?? (site.vlan === null ? undefined : `${port}.${site.vlan}`)
      if (!own) left.push({ site: site.id, code: 'NO_RATES' })
      else if (at === undefined) left.push({ site: site.id, code: 'NO_INTERFACE' })
      if (!own || at === undefined) return []
      const name = `MIZANI-${index}${sites.length > 1 ? `-${position + 1}` : ''}`
      const [down, up] = [partOf(own, site, 'down', own.down), partOf(own, site, 'up', own.up)]
      return [{ site, institution: index, interface: at, name, down, up }]
    }),
  )
  return { placed, left }
}

export function renderIosXe(profile: EdgeProfile, rates: readonly RateRecord[], options: RenderOptions): Rendered {
  const { revision, remove = false } = options
  const { placed, left } = placeSites(profile, rates, options)
  const title = `! Mizani, edge ${profile.edge}, revision ${revision}. Experimental: never run on a router.`
  if (remove) return { text: [title, ...removal(placed, profile.classes), 'end', ''].join('\n'), left }
  const head = [
    title,
    ...CANNOT.map((text) => `! cannot express ${text}`),
    ...BURSTS.map((text) => `! ${text}`),
    ...left.map((one) => `! left out ${leftOutSaid(one)}`),
    `! When it is in force: mizani edge confirm ${profile.edge} --revision ${revision}`,
    '!',
  ]
  const policies = placed.flatMap((one) => policyMaps(one, profile.classes))
  const interfaces = placed.flatMap(({ interface: at, name }) => [
    `interface ${at}`,
    ` service-policy input ${name}-UP`,
    ` service-policy output ${name}-DOWN`,
    '!',
  ])
  return { text: [...head, ...classMaps(profile.classes), ...policies, ...interfaces, 'end', ''].join('\n'), left }
}

/** Interfaces first: what is in use cannot go. */
const removal = (placed: readonly PlacedSite[], classes: readonly ProfileClass[]): string[] => [
  ...placed.flatMap(({ interface: at, name }) => [
    `interface ${at}`,
    ` no service-policy input ${name}-UP`,
    ` no service-policy output ${name}-DOWN`,
    '!',
  ]),
  ...placed.flatMap(({ name }) => ['DOWN', 'UP', 'CLASSES'].map((part) => `no policy-map ${name}-${part}`)),
  ...marked(classes).map((one) => `no class-map match-any ${mapName(one)}`),
]

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

function policyMaps({ name, site, down, up }: PlacedSite, classes: readonly ProfileClass[]): string[] {
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
    `  police cir ${up} bc ${policedBurstOf(up)} conform-action transmit exceed-action drop`,
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
