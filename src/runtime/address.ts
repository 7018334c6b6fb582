// Who an address is. Of IPv6 one machine is given 2^64 addresses, and whoever counts by address would count each.

import ipaddr from 'ipaddr.js'

/** Who an address is: itself, of IPv6 its /64. */
export const placeOf = (address: string): string => within(address, 4)

/** Whose an address is: itself, of IPv6 the /48 that one customer is given. */
export const networkOf = (address: string): string => within(address, 3)

/** @param groups of 16 bits that count in IPv6 */
function within(address: string, groups: number): string {
  if (!ipaddr.isValid(address)) return address
  const known = ipaddr.process(address)
  if (known.kind() === 'ipv4') return known.toString()
  return `${known.toNormalizedString().split(':').slice(0, groups).join(':')}::/${16 * groups}`
}

/** For prefixes: how long one is that covers this address, -1 for one that does not; null: this is no address. */
export function prefixesOver(text: string): ((prefix: string) => number) | null {
  // "10" is an address by the book, and a number to everybody.
  if (!ipaddr.isValid(text) || !/[.:].*[.:]/.test(text)) return null
  const address = ipaddr.process(text)
  return (prefix) => {
    const [network, length] = ipaddr.parseCIDR(prefix)
    return address.kind() === network.kind() && address.match(network, length) ? length : -1
  }
}
