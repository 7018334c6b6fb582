// Which shaped interfaces do not carry, told from the kernel's list of links. Pure.

import type { IdleDevice } from '../../driver.js'
import type { IpLink } from './escapes.js'

const IDLE = ['DOWN', 'LOWERLAYERDOWN', 'NOTPRESENT']

export const idleOf = (links: readonly IpLink[], devices: readonly string[]): IdleDevice[] =>
  devices.flatMap((device) => {
    const link = links.find(({ ifname }) => ifname === device)
    return link && !IDLE.includes(link.operstate ?? '') ? [] : [{ device, isThere: link !== undefined }]
  })
