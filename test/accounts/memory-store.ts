// An account store in memory that may be shared by two controllers and may be away.

import type { PasswordCost } from '../../src/accounts/passwords.js'
import type { AccountStore } from '../../src/accounts/store.js'
import { MizaniError } from '../../src/runtime/errors.js'
import { type Sealing, sealingOfMoment } from '../../src/runtime/sealing.js'

/** Of passwords that nobody has to guess. */
export const CHEAP: PasswordCost = { N: 2 ** 10, r: 8, p: 1 }

export function memoryStore() {
  const hash = new Map<string, string>()
  const store = {
    away: false,
    writes: 0,
    text: (): string => JSON.stringify([...hash]),
  }
  const here = (): void => {
    if (store.away) throw new MizaniError({ code: 'STORE_UNAVAILABLE', remedy: 'retry', message: 'away' })
  }
  const version = (): number => Number(hash.get('version') ?? 0)
  const port: AccountStore = {
    async version() {
      here()
      return version()
    },
    async read() {
      here()
      return Object.fromEntries(hash)
    },
    async write(expected, writes) {
      here()
      if (expected !== version()) return false
      for (const [field, text] of writes) {
        if (text === null) hash.delete(field)
        else hash.set(field, text)
      }
      hash.set('version', String(expected + 1))
      store.writes++
      return true
    },
  }
  return Object.assign(store, { port })
}

let seal: Sealing | undefined
/** A real one. */
export function testSeal(): Sealing {
  seal ??= sealingOfMoment()
  return seal
}
