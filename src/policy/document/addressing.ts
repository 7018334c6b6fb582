// Whose address is it? A packet belongs to the site whose prefix holds its near address, so no two sites may share an
// address, within an edge or across edges; a fault names who has it at present. Services are told by the far address,
// the longest prefix wins, so theirs may lie inside each other but not be equal.

import ipaddr from 'ipaddr.js'
import type { Path, Report } from '../../runtime/shape-faults.js'
import type { PolicyDocument } from './document.js'

/** Bounds of a prefix, comparable as numbers of one address family. */
interface Range {
  readonly family: 'ipv4' | 'ipv6'
  readonly first: bigint
  readonly last: bigint
}

interface Claim extends Range {
  readonly prefix: string
  readonly owner: string
  readonly path: Path
}

export function addressFaults(document: Pick<PolicyDocument, 'sites' | 'services'>, report: Report): void {
  const sites = Object.entries(document.sites).flatMap(([owner, { prefixes }]) =>
    claimsOf(owner, prefixes, ['sites', owner, 'prefixes'], report),
  )
  overlapFaults(sites, report)
  vlanFaults(document, report)
  const services = Object.entries(document.services).flatMap(([owner, { prefixes }]) =>
    claimsOf(owner, prefixes, ['services', owner, 'prefixes'], report),
  )
  const owners = new Map<string, string>()
  for (const { family, first, last, prefix, owner, path } of services) {
    const key = `${family} ${first} ${last}`
    const present = owners.get(key)
    if (present === undefined) owners.set(key, owner)
    else report('OVERLAP', path, `${prefix} is already claimed by service "${present}"`)
  }
}

/** Whether a gateway can tell the traffic of a site from others': by a prefix, or by its VLAN. */
export const canBeTold = ({ prefixes, vlan }: { prefixes: readonly string[]; vlan: number | null }): boolean =>
  prefixes.length > 0 || vlan !== null

/** What it means that a site has neither. A RADIUS server knows sessions by the site's id (edge/drivers/radius-coa). */
export const UNTOLD =
  "neither a prefix nor a VLAN: no gateway can tell its traffic from others' (only a RADIUS server, by the site's id)"

/** One sentence for all sites that nothing reaches. */
export function addressWarnings({ sites }: Pick<PolicyDocument, 'sites'>): string[] {
  const untold = Object.keys(sites).filter((id) => !canBeTold(sites[id]!))
  if (untold.length === 0) return []
  const few = untold.sort().slice(0, SITES_NAMED).join(', ')
  const more = untold.length > SITES_NAMED ? ` and ${untold.length - SITES_NAMED} more` : ''
  return [`${untold.length === 1 ? 'site' : `${untold.length} sites`} with ${UNTOLD}: ${few}${more}`]
}

const SITES_NAMED = 5

/**
 * Reads "10.1.2.0/24" or "fd00::/64".
 * Returns what would be right where it is not a prefix, as a sentence.
 */
function parsePrefix(prefix: string): Range | string {
  let address: ipaddr.IPv4 | ipaddr.IPv6
  let length: number
  try {
    // Told apart here: the library would try the one, and throw, for each of the other.
    ;[address, length] = prefix.includes(':') ? ipaddr.IPv6.parseCIDR(prefix) : ipaddr.IPv4.parseCIDR(prefix)
  } catch {
    return `expected a prefix such as 10.1.2.0/24 or fd00:1::/64, found "${prefix}"`
  }
  const bits = address.kind() === 'ipv4' ? 32 : 128
  const value = address.toByteArray().reduce((sum, byte) => (sum << 8n) | BigInt(byte), 0n)
  const host = (1n << BigInt(bits - length)) - 1n
  if ((value & host) !== 0n) return `${prefix} has host bits set; expected the first address of the network`
  return { family: address.kind(), first: value, last: value | host }
}

/**
 * The network of an address with its length or mask, in canonical form, host bits taken away; a lone address is a host.
 * Undefined for what is no address.
 */
export function networkOf(text: string): string | undefined {
  const [address = '', mask] = text.split('/')
  const dotted = mask !== undefined && ipaddr.IPv4.isValidFourPartDecimal(mask)
  const lone = address.includes(':') ? 128 : 32
  const whole = `${address}/${dotted ? ipaddr.IPv4.parse(mask).prefixLengthFromSubnetMask() : (mask ?? lone)}`
  if (!ipaddr.isValidCIDR(whole) || (address.includes('.') && !ipaddr.IPv4.isValidFourPartDecimal(address))) return
  const [parsed, bits] = ipaddr.parseCIDR(whole)
  const kind = parsed.kind() === 'ipv4' ? ipaddr.IPv4 : ipaddr.IPv6
  return `${kind.networkAddressFromCIDR(whole).toString()}/${bits}`
}

function claimsOf(owner: string, prefixes: readonly string[], path: Path, report: Report): Claim[] {
  return prefixes.flatMap((prefix, at) => {
    const range = parsePrefix(prefix)
    if (typeof range !== 'string') return [{ ...range, prefix, owner, path: [...path, at] }]
    report('INVALID', [...path, at], range)
    return []
  })
}

/** Prefixes contain each other or are apart: in order of first address, the larger one first, a sweep suffices. */
function overlapFaults(claims: readonly Claim[], report: Report): void {
  const listed = new Map(claims.map((claim, at) => [claim, at]))
  const ordered = [...claims].sort(byPlace)
  let widest: Claim | undefined
  for (const claim of ordered) {
    if (widest !== undefined && widest.family === claim.family && claim.first <= widest.last) {
      const [present, late] = listed.get(widest)! < listed.get(claim)! ? [widest, claim] : [claim, widest]
      report('OVERLAP', late.path, `${late.prefix} overlaps ${present.prefix} of site "${present.owner}"`)
    } else widest = claim
  }
}

function vlanFaults({ sites }: Pick<PolicyDocument, 'sites'>, report: Report): void {
  const owners = new Map<string, string>()
  for (const [site, { edge, vlan }] of Object.entries(sites)) {
    if (vlan === null) continue
    const present = owners.get(`${edge} ${vlan}`)
    if (present === undefined) owners.set(`${edge} ${vlan}`, site)
    else report('OVERLAP', ['sites', site, 'vlan'], `VLAN ${vlan} of edge "${edge}" belongs to site "${present}"`)
  }
}

function byPlace(a: Claim, b: Claim): number {
  if (a.family !== b.family) return a.family < b.family ? -1 : 1
  if (a.first !== b.first) return a.first < b.first ? -1 : 1
  return a.last === b.last ? 0 : a.last > b.last ? -1 : 1
}
