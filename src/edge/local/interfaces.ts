// Which interfaces of a gateway are which, as far as the machine tells: the default route leads to the network, and
// what else has an address leads to institutions.

import { readFileSync } from 'node:fs'
import { networkInterfaces } from 'node:os'

export interface Interfaces {
  /** Towards the institutions; several with commas between; null: there is none. */
  readonly lan: string | null
  readonly wan: string | null
}

/** What virtual machines, containers and tunnels make for themselves. */
const BESIDE = /^(?:docker|virbr|veth|cni|flannel|podman|lxcbr|lxdbr|tun|tap|wg|ifb)|^br-[0-9a-f]{12}$/

/** @param read content of a file of /proc */
export function guessInterfaces(
  addresses: ReturnType<typeof networkInterfaces> = networkInterfaces(),
  read: (file: string) => string = (file) => readFileSync(file, 'utf8'),
): Interfaces {
  const wan = defaultRoute(read)
  const lan = Object.entries(addresses).flatMap(([name, list = []]) =>
    name !== wan && !BESIDE.test(name) && list.some(({ internal, scopeid = 0 }) => !internal && scopeid === 0)
      ? [name]
      : [],
  )
  return { wan, lan: lan.length === 0 ? null : lan.join(',') }
}

/** The device of the default route that is taken first: the one of the least metric; by IPv6 where IPv4 has none. */
function defaultRoute(read: (file: string) => string): string | null {
  const rows = (file: string): string[][] => {
    try {
      return read(file)
        .split('\n')
        .map((line) => line.trim().split(/\s+/))
    } catch {
      // A kernel without that family has no such file.
      return []
    }
  }
  // Interface, destination, …, metric (7th, decimal), mask (8th).
  const four = rows('/proc/net/route').flatMap(([device, to, , , , , metric, mask]) =>
    to === '00000000' && mask === '00000000' ? [{ device: device!, metric: Number(metric) }] : [],
  )
  // Destination, length, …, metric (6th, hexadecimal), …, device; what the kernel refuses leads over lo.
  const six = rows('/proc/net/ipv6_route').flatMap((row) =>
    /^0{32}$/.test(row[0] ?? '') && row[1] === '00' && row[9] !== 'lo'
      ? [{ device: row[9]!, metric: Number.parseInt(row[5]!, 16) }]
      : [],
  )
  const [first] = (four.length > 0 ? four : six).toSorted((a, b) => a.metric - b.metric)
  return first?.device ?? null
}
