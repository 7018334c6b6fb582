// What a router is configured with today, as it writes it:
//
//   routeros   /export of RouterOS: simple queues (name, target, max-limit), addresses of the interfaces they name
//   ios-xe     show running-config: interfaces with their network, VLAN and the rates of their policies
//   csv        columns name, prefixes, down, up, and vlan if there is one, by the usual names (columns.ts)
//
// A line that limits somebody and cannot be a site is left, and it is said why.

import ipaddr from 'ipaddr.js'
import { type BitsPerSecond, parseRate } from '../../model/units.js'
import { decodeText, readSheet } from '../../runtime/sheet.js'
import { networkOf } from '../document/addressing.js'
import { readColumns } from './columns.js'

const ADOPT_FROM = ['routeros', 'ios-xe', 'csv'] as const
export type AdoptFrom = (typeof ADOPT_FROM)[number]

/** A limit as it stands on a router. */
export interface FoundSite {
  readonly name: string
  readonly prefixes: readonly string[]
  /** Null: not limited, or not found. */
  readonly down: BitsPerSecond | null
  readonly up: BitsPerSecond | null
  readonly vlan: number | null
}

export interface Found {
  readonly sites: readonly FoundSite[]
  readonly left: readonly { readonly line: string; readonly why: string }[]
}

export function readSites(from: AdoptFrom, text: string): Found {
  const read = { routeros: readRouterOs, 'ios-xe': readIosXe, csv: readTable }[from](text)
  return {
    sites: read.flatMap((one) => ('why' in one ? [] : [one])),
    left: read.flatMap((one) => ('why' in one ? [one] : [])),
  }
}

type Read = FoundSite | Found['left'][number]

// ---- RouterOS: a menu line, then commands; a backslash at the end continues a line

type Words = ReadonlyMap<string, string>

function readRouterOs(text: string): Read[] {
  let menu = ''
  const commands = text
    .replace(/\\\r?\n\s*/g, '')
    .split(/\r?\n/)
    .map((line) => {
      if (line.startsWith('/')) menu = line.trim()
      return line.startsWith('/') ? line : `${menu} ${line}`
    })
  const of = (start: RegExp): Words[] => commands.filter((line) => start.test(line)).map(wordsOfCommand)
  const networks = new Map<string, string[]>()
  for (const words of of(/^\/(ip|ipv6) address add\s/)) {
    const at = words.get('interface') ?? ''
    networks.set(at, [...(networks.get(at) ?? []), ...prefixOf(words.get('address') ?? '')])
  }
  const vlans = new Map(of(/^\/interface vlan add\s/).map((words) => [words.get('name'), Number(words.get('vlan-id'))]))
  return [
    ...of(/^\/queue simple add\s/).map((words) => siteOfQueue(words, networks, vlans)),
    ...of(/^\/queue tree add\s/).map((words) => ({
      line: `queue tree ${words.get('name') ?? ''}`,
      why: 'it limits what a mark of the firewall says, not a network',
    })),
  ]
}

/** Words of RouterOS: quoted or plain; `\"`, `\_` for a blank, and `\XX` for a byte. */
const wordsOfCommand = (command: string): Words =>
  new Map(
    [...command.matchAll(/\s([\w-]+)=(?:"((?:\\.|[^"\\])*)"|(\S*))/g)].map(([, key, quoted, plain]) => [
      key!,
      unescaped(quoted ?? plain ?? ''),
    ]),
  )

function unescaped(text: string): string {
  const bytes = Buffer.concat(
    [...text.matchAll(/\\([0-9A-F]{2})|\\(.)|([^\\]+|\\)/g)].map(([, hex, sign, rest]) =>
      hex === undefined
        ? Buffer.from(rest ?? ({ _: ' ', n: '\n', r: '\r', t: '\t' } as Record<string, string>)[sign!] ?? sign!)
        : Buffer.from(hex, 'hex'),
    ),
  )
  return decodeText(bytes)
}

function siteOfQueue(
  words: Words,
  networks: ReadonlyMap<string, readonly string[]>,
  vlans: ReadonlyMap<string | undefined, number>,
): Read {
  const name = words.get('comment') || words.get('name') || ''
  const left = (why: string): Read => ({ line: `queue simple ${name}`, why })
  const targets = (words.get('target') ?? '').split(',').filter(Boolean)
  const towards = words.get('dst') ?? words.get('dst-address') ?? ''
  const routed = targets.find((target) => target.includes('@'))
  if (words.get('disabled') === 'yes') return left('it is disabled')
  if (routed !== undefined)
    return left(`its network stands in the VRF ${routed.split('@')[1]}: another may be the same`)
  if (towards !== '' && !/^(0\.0\.0\.0|::)\/0$/.test(towards)) return left(`it limits only what goes to ${towards}`)
  const prefixes = targets.flatMap((target) => networks.get(target) ?? prefixOf(target))
  if (prefixes.length === 0) return left(`no network in its target (${targets.join(',') || 'none'})`)
  const vlan = targets.flatMap((target) => vlans.get(target) ?? [])[0] ?? null
  const [up = '', down = ''] = (words.get('max-limit') ?? '').split('/')
  const [leastUp = '', leastDown = ''] = (words.get('limit-at') ?? '').split('/')
  return { name, prefixes, down: limit(down) ?? limit(leastDown), up: limit(up) ?? limit(leastUp), vlan }
}

/** "20M", "512k", "64000"; 0 is no limit. */
function limit(text: string): BitsPerSecond | null {
  return parseRate(/^\d/.test(text) ? `${text}bps` : text) || null
}

// ---- IOS-XE: blocks, each a line at the margin and what is indented below it

function readIosXe(text: string): Read[] {
  const blocks = text.split(/\r?\n(?=\S)/)
  const shapers = new Map<string, BitsPerSecond>()
  for (const block of blocks) {
    const [, name] = /^policy-map (\S+)/.exec(block) ?? []
    const [, shaped] = /^[ \t]+shape average (\d+)/m.exec(block) ?? []
    const [, policed] = /^[ \t]+police (?:cir )?(\d+)/m.exec(block) ?? []
    const rate = shaped ?? policed
    if (name !== undefined && rate !== undefined) shapers.set(name, Number(rate))
  }
  return blocks.flatMap((block): Read[] => {
    const [, port] = /^interface (\S+)/.exec(block) ?? []
    if (port === undefined) return []
    const has = (pattern: RegExp): string | undefined => pattern.exec(block)?.[1]?.trim()
    const prefixes = [...block.matchAll(/^[ \t]+ip address (\S+) (\S+)/gm)].flatMap(([, address, mask]) => {
      const length = ipaddr.IPv4.isValid(mask!) ? ipaddr.IPv4.parse(mask!).prefixLengthFromSubnetMask() : null
      return length === null ? [] : prefixOf(`${address}/${length}`)
    })
    for (const [, prefix] of block.matchAll(/^[ \t]+ipv6 address ([^\s/]+\/\d+)/gm)) prefixes.push(...prefixOf(prefix!))
    const policy = (way: string): string | undefined => has(new RegExp(`^[ \\t]+service-policy ${way} (\\S+)`, 'm'))
    const isLimited = policy('output') !== undefined || policy('input') !== undefined
    const name = has(/^[ \t]+description (.+)$/m) ?? port
    const left = (why: string): Read[] => (isLimited || prefixes.length > 0 ? [{ line: `interface ${port}`, why }] : [])
    const vrf = has(/^[ \t]+(?:ip )?vrf forwarding (\S+)/m)
    if (/^[ \t]+shutdown[ \t]*$/m.test(block)) return left('it is shut down')
    if (vrf !== undefined) return left(`it stands in the VRF ${vrf}: another may have the same network`)
    if (prefixes.length === 0) return left('it has a policy and no network of its own')
    const rateOf = (way: string): BitsPerSecond | null => shapers.get(policy(way) ?? '') ?? null
    const vlan = has(/^[ \t]+encapsulation dot1[qQ] (\d+)/m)
    return [
      { name, prefixes, down: rateOf('output'), up: rateOf('input'), vlan: vlan === undefined ? null : Number(vlan) },
    ]
  })
}

// ---- CSV

function readTable(text: string): Read[] {
  const { header, rows } = readSheet(text)
  const columns = readColumns('institutions', header, {}, {})
  return rows.map(({ line, cells }): Read => {
    const at = (means: string): number => columns.findIndex((column) => column.means === means)
    const cell = (means: string): string => cells[at(means)]?.trim() ?? ''
    const rate = (means: string): BitsPerSecond | null => {
      const text = cell(means)
      const unit = columns[at(means)]?.unit ?? null
      return unit !== null && /^[\d.]+$/.test(text) ? Number(text) * unit || null : (parseRate(text) ?? limit(text))
    }
    const prefixes = cell('prefixes')
      .split(/[\s,;|]+/)
      .flatMap(prefixOf)
    if (prefixes.length === 0 && cell('vlan') === '') {
      return { line: `line ${line} (${cells.join(', ')})`, why: 'no network and no VLAN in it' }
    }
    const vlan = /^\d+$/.test(cell('vlan')) ? Number(cell('vlan')) : null
    return { name: cell('name'), prefixes, down: rate('down'), up: rate('up'), vlan }
  })
}

/** The network of an address, where it is one. */
function prefixOf(text: string): string[] {
  return [networkOf(text) ?? []].flat()
}
