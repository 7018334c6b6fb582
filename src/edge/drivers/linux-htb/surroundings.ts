// Looks beside the shaped interfaces: what escapes.ts says of the kernel's answers, and how much of what the interfaces
// carried no class has counted.
//
// Two meters, of which neither sees what the other does: what the forward hook saw leave by other interfaces (nft.ts),
// exact to the packet; and what a device has sent beyond the sum of its classes, as what goes round packet filter and
// queue does. The second is low where segments are gathered, for a class counts each of their headers, and lets pass
// four bytes a packet, the checksum that some devices count.

import type { Bytes } from '../../../model/units.js'
import type { Surroundings } from '../../driver.js'
import { type Device, namesOf } from './devices.js'
import {
  escapesOf,
  type IpLink,
  type IpRoute,
  type IpRule,
  kindOf,
  type Looked,
  uncountedOf,
  underOf,
} from './escapes.js'
import { type Kernel, ofPresent } from './kernel.js'
import { CONTROL_MINOR, leafName, UNMAPPED_MINOR } from './layout.js'
import type { QueueKind } from './leaf-queue.js'
import { CARRIERS, type PastBytes, parseFlowtables, parsePast, tableName } from './nft.js'
import type { CountedTree } from './parse.js'

const CHECKSUM: Bytes = 4
/** What may leave between two readings of one look: 5 ms of 10 Gbit/s. */
const MOST_OWED: Bytes = 6_250_000
const NOTHING: PastBytes = [new Map(), new Map()]
const DIRECTIONS = [0, 1] as const

interface Sent {
  /** By the device. */
  readonly frames: Bytes
  readonly packets: number
  /** By its classes. */
  readonly classes: Bytes
}

export function createSurroundings(kernel: Kernel, devices: readonly Device[], full: () => readonly boolean[]) {
  const [lan, wan] = [namesOf(devices, 0), namesOf(devices, 1)]
  const total: [Bytes, Bytes] = [0, 0]
  /** Counted by classes before the device said so; at most 0. */
  const owed: [Bytes, Bytes] = [0, 0]
  let last: { readonly past: PastBytes; readonly sent: readonly (Sent | null)[] } = { past: NOTHING, sent: [] }

  const sentBy = (link: IpLink | undefined, tree: CountedTree | null): Sent | null => {
    const tx = link?.stats64?.tx
    return tx && tree && tree.size > 0 ? { frames: tx.bytes, packets: tx.packets, classes: sumOf(tree) } : null
  }

  return async function look(isNft: boolean, queue: QueueKind): Promise<Surroundings> {
    // In this order: what leaves in between is counted by classes alone, and owed until the next look.
    const [links = []] = ((await kernel.ip(['-d', '-s'], 'link show')) ?? []) as IpLink[][]
    const trees = await ofPresent(devices, (device) => kernel.counters(device, queue))
    const [rules = [], defaults = []] = (await kernel.ip([], 'rule', 'route show table all exact default')) ?? []
    const [rules6 = []] = (await kernel.ip(['-6'], 'rule')) ?? []
    const [table, flowtables] = isNft
      ? await Promise.all([kernel.list(`table ${tableName(1, wan[0]!)}`), kernel.list('flowtables')])
      : [null, null]
    const past = table === null ? null : parsePast(table)
    const looked: Looked = {
      ...{ lan, wan, links },
      defaults: defaults as IpRoute[],
      rules: [...(rules as IpRule[]), ...(rules6 as IpRule[])],
      flowtables: flowtables === null ? new Map() : parseFlowtables(flowtables),
      past: past ? since(last.past, past) : NOTHING,
      carriedBy: await carriersOf(kernel, links),
    }
    const shaped = devices.map(({ device }) => links.find(({ ifname }) => ifname === device))
    const sent = shaped.map((link, k) => sentBy(link, trees[k]!))
    const beside = uncountedOf(looked)
    for (const direction of DIRECTIONS) {
      const beyond = devices.map((one, k) => (one.direction === direction ? excess(last.sent[k], sent[k]) : 0))
      const more = owed[direction] + beyond.reduce((a, b) => a + b, 0)
      owed[direction] = Math.max(Math.min(more, 0), -MOST_OWED)
      total[direction] += beside[direction] + Math.max(more, 0)
    }
    last = { past: past ?? last.past, sent }
    return {
      escapes: escapesOf(looked),
      uncounted: past ? { down: total[0], up: total[1] } : null,
      devices: devices.map(({ device, direction }, k) => ({
        ...{ device, side: direction === 0 ? 'lan' : 'wan', state: shaped[k] ? stateOf(shaped[k]) : 'away' },
        sent: shaped[k]?.stats64?.tx.bytes ?? 0,
        isFull: full()[k] ?? false,
      })),
    }
  }
}

/** Whether it carries; some kinds of devices never say. */
const stateOf = ({ operstate = 'UNKNOWN', flags = [] }: IpLink): 'up' | 'down' =>
  operstate === 'UP' || (operstate === 'UNKNOWN' && flags.includes('UP')) ? 'up' : 'down'

/** Tunnels that do not say on which device they lie, by where the kernel would send what they carry. */
async function carriersOf(kernel: Kernel, links: readonly IpLink[]): Promise<Map<string, string>> {
  const far = links.flatMap((link) => {
    const remote = link.linkinfo?.info_data?.remote
    const asks = CARRIERS.includes(kindOf(link)) && underOf(link, new Map()) === null && remote && remote !== 'any'
    return asks ? [[link.ifname, remote] as const] : []
  })
  if (far.length === 0) return new Map()
  const answers = await Promise.all(far.map(([, remote]) => kernel.ip([], `route get ${remote}`)))
  return new Map(
    far.flatMap(([device], k) => {
      const [route] = (answers[k]?.[0] ?? []) as IpRoute[]
      return route?.dev === undefined ? [] : [[device, route.dev] as const]
    }),
  )
}

function since(before: PastBytes, now: PastBytes): PastBytes {
  const grown = (k: 0 | 1) =>
    new Map(
      [...now[k]].map(([device, bytes]) => {
        const known = before[k].get(device) ?? 0
        return [device, bytes >= known ? bytes - known : bytes] as const
      }),
    )
  return [grown(0), grown(1)]
}

/** What a device sent beyond its classes, below 0 where they counted more; 0 where either began to count anew. */
function excess(before: Sent | null | undefined, now: Sent | null | undefined): Bytes {
  if (!before || !now || now.classes < before.classes || now.frames < before.frames) return 0
  const packets = now.packets - before.packets
  return now.frames - before.frames - CHECKSUM * packets - (now.classes - before.classes)
}

function sumOf(tree: CountedTree): Bytes {
  let sum = 0
  for (const { minor, bytes } of tree.values()) {
    if (leafName(minor) || minor === UNMAPPED_MINOR || minor === CONTROL_MINOR) sum += bytes
  }
  return sum
}
