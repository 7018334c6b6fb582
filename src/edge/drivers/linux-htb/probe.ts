// What this machine offers the driver, and what keeps it from enforcing here. Looks and changes nothing.

import { messageOf } from '../../../runtime/errors.js'
import type { Capabilities } from '../../driver.js'
import { type Device, namesOf } from './devices.js'
import type { Kernel, Queues } from './kernel.js'
import type { QueueKind } from './leaf-queue.js'
import type { ObservedTable } from './nft.js'
import type { ObservedU32 } from './u32.js'

export type FilterTool = 'nft' | 'u32'

/** What stands on one device and in front of it. */
export interface Side extends Queues, Device {
  /** There is no such interface at present. */
  readonly isAway: boolean
  readonly filter: { readonly tool: 'nft'; readonly table: ObservedTable } | ({ readonly tool: 'u32' } & ObservedU32)
}

export async function probe(
  kernel: Kernel,
  devices: readonly Device[],
  filter: FilterTool,
  queue: QueueKind,
): Promise<Capabilities> {
  const [tc, nft, admin, htb] = await Promise.all([
    kernel.tcVersion(),
    kernel.nftVersion(),
    kernel.mayAdminister(),
    kernel.hasHtb(),
  ])
  const obstacles: string[] = []
  if (tc === null) obstacles.push('tc is not installed: apt-get install iproute2')
  if (!admin) obstacles.push('CAP_NET_ADMIN is missing: run as root or with AmbientCapabilities=CAP_NET_ADMIN')
  if (!htb) obstacles.push('this kernel has no HTB (module sch_htb)')
  const trouble = async (device: string): Promise<string | null> => {
    try {
      const { root } = await kernel.queues(device)
      return root.owner === 'foreign' ? foreignText(device, root) : null
    } catch (error) {
      return messageOf(error)
    }
  }
  const troubles = tc === null ? [] : await Promise.all(devices.map(({ device }) => trouble(device)))
  obstacles.push(...troubles.flatMap((text) => text ?? []))

  const limited = 'u32: cannot see upload behind address translation, VLANs or acknowledgements'
  const facts = {
    lan: namesOf(devices, 0).join(),
    wan: namesOf(devices, 1).join(),
    tc: tc ?? 'missing',
    nft: nft ?? 'missing',
    filter: filter === 'nft' ? 'nftables' : limited,
    queue,
  }
  return { facts, obstacles }
}

export const foreignText = (
  device: string,
  { kind, handle }: { readonly kind: string; readonly handle: string },
): string =>
  `${device} has a ${kind} queue (${handle}) that Mizani did not set: \`tc qdisc del dev ${device} root\` removes it`
