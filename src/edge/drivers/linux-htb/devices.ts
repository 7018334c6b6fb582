// Which interfaces are shaped: the egress of those towards the institutions is `down`, of those towards the network
// `up`. A gateway may have several of either, and then each has a tree, filters and counters of its own; what a flow
// may send is divided over those of its direction (shares.ts).

import { type BitsPerSecond, MIN_LIFELINE } from '../../../model/units.js'
import { usageError } from '../../../runtime/errors.js'

/** Names of interfaces as settings and options have them: "eth1", "eth1,eth2" or a list. */
export type Interfaces = string | readonly string[]

export interface Device {
  readonly device: string
  readonly direction: 0 | 1
  /** What it can carry, where that is less than the port of the edge; null: nobody says. */
  readonly port: BitsPerSecond | null
}

/** Of one side. Each flow has a floor on each of them, and all floors together are to fit the least rate there is. */
const MOST_DEVICES = 4
/** Of a flow on each device beside others, bit/s. */
export const LEAST_SHARE: BitsPerSecond = MIN_LIFELINE / MOST_DEVICES / 2

/** Interface names as the kernel allows them, less what would need quoting. */
const DEVICE = /^[A-Za-z][A-Za-z0-9_.-]{0,14}$/
const OPTIONS = ['--lan', '--wan'] as const

export const interfacesOf = (names: Interfaces | null): readonly string[] =>
  (typeof names === 'string' ? names.split(',') : (names ?? []))
    .map((name) => name.trim())
    .filter((name) => name !== '')

/** LAN before WAN, as they were named. @throws MizaniError, exit code 2, when they cannot be shaped together. */
export function devicesOf(
  lan: Interfaces | null,
  wan: Interfaces | null,
  ports: Readonly<Record<string, BitsPerSecond>> = {},
): readonly Device[] {
  const sides = [interfacesOf(lan), interfacesOf(wan)] as const
  for (const [k, side] of sides.entries()) {
    if (side.length === 0) throw usageError(`${OPTIONS[k]} names no interface`)
    if (side.length > MOST_DEVICES)
      throw usageError(`${OPTIONS[k]} names ${side.length} interfaces, at most ${MOST_DEVICES} are possible`)
  }
  const devices = ([0, 1] as const).flatMap((direction) =>
    sides[direction].map((device) => ({ device, direction, port: ports[device] ?? null })),
  )
  for (const [k, { device }] of devices.entries()) {
    if (!DEVICE.test(device)) throw usageError(`"${device}" is not the name of a network interface`)
    if (devices.findIndex((other) => other.device === device) === k) continue
    throw usageError(`${device} is named twice: each direction is shaped on devices of its own`)
  }
  const stranger = Object.keys(ports).find((name) => !devices.some(({ device }) => device === name))
  if (stranger !== undefined) throw usageError(`edge.ports: "${stranger}" is neither in --lan nor in --wan`)
  return devices
}

export const namesOf = (devices: readonly Device[], direction: 0 | 1): readonly string[] =>
  devices.filter((one) => one.direction === direction).map(({ device }) => device)
