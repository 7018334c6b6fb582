// Who an address is. Of IPv6 one machine is given 2^64 addresses, and whoever counts by address would count each.

import ipaddr from 'ipaddr.js'

/** Who an address is: itself, of IPv6 its /64. */
export function placeOf(address: string): string {
  if (!ipaddr.isValid(address)) return address
  const known = ipaddr.process(address)
  return known.kind() === 'ipv4'
    ? known.toString()
    : `${known.toNormalizedString().split(':').slice(0, 4).join(':')}::/64`
}
