// The accounts in the durable store: read whole, written by compare-and-set on their version.

import { DurableStore } from '../runtime/durable.js'
import { type Redis, readLibrary } from '../runtime/redis.js'
import { keys } from '../wire/redis-keys.js'

const LIBRARY = readLibrary(new URL('./functions.lua', import.meta.url))
const WRITE = 'mizani_accounts_write_1'

export interface AccountStore {
  version(): Promise<number>
  /** The whole hash; see records.ts. */
  read(): Promise<Readonly<Record<string, string>>>
  /** Each field with its new text; null removes it. False: the accounts are at another version. */
  write(version: number, writes: readonly (readonly [field: string, text: string | null])[]): Promise<boolean>
}

export function redisAccountStore({ redis, plane }: { readonly redis: Redis; readonly plane: string }): AccountStore {
  const store = new DurableStore({ redis })
  const { accounts } = keys(plane)
  const reading = 'Reading the accounts'
  return {
    version: async () => Number((await store.read(reading, () => redis.hget(accounts, 'version'))) ?? 0),
    read: () => store.read(reading, () => redis.hgetall(accounts)),
    async write(version, writes) {
      await store.assertDurable()
      const args = writes.flatMap(([field, text]) => [field, text ?? ''])
      const reply = await store.call(LIBRARY, WRITE, [accounts], [String(version), ...args], 'Writing the accounts')
      return (reply as string[])[0] === 'OK'
    },
  }
}
