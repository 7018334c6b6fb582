// What leaves past the shaped interfaces, or through them in a class that is not the site's, told from what the kernel
// shows of its links, rules, routes and flowtables and from what nft.ts counted by interface.
//
// What was counted is proof: sites' traffic went that way. A default route or a policy rule by another interface is a
// way that it could take, and is told before it does. Routes to single networks are not looked at: a gateway may have
// a million of them, and what takes one is counted. Pure.
//
// Run here: a second WAN by rule and route, VXLAN. By text alone, as no kernel here has them: WireGuard, GRE, PPP, VRF,
// flowtables.

import type { Bytes } from '../../../model/units.js'
import type { Escape } from '../../driver.js'
import { CARRIERS, type PastBytes } from './nft.js'

/** Of `ip -j -d -s link`. */
export interface IpLink {
  readonly ifname: string
  /** What it lies on: "eth0" of "eth0.300". */
  readonly link?: string
  readonly master?: string
  readonly operstate?: string
  readonly flags?: readonly string[]
  readonly link_type?: string
  readonly linkinfo?: {
    readonly info_kind?: string
    readonly info_slave_kind?: string
    readonly info_data?: { readonly link?: string; readonly remote?: string }
  }
  readonly stats64?: { readonly tx: { readonly bytes: Bytes; readonly packets: number } }
}

/** Of `ip -j route show table all exact default`. */
export interface IpRoute {
  readonly dst: string
  readonly dev?: string
  /** Absent: the main one. */
  readonly table?: string | number
  readonly nexthops?: readonly { readonly dev?: string }[]
}

/** Of `ip -j rule`. */
export interface IpRule {
  readonly priority: number
  readonly src?: string
  readonly srclen?: number
  readonly dst?: string
  readonly dstlen?: number
  readonly iif?: string
  readonly fwmark?: string
  readonly table?: string | number
}

export interface Looked {
  readonly lan: readonly string[]
  readonly wan: readonly string[]
  readonly links: readonly IpLink[]
  readonly defaults: readonly IpRoute[]
  readonly rules: readonly IpRule[]
  /** Interfaces by name of the flowtable. */
  readonly flowtables: ReadonlyMap<string, readonly string[]>
  /** Counted since the last look, down and up. */
  readonly past: PastBytes
  /** By which interface what the tunnel carries leaves, where its own link does not say. */
  readonly carriedBy: ReadonlyMap<string, string>
}

/** Tunnels in which a packet has no priority any more. */
const HIDING = ['wireguard', 'tun', 'ppp', 'xfrm', 'vti', 'vti6', 'ipsec']
const DIRECTION = ['downwards', 'upwards'] as const

export const kindOf = ({ linkinfo, link_type: type }: IpLink): string =>
  linkinfo?.info_kind ?? (type === 'ppp' ? type : '')

/** The interface under a tunnel that carries priorities; null: it is not such a one, or nobody says. */
export const underOf = (link: IpLink, carriedBy: Looked['carriedBy']): string | null =>
  CARRIERS.includes(kindOf(link)) ? (link.linkinfo?.info_data?.link ?? carriedBy.get(link.ifname) ?? null) : null

/** Bytes past the shaped interfaces by direction: what a tunnel carries to the WAN device is counted there. */
export function uncountedOf(looked: Looked): readonly [Bytes, Bytes] {
  const sum = (direction: 0 | 1): Bytes =>
    [...looked.past[direction]].reduce(
      (total, [device, bytes]) => total + (wayOf(looked, device) === 'PAST' ? bytes : 0),
      0,
    )
  return [sum(0), sum(1)]
}

export function escapesOf(looked: Looked): Escape[] {
  return [...seenOf(looked), ...routesOf(looked), ...rulesOf(looked), ...devicesOf(looked)].filter(
    ({ code, subject }, at, all) => all.findIndex((other) => other.code === code && other.subject === subject) === at,
  )
}

/** What it is that sites' traffic leaves by this interface; null: nothing to tell. */
function wayOf({ lan, wan, links, carriedBy }: Looked, device: string): 'PAST' | 'TUNNEL' | null {
  if (wan.includes(device) || device === 'lo') return null
  if (lan.some((name) => device === name || device.startsWith(`${name}.`))) return null
  const link = links.find(({ ifname }) => ifname === device)
  const kind = link ? kindOf(link) : ''
  if (HIDING.includes(kind)) return 'TUNNEL'
  if (!link || !CARRIERS.includes(kind)) return 'PAST'
  const under = underOf(link, carriedBy)
  if (under === null || lan.includes(under)) return 'TUNNEL'
  return wan.includes(under) ? null : 'PAST'
}

function seenOf(looked: Looked): Escape[] {
  return ([0, 1] as const).flatMap((direction) =>
    [...looked.past[direction]].flatMap(([device, bytes]): Escape[] => {
      const code = bytes > 0 ? wayOf(looked, device) : null
      if (!code) return []
      const way = `${DIRECTION[direction]} by ${named(looked, device)}`
      const beside = together(direction === 0 ? looked.lan : looked.wan)
      const found =
        code === 'PAST'
          ? `traffic goes ${way}, past ${beside}: no limit holds it and no class counts it`
          : `traffic goes ${way}, which hides whose it is: it is shaped as control or unmapped, not as the site's`
      return [{ code, subject: device, found, used: true }]
    }),
  )
}

const together = (names: readonly string[]): string => names.join(' and ')

const named = ({ links }: Looked, device: string): string => {
  const link = links.find(({ ifname }) => ifname === device)
  const kind = link ? kindOf(link) : ''
  return kind === '' || kind === 'veth' ? device : `${device} (${kind})`
}

const possible = (looked: Looked, device: string, found: string): Escape[] => {
  const code = wayOf(looked, device)
  return code ? [{ code, subject: device, found, used: false }] : []
}

const devicesOfRoute = ({ dev, nexthops = [] }: IpRoute): string[] =>
  [dev, ...nexthops.map((hop) => hop.dev)].flatMap((device) => device ?? [])

const MAIN = ['main', '254']
const tableOf = ({ table = 'main' }: { readonly table?: string | number }): string => String(table)

const routesOf = (looked: Looked): Escape[] =>
  looked.defaults
    .filter((route) => MAIN.includes(tableOf(route)))
    .flatMap((route) =>
      devicesOfRoute(route).flatMap((device) =>
        possible(looked, device, `a default route leaves by ${named(looked, device)}, past ${together(looked.wan)}`),
      ),
    )

const rulesOf = (looked: Looked): Escape[] =>
  looked.rules.flatMap((rule) =>
    looked.defaults
      .filter((route) => !MAIN.includes(tableOf(route)) && tableOf(route) === tableOf(rule))
      .flatMap((route) =>
        devicesOfRoute(route).flatMap((device) =>
          possible(looked, device, `${ruleText(rule)}, whose default route leaves by ${named(looked, device)}`),
        ),
      ),
  )

function ruleText({ priority, src = 'all', srclen, dst, dstlen, iif, fwmark, table }: IpRule): string {
  const length = (bits: number | undefined): string => (bits === undefined ? '' : `/${bits}`)
  const parts = [`from ${src}${length(srclen)}`]
  if (dst !== undefined) parts.push(`to ${dst}${length(dstlen)}`)
  if (iif !== undefined) parts.push(`iif ${iif}`)
  if (fwmark !== undefined) parts.push(`fwmark ${fwmark}`)
  return `rule ${priority} (${parts.join(' ')}) looks up table ${table}`
}

function devicesOf({ lan, wan, links, flowtables }: Looked): Escape[] {
  const own = [...lan, ...wan]
  const vrfs = links.flatMap(({ ifname, master = '', linkinfo }): Escape[] => {
    if (!own.includes(ifname) || linkinfo?.info_slave_kind !== 'vrf') return []
    return [
      { code: 'VRF', subject: ifname, found: `belongs to the VRF ${master} and forwards by its table`, used: false },
    ]
  })
  const offloads = [...flowtables].flatMap(([subject, devices]): Escape[] => {
    const shaped = devices.filter((device) => own.includes(device))
    if (shaped.length === 0) return []
    const found = `forwards for ${shaped.join(' and ')} round the packet filter: no class is found, or none is asked`
    return [{ code: 'FLOWTABLE', subject, found, used: false }]
  })
  return [...vrfs, ...offloads]
}
