// Whose traffic no site claims: a table of our own in nftables that counts, by address, what is forwarded to and from
// the LAN and matches no prefix of the profile. It changes no packet, delays none, and is gone when the look is over
// (also after a failure: the table is deleted first and last).

import type { EdgeProfile } from '../../model/lease.js'
import type { Direction } from '../../model/network.js'
import type { Milliseconds } from '../../model/units.js'
import type { Clock } from '../../runtime/clock.js'
import { MizaniError } from '../../runtime/errors.js'
import type { Exec } from '../drivers/linux-htb/exec.js'
import { disjoint, type Family, formatPrefix, parsePrefix } from '../drivers/linux-htb/prefixes.js'

export interface Stranger {
  readonly address: string
  readonly direction: Direction
  readonly bytes: number
  readonly packets: number
}

const TABLE = 'inet mizani-doctor'
/** Addresses that are remembered; a scan from outside must not fill the kernel's memory. */
const MOST_ADDRESSES = 4_096
const SHOWN = 20

/** The twenty that carried most, or what was seen until `ending`. @throws MizaniError KERNEL when nft refuses. */
export async function listenForUnmapped(
  lan: readonly string[],
  profile: EdgeProfile,
  duration: Milliseconds,
  { exec, clock, ending }: { readonly exec: Exec; readonly clock: Clock; readonly ending?: AbortSignal },
): Promise<readonly Stranger[]> {
  const run = async (args: readonly string[], input?: string): Promise<string> => {
    const { code, stdout, stderr } = await exec('nft', args, input)
    if (code === 0) return stdout
    const advice = 'This look needs nft and CAP_NET_ADMIN: run it as root.'
    throw new MizaniError({ code: 'KERNEL', message: `nft: ${stderr.trim().split('\n', 1)[0]}`, advice })
  }
  await run(['-f', '-'], tableText(lan, profile))
  try {
    await clock.sleep(duration, ending)
    return topOf(await run(['-j', 'list', 'table', ...TABLE.split(' ')]))
  } finally {
    await exec('nft', ['delete', 'table', ...TABLE.split(' ')])
  }
}

/** The table as nft reads it. */
export function tableText(lan: readonly string[], profile: EdgeProfile): string {
  const sides = lan.length === 1 ? `"${lan[0]}"` : `{ ${lan.map((name) => `"${name}"`).join(', ')} }`
  const prefixes = profile.institutions.flatMap(({ sites }) => sites.flatMap((site) => site.prefixes))
  const known = (family: Family): string => {
    const entries = prefixes.flatMap((text) => {
      const prefix = parsePrefix(text)
      return prefix ? [{ prefix, value: true }] : []
    })
    const elements = disjoint(entries, family).map(({ prefix }) => formatPrefix(prefix))
    const filled = elements.length === 0 ? '' : `\n  elements = { ${elements.join(', ')} }`
    return ` set known${family} {\n  type ipv${family}_addr\n  flags interval${filled}\n }`
  }
  const seen = (name: string, family: Family): string =>
    ` set ${name}${family} {\n  type ipv${family}_addr\n  size ${MOST_ADDRESSES}\n  flags dynamic\n  counter\n }`
  const rules = (['down', 'up'] as const).flatMap((direction) => {
    const [side, end] = direction === 'down' ? ['oifname', 'daddr'] : ['iifname', 'saddr']
    return ([4, 6] as const).map((family) => {
      const ip = family === 4 ? 'ip' : 'ip6'
      return `  ${side} ${sides} ${ip} ${end} != @known${family} update @${direction}${family} { ${ip} ${end} counter }`
    })
  })
  return [
    `add table ${TABLE}`,
    `delete table ${TABLE}`,
    `table ${TABLE} {`,
    known(4),
    known(6),
    ...(['down', 'up'] as const).flatMap((direction) => [seen(direction, 4), seen(direction, 6)]),
    ' chain look {',
    '  type filter hook forward priority 100; policy accept;',
    ...rules,
    ' }',
    '}',
    '',
  ].join('\n')
}

interface Counted {
  readonly elem?: { readonly val?: unknown; readonly counter?: { readonly bytes: number; readonly packets: number } }
}

/** Reads `nft -j list table`. */
function topOf(json: string): readonly Stranger[] {
  const { nftables } = JSON.parse(json) as { nftables: { set?: { name: string; elem?: readonly Counted[] } }[] }
  return nftables
    .flatMap(({ set }): Stranger[] => {
      const [, direction] = /^(down|up)[46]$/.exec(set?.name ?? '') ?? []
      if (direction !== 'down' && direction !== 'up') return []
      return (set?.elem ?? []).flatMap(({ elem }) =>
        typeof elem?.val === 'string' && elem.counter
          ? [{ address: elem.val, direction, bytes: elem.counter.bytes, packets: elem.counter.packets }]
          : [],
      )
    })
    .sort((a, b) => b.bytes - a.bytes || (a.address < b.address ? -1 : 1))
    .slice(0, SHOWN)
}
