// The audit in memory: shared by two trails, may be away, may lose an answer, and lets a test spoil what is kept.

import { type Link, type Row, START } from '../../src/audit/chain.js'
import { newPrivateKey, signerOf } from '../../src/audit/signing.js'
import type { AuditStore } from '../../src/audit/store.js'
import { MizaniError } from '../../src/runtime/errors.js'

export function memoryAudit() {
  const state = { rows: [] as Row[], head: START as Link, base: START as Link, away: false, loseAnswer: false }
  const here = (): void => {
    if (state.away) throw new MizaniError({ code: 'STORE_UNAVAILABLE', remedy: 'retry', message: 'away' })
  }
  const port: AuditStore = {
    async ends() {
      here()
      return { base: state.base, head: state.head }
    },
    async append(end, rows) {
      here()
      if (end.n !== state.head.n || end.hash !== state.head.hash) return false
      state.rows.push(...rows)
      state.head = { n: rows.at(-1)!.n, hash: rows.at(-1)!.hash }
      if (state.loseAnswer) {
        state.loseAnswer = false
        throw new MizaniError({ code: 'OUTCOME_UNKNOWN', remedy: 'retry', message: 'the answer was lost' })
      }
      return true
    },
    async range(from, to, most, newestFirst) {
      here()
      const found = state.rows.filter(({ n }) => n >= from && n <= to)
      return (newestFirst ? found.reverse() : found).slice(0, most)
    },
    async rewrite(_ends, texts) {
      here()
      state.rows = state.rows.map((row) => ({ ...row, text: texts.get(row.n) ?? row.text }))
      return true
    },
    async trim({ n, hash }) {
      here()
      if (!state.rows.some((row) => row.n === n && row.hash === hash)) return false
      state.rows = state.rows.filter((row) => row.n > n)
      state.base = { n, hash }
      return true
    },
  }
  return Object.assign(state, { port })
}

/** Keys as a controller has them, in memory: one that signs, and whom else it trusts. */
export function memoryKeys({ since = 0, peers = [] as string[] } = {}) {
  const { publicKey, sign } = signerOf(newPrivateKey())
  return { publicKey, sign, since, trusted: () => new Set([publicKey, ...peers]) }
}
