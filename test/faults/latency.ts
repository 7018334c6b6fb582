// From the publication of a content to its being in force at an edge, as seen from outside both.

import { setTimeout as sleep } from 'node:timers/promises'
import { connect } from '../../src/runtime/redis.js'
import { isRefusal } from '../../src/wire/bytes.js'
import { decodeRates } from '../../src/wire/codec.js'
import type { World } from './world.js'

const clock = (): number => Number(process.hrtime.bigint()) / 1e6

/** How long after its publication each content is applied by an edge, ms. */
export async function latencies(world: World, edge: string, time: number): Promise<number[]> {
  const subscriber = connect(world.volatile.url, 'controller-subscriber')
  const published = new Map<string, number>()
  subscriber.on('messageBuffer', (_: Buffer, bytes: Buffer) => {
    const message = decodeRates(bytes, { edge })
    if (!isRefusal(message)) published.set(`${message.epoch}.${message.seq}`, clock())
  })
  await subscriber.subscribe(world.keysOf(edge).down)
  const first = world.witness.events.length
  await sleep(time)
  subscriber.disconnect()
  const found = world.witness.events.slice(first).flatMap((said) => {
    if (said.kind !== 'says' || said.edge !== edge || said.applied === null) return []
    const at = published.get(`${said.applied.epoch}.${said.applied.seq}`)
    return at === undefined ? [] : [said.at - at]
  })
  return found.sort((a, b) => a - b)
}

export const p99 = (sorted: readonly number[]): number => sorted[Math.floor(0.99 * (sorted.length - 1))] ?? Number.NaN
