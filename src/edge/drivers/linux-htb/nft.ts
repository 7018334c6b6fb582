// The packet filter in nftables: two small tables that write a tc class id into the packet's priority, where HTB
// finds it.
//
//    netdev mizani-LAN  egress hook of the LAN device: what goes down to the institutions
//    inet   mizani-WAN  forward hook, towards the WAN device: what comes up from them, before any address translation
//                       (on the WAN device's own egress masquerade has already hidden the sender: 0 of 366 packets
//                       matched there, 366 of 366 here); and the gateway's own traffic
//
// With several devices on a side each has such a table. The forward hook of the first WAN device counts for all.
//
// What leaves by a tunnel is sorted before the tunnel hides it: a priority that forward has written stays on the packet
// that carries it (VXLAN: 20 of 20), and the output hook lets it be. Tunnels that lose it (WireGuard encrypts anew, a
// tun device is read by a program) are not sorted; escapes.ts names them. The forward hook also counts, by interface,
// what comes from one side and leaves past the other, which no class counts.
//
// Both have the same body: two maps find institution and service, and chains OR service and class into the minor, which
// layout.ts arranged for. A concatenated map of address and DSCP would load and never match for IPv6 (nft 1.1.3).
//
// A site without prefixes is told by its VLAN: downwards by the tag that the packet is about to get, upwards by the
// interface it came in on, which is called LAN.VLAN.
//
// Prefixes change, the body hardly ever. So the maps alone are replaced, in one transaction (flush + add loses no
// packet; a table made anew sends some to the default class), and only those that differ. What the body should be is
// told by the name of an empty chain that carries its hash: that survives whoever lists, and nobody else writes it.

import { createHash } from 'node:crypto'
import type { Bytes } from '../../../model/units.js'
import type { Operation } from '../../driver.js'
import { believesMarks, type Classification } from './classification.js'
import { CONTROL_INDEX, CONTROL_MINOR, classId, institutionMinor, MAJOR, serviceMark } from './layout.js'
import { disjoint, type Family, formatPrefix, type Mapped, parsePrefix } from './prefixes.js'

/** Elements of one map: prefix in canonical form to what it maps to. */
export type Elements = ReadonlyMap<string, string>

export interface NftTable {
  /** "netdev mizani-lan0" */
  readonly name: string
  /** Names the body: everything but the elements. */
  readonly mark: string
  readonly body: string
  readonly maps: ReadonlyMap<string, Elements>
}

/** What stands of such a table; null: nothing. */
export type ObservedTable = Pick<NftTable, 'mark' | 'maps'> | null

/** Kinds of devices (`ip -d link`) that carry a packet inside another one, and its priority with it. */
export const CARRIERS = ['vxlan', 'geneve', 'gre', 'gretap', 'ip6gre', 'ip6gretap', 'ipip', 'sit', 'ip6tnl']

/** Where what leaves past the shaped interfaces is counted by interface: direction by name. */
const PAST = { 'past-down': 0, 'past-up': 1 } as const
/** Of interfaces that are remembered. */
const MOST_DEVICES = 64

export const tableName = (direction: 0 | 1, device: string): string =>
  direction === 0 ? `netdev mizani-${device}` : `inet mizani-${device}`

/** The names of the devices of both sides. */
export interface Ends {
  readonly lan: readonly string[]
  readonly wan: readonly string[]
}

export function nftTable(c: Classification, direction: 0 | 1, device: string, ends: Ends): NftTable {
  const name = tableName(direction, device)
  const lines = [...mapLines(), ...classChains(c), ...serviceChains(c, direction), ...sortChain(c, direction, ends.lan)]
  lines.push(...(direction === 0 ? downHook(device) : upHooks(device, ends)))
  const mark = `mark-${createHash('sha256').update(lines.join('\n')).digest('hex').slice(0, 12)}`
  const body = [`table ${name} {`, ...lines.map((line) => ` ${line}`), ` chain ${mark} {`, ' }', '}'].join('\n')

  const near = (family: Family): Elements => elements(c.near, family, (index) => classId(institutionMinor(index)))
  const far = (family: Family): Elements => elements(c.far, family, (service) => `goto service-${service}`)
  const maps = new Map([
    ['near4', near(4)],
    ['near6', near(6)],
    ['far4', far(4)],
    ['far6', far(6)],
  ])
  return { name, mark, body, maps }
}

const elements = (entries: readonly Mapped<number>[], family: Family, text: (value: number) => string): Elements =>
  new Map(disjoint(entries, family).map(({ prefix, value }) => [formatPrefix(prefix), text(value)]))

function mapLines(): string[] {
  const map = (name: string, type: string): string[] => [`map ${name} {`, ` type ${type}; flags interval;`, '}']
  return [
    ...map('near4', 'ipv4_addr : classid'),
    ...map('near6', 'ipv6_addr : classid'),
    ...map('far4', 'ipv4_addr : verdict'),
    ...map('far6', 'ipv6_addr : verdict'),
  ]
}

const chain = (name: string, ...rules: string[]): string[] => [`chain ${name} {`, ...rules.map((r) => ` ${r}`), '}']
const or = (bits: number): string => `meta priority set meta priority | 0x${bits.toString(16)}`

function classChains({ marks, fallback, urgent }: Classification): string[] {
  const classes = [...new Set([...marks.values(), fallback, urgent])].sort((a, b) => a - b)
  const small = `meta l4proto tcp tcp flags & (syn|fin|rst|ack) == ack meta length < 128 goto class-${urgent}`
  const byMark = [...marks].sort(([a], [b]) => a - b).map(([mark, index]) => `${mark} : goto class-${index}`)
  const marked = byMark.length === 0 ? [] : ['ip', 'ip6'].map((ip) => `${ip} dscp vmap { ${byMark.join(', ')} }`)
  return [
    ...classes.flatMap((index) => chain(`class-${index}`, ...(index === 0 ? [] : [or(index)]))),
    ...chain('believed', small, ...marked, `goto class-${fallback}`),
    ...chain('unbelieved', small, `goto class-${fallback}`),
  ]
}

const serviceChains = (c: Classification, direction: 0 | 1): string[] =>
  c.services.flatMap((service) => {
    const next = believesMarks(c, service, direction) ? 'believed' : 'unbelieved'
    return chain(`service-${service}`, or(serviceMark(service)), `goto ${next}`)
  })

/** A packet that no map knows keeps a priority without our major, and HTB gives it to its default class: unmapped. */
function sortChain({ openService, vlans }: Classification, direction: 0 | 1, lan: readonly string[]): string[] {
  const [near, far] = direction === 0 ? ['daddr', 'saddr'] : ['saddr', 'daddr']
  return chain(
    'sort',
    ...byVlan(vlans, direction, lan),
    `meta priority set ip ${near} map @near4`,
    `meta priority set ip6 ${near} map @near6`,
    `ip ${far} vmap @far4`,
    `ip6 ${far} vmap @far6`,
    ...(openService === null ? [] : [`goto service-${openService}`]),
  )
}

/** Before the prefixes, which are the better word where both know the packet. */
function byVlan(vlans: Classification['vlans'], direction: 0 | 1, lan: readonly string[]): string[] {
  if (vlans.size === 0) return []
  const keys = (vlan: number): string[] => (direction === 0 ? [`${vlan}`] : lan.map((name) => `"${name}.${vlan}"`))
  const entries = [...vlans].sort(([a], [b]) => a - b)
  const map = entries
    .flatMap(([vlan, index]) => keys(vlan).map((key) => `${key} : ${classId(institutionMinor(index))}`))
    .join(', ')
  return [`meta priority set ${direction === 0 ? 'vlan id' : 'iifname'} map { ${map} }`]
}

const downHook = (device: string): string[] =>
  chain('down', `type filter hook egress device "${device}" priority 0; policy accept;`, 'goto sort')

/** Priority must be written after ip_forward, which sets it from the TOS field: forward is, prerouting is not. */
const upHooks = (device: string, ends: Ends): string[] => [
  ...Object.keys(PAST).flatMap((name) => [`set ${name} {`, ` type ifname; size ${MOST_DEVICES}; flags dynamic;`, '}']),
  // What no site sends falls to a class that is not there, and so to the unmapped, whatever its service and class.
  ...chain('inside', `meta priority set ${classId(institutionMinor(CONTROL_INDEX))}`, 'goto sort'),
  ...chain(
    'up',
    'type filter hook forward priority -150; policy accept;',
    `oifname "${device}" goto sort`,
    ...(device === ends.wan[0] ? pastLines(ends) : []),
    `meta oifkind { ${CARRIERS.map((kind) => `"${kind}"`).join(', ')} } goto inside`,
  ),
  ...chain(
    'own',
    'type filter hook output priority -150; policy accept;',
    `meta priority ${MAJOR}:0-${MAJOR}:ffff accept`,
    `oifname "${device}" meta priority set ${classId(CONTROL_MINOR)}`,
  ),
]

function pastLines({ lan, wan }: Ends): string[] {
  const shaped = `{ ${[...wan, ...lan].map((name) => `"${name}"`).join(', ')} }`
  const vlans = lan.map((name) => `oifname != "${name}.*"`).join(' ')
  const line = (set: keyof typeof PAST, from: string): string =>
    `iifname "${from}" oifname != ${shaped} ${vlans} update @${set} { oifname counter }`
  return [
    ...lan.flatMap((name) => [line('past-up', name), line('past-up', `${name}.*`)]),
    ...wan.map((name) => line('past-down', name)),
  ]
}

/** One transaction that takes what stands to what shall stand; null: it stands already. */
export function nftDiff(wanted: NftTable, observed: ObservedTable): Operation | null {
  const { name, maps } = wanted
  if (observed?.mark !== wanted.mark) {
    // `add` makes the `delete` succeed where there is none; both and the new table are one transaction.
    const fill = [...maps].flatMap(([map, entries]) => addElements(name, map, entries))
    return { kind: 'filter', text: [`add table ${name}`, `delete table ${name}`, wanted.body, ...fill].join('\n') }
  }
  const lines = [...maps].flatMap(([map, entries]) =>
    same(entries, observed.maps.get(map) ?? new Map())
      ? []
      : [`flush map ${name} ${map}`, ...addElements(name, map, entries)],
  )
  return lines.length === 0 ? null : { kind: 'filter', text: lines.join('\n') }
}

function addElements(table: string, map: string, entries: Elements): string[] {
  const list = [...entries].map(([prefix, value]) => `${prefix} : ${value}`)
  return list.length === 0 ? [] : [`add element ${table} ${map} { ${list.join(', ')} }`]
}

const same = (a: Elements, b: Elements): boolean =>
  a.size === b.size && [...a].every(([prefix, value]) => b.get(prefix) === value)

type NftKey = string | { prefix: { addr: string; len: number } }
type NftValue = string | { goto: { target: string } }
interface NftItem {
  /** `hook`: of base chains only. */
  chain?: { name: string; hook?: string }
  map?: { name: string; elem?: [NftKey, NftValue][] }
  set?: { name: string; elem?: { elem?: { val: string; counter?: { bytes: Bytes; packets: number } } }[] }
  flowtable?: { name: string; table: string; dev?: string | string[] }
}

/**
 * Reads `nft -j list table …`. A key that is not a plain prefix was not written by us and differs from all of ours. A
 * table without any hook has no mark: older kernels take the hook away with its interface and leave the rest.
 */
export function parseTable(json: string): ObservedTable {
  const { nftables } = JSON.parse(json) as { nftables: NftItem[] }
  const maps = new Map<string, Elements>()
  for (const { map } of nftables) {
    if (map) maps.set(map.name, new Map((map.elem ?? []).map(([key, value]) => [keyText(key), valueText(value)])))
  }
  const chains = nftables.flatMap(({ chain }) => chain ?? [])
  const mark = chains.find(({ name }) => name.startsWith('mark-'))?.name ?? ''
  return { mark: chains.some(({ hook }) => hook !== undefined) ? mark : '', maps }
}

function keyText(key: NftKey): string {
  const text = typeof key === 'string' ? key : key.prefix ? `${key.prefix.addr}/${key.prefix.len}` : ''
  const prefix = parsePrefix(text)
  return prefix ? formatPrefix(prefix) : JSON.stringify(key)
}

const valueText = (value: NftValue): string => (typeof value === 'string' ? value : `goto ${value.goto?.target}`)

/** Bytes of frames by interface, of one direction, since the table was made. */
export type PastBytes = readonly [ReadonlyMap<string, Bytes>, ReadonlyMap<string, Bytes>]

/** Hooks of inet see a packet from its IP header on. */
const FRAME_HEADER: Bytes = 14

/** Reads `nft -j list table …`: what left past the shaped interfaces. */
export function parsePast(json: string): PastBytes {
  const found: [Map<string, Bytes>, Map<string, Bytes>] = [new Map(), new Map()]
  for (const { set } of (JSON.parse(json) as { nftables: NftItem[] }).nftables) {
    if (!set || !(set.name in PAST)) continue
    for (const { elem } of set.elem ?? []) {
      const { bytes, packets } = elem?.counter ?? { bytes: 0, packets: 0 }
      if (elem) found[PAST[set.name as keyof typeof PAST]].set(elem.val, bytes + FRAME_HEADER * packets)
    }
  }
  return found
}

/** Reads `nft -j list flowtables`: interfaces by "table name". */
export const parseFlowtables = (json: string): ReadonlyMap<string, readonly string[]> =>
  new Map(
    (JSON.parse(json) as { nftables: NftItem[] }).nftables.flatMap(({ flowtable }) =>
      flowtable ? [[`${flowtable.table} ${flowtable.name}`, [flowtable.dev ?? []].flat()] as const] : [],
    ),
  )
