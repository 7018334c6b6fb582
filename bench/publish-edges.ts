// The edges of bench/publish.ts, in a process of their own: each subscribes with its own store user, decodes and
// verifies whatever it is sent, and notes when it was done, on the machine's monotonic clock. Messages, not rates,
// are the subject: nothing is enforced. For the baseline an edge only looks up which message it holds.

import type { EdgeKey } from '../src/model/edge-account.js'
import { connect } from '../src/runtime/redis.js'
import { isRefusal } from '../src/wire/bytes.js'
import { decodeRates } from '../src/wire/codec.js'
import { EdgeMacs } from '../src/wire/mac.js'
import { keys } from '../src/wire/redis-keys.js'

export interface EdgeAccount {
  readonly edge: string
  readonly url: string
  /** Empty: nothing is signed. */
  readonly keys: readonly EdgeKey[]
}

export interface Arrival {
  readonly seq: number
  /** process.hrtime of the machine, nanoseconds, as text. */
  readonly at: string
}

/** Where the lower half of a message's seq stands: see src/wire/codec.ts. */
const LOW_SEQ = 20

interface Order {
  readonly plane: string
  readonly accounts: readonly EdgeAccount[]
  /** Messages in all after which to report. */
  readonly expected: number
  readonly decodes: boolean
}

process.once('message', async ({ plane, accounts, expected, decodes }: Order) => {
  const arrivals: { readonly seq: number; readonly at: bigint }[] = []
  let refused = 0
  const connections = accounts.map(({ edge, url, keys: own }) => {
    const macs = own.length > 0 ? new EdgeMacs(own, 'edge') : null
    const redis = connect(url, 'edge-subscriber')
    redis.on('messageBuffer', (_channel: Buffer, bytes: Buffer) => {
      const message = decodes ? decodeRates(bytes, { edge, macs }) : { seq: bytes.readUInt32BE(LOW_SEQ) }
      if (isRefusal(message)) refused++
      else arrivals.push({ seq: message.seq, at: process.hrtime.bigint() })
      if (arrivals.length + refused < expected) return
      const told: Arrival[] = arrivals.map(({ seq, at }) => ({ seq, at: String(at) }))
      process.send!({ arrivals: told, refused }, () => process.exit(0))
    })
    return redis.subscribe(keys(plane).down(edge))
  })
  await Promise.all(connections)
  process.send!('listening')
})
