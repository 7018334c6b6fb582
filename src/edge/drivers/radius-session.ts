// By which attributes an access server knows the session of a site (RFC 5176, section 3.1): User-Name and the site's id
// unless a setting says otherwise, such as `NAS-Identifier=bras-1, NAS-Port-Id=ge-0/0/1.{vlan}`. What stands in braces
// comes from the plane: {site} {institution} {vlan} {address}. An attribute that has no name here is called by its
// number, or as 26.VENDOR.NUMBER; its value is text, or bytes written 0x….

import { isIPv4, isIPv6 } from 'node:net'
import ipaddr from 'ipaddr.js'
import type { ProfileSite } from '../../model/lease.js'
import { usageError } from '../../runtime/errors.js'
import { type Attribute, attribute, integer, TYPE, vendorAttribute } from './radius-packet.js'

export const SESSION_UNLESS_SAID = 'User-Name={site}'

type Kind = 'text' | 'number' | 'IPv4' | 'IPv6'

/** RFC 2865, 2866, 2869, 3162, 4372, 6911; of vendor 3561 RFC 4679. */
const NAMED: Readonly<Record<string, readonly [code: string, Kind]>> = {
  'User-Name': ['1', 'text'],
  'NAS-IP-Address': ['4', 'IPv4'],
  'NAS-Port': ['5', 'number'],
  'Framed-IP-Address': ['8', 'IPv4'],
  'Called-Station-Id': ['30', 'text'],
  'Calling-Station-Id': ['31', 'text'],
  'NAS-Identifier': ['32', 'text'],
  'Acct-Session-Id': ['44', 'text'],
  'Acct-Multi-Session-Id': ['50', 'text'],
  'NAS-Port-Id': ['87', 'text'],
  'Chargeable-User-Identity': ['89', 'text'],
  'NAS-IPv6-Address': ['95', 'IPv6'],
  'Framed-IPv6-Address': ['168', 'IPv6'],
  'ADSL-Agent-Circuit-Id': ['26.3561.1', 'text'],
  'ADSL-Agent-Remote-Id': ['26.3561.2', 'text'],
}
const BY_NAME = new Map(Object.entries(NAMED).map(([name, row]) => [name.toLowerCase(), row]))
const PLACES = ['site', 'institution', 'vlan', 'address'] as const

interface Part {
  readonly name: string
  readonly code: string
  readonly kind: Kind
  readonly template: string
}

/** Of one site: the attributes, or why there are none. */
export type SessionOf = (site: ProfileSite, institution: string) => readonly Attribute[] | string

/** @throws MizaniError, exit code 2, for what names no attribute. */
export function sessionsBy(text: string): SessionOf {
  const parts = text.split(',').map((part) => partOf(part.trim()))
  return (site, institution) => {
    const found: Attribute[] = []
    for (const part of parts) {
      const one = attributeOf(part, site, institution)
      if (typeof one === 'string') return one
      found.push(one)
    }
    return found
  }
}

function partOf(text: string): Part {
  const at = text.indexOf('=')
  const [name, template] = [text.slice(0, Math.max(0, at)).trim(), text.slice(at + 1).trim()]
  const known = BY_NAME.get(name.toLowerCase())
  const byNumber = /^(?:26\.(\d{1,8})\.)?(\d{1,3})$/.exec(name)
  const isNumber = byNumber !== null && Number(byNumber[2]) >= 1 && Number(byNumber[2]) <= 255
  if ((!known && !isNumber) || template === '') {
    const advice = `Known are ${Object.keys(NAMED).join(', ')}; any other by its number, or as 26.VENDOR.NUMBER.`
    throw usageError(`edge.device.session: "${text}" is no ATTRIBUTE=VALUE.`, advice)
  }
  const wrong = [...template.matchAll(/\{([^{}]*)\}/g)].find(([, place]) => !PLACES.some((one) => one === place))
  if (wrong) {
    const advice = `What a site has is ${PLACES.map((place) => `{${place}}`).join(' ')}.`
    throw usageError(`edge.device.session: nothing is called ${wrong[0]}.`, advice)
  }
  const [code, kind] = known ?? [name, 'text']
  return { name, code, kind, template }
}

function attributeOf({ name, code, kind, template }: Part, site: ProfileSite, institution: string): Attribute | string {
  const places = { site: site.id, institution, vlan: site.vlan, address: addressOf(site, kind) }
  const lacking = PLACES.find((place) => places[place] === null && template.includes(`{${place}}`))
  if (lacking !== undefined) return `it has no ${lacking}, by which its session is known`
  const text = template.replace(/\{(\w+)\}/g, (_, place: (typeof PLACES)[number]) => `${places[place]}`)
  const value = bytesOf(text, kind)
  if (value === null) return `"${text}" is no ${kind} for ${name}`
  const [vendor, type] = code.startsWith('26.') ? code.slice(3).split('.').map(Number) : [null, Number(code)]
  return vendor == null ? attribute(type!, value) : vendorAttribute(vendor, type!, value)
}

/** Of the first prefix: an address itself where the site is one. */
function addressOf({ prefixes }: ProfileSite, kind: Kind): string | null {
  const addresses = prefixes.map((prefix) => prefix.split('/')[0]!)
  if (kind === 'IPv6') return addresses.find(isIPv6) ?? null
  return addresses.find(isIPv4) ?? addresses[0] ?? null
}

function bytesOf(text: string, kind: Kind): Buffer | null {
  if (kind === 'number') return /^\d{1,10}$/.test(text) && Number(text) <= 0xffffffff ? integer(Number(text)) : null
  if (kind === 'IPv4') return isIPv4(text) ? Buffer.from(text.split('.').map(Number)) : null
  if (kind === 'IPv6') return isIPv6(text) ? Buffer.from(ipaddr.parse(text).toByteArray()) : null
  const size = Buffer.byteLength(text)
  if (size < 1 || size > 240) return null
  return /^0x(?:[\da-f]{2})+$/i.test(text) ? Buffer.from(text.slice(2), 'hex') : Buffer.from(text)
}

/** Each attribute as one word; those of vendors one by one, however they were packed. */
export function wordsOf(attributes: readonly Attribute[]): string[] {
  return attributes.flatMap(({ type, value }) => {
    if (type !== TYPE.vendorSpecific) return [`${type} ${value.toString('hex')}`]
    const words: string[] = []
    for (let at = 4; at + 2 <= value.length && value[at + 1]! >= 2; at += value[at + 1]!)
      words.push(
        `26.${value.readUInt32BE()}.${value[at]} ${value.subarray(at + 2, at + value[at + 1]!).toString('hex')}`,
      )
    return words
  })
}
