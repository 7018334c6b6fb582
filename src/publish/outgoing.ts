// What goes out to edges: publications, each by one function call that passes the fence first (functions.lua), so that
// no one ever sees half of one. A decision is several where there are many edges, and any of them may arrive without
// the others. The profile that a message names goes with it until the store has said, in this term, that it has it.

import type { Serial } from '../model/lease.js'
import { MizaniError, messageOf } from '../runtime/errors.js'
import { MAX_DELTAS_KEPT } from '../runtime/limits.js'
import { callFunction, type Redis, remedyOf } from '../runtime/redis.js'
import { encodeRates } from '../wire/codec.js'
import type { EdgeMacs, MacsOf } from '../wire/mac.js'
import { DELTA_FIELD, type PlaneKeys } from '../wire/redis-keys.js'
import { contentLife } from './edge-lease.js'
import { LIBRARY } from './election.js'
import type { EdgePublication } from './publication.js'

/**
 * `fenced`: another term is in force, or none; nothing was published. `unknown`: no answer came; it may have been
 * published, and the very same publications are to be sent again. Else published; `lost` are edges whose profile or
 * snapshot the store no longer holds, or holds under keys that they have no more: who comes anew could not read it.
 */
export type PublishOutcome = 'fenced' | 'unknown' | { readonly lost: readonly string[] }

export interface Outgoing {
  /**
   * One publication, whole or not at all. Sending the same one again does nothing and is answered as the first time,
   * but without the edges that were lost.
   * @throws MizaniError STALE_SEQ (a later one was published), STORE_REFUSED.
   */
  publish(id: string, serial: Serial, publications: readonly EdgePublication[]): Promise<PublishOutcome>
}

export function outgoing(redis: Redis, keys: PlaneKeys, macsOf: MacsOf = () => null): Outgoing {
  /** Edge to the hash of the profile that this term has put into the store. */
  const stored = new Map<string, string>()
  let storedIn = 0
  /** Edge to what its snapshot in the store is signed with: its keys, and which generation of them. */
  const signed = new Map<string, { readonly macs: EdgeMacs | null; readonly generation: number | undefined }>()
  return {
    async publish(id, { epoch, seq }, publications) {
      if (epoch !== storedIn) stored.clear()
      const outdated: string[] = []
      storedIn = epoch
      const life = contentLife(Math.max(...publications.map(({ message }) => message.lease), 1))
      const names = [keys.head]
      const args: (string | Buffer)[] = [epoch, seq, id, life, MAX_DELTAS_KEPT, DELTA_FIELD].map(String)
      for (const { edge, profile, snapshot, message } of publications) {
        names.push(keys.profile(edge), keys.snap(edge), keys.delta(edge))
        const macs = macsOf(edge)
        const before = signed.get(edge)
        const generation = macs?.writes
        if (snapshot !== null) signed.set(edge, { macs, generation })
        else if (before && (before.macs !== macs || before.generation !== generation)) outdated.push(edge)
        const bytes = encodeRates(message, macs)
        args.push(keys.down(edge), stored.get(edge) === message.profile ? '' : profile)
        if (snapshot === message) args.push(bytes, '')
        else args.push(snapshot === null ? '' : encodeRates(snapshot, macs), bytes)
      }
      try {
        const [, ...places] = (await callFunction(redis, LIBRARY, 'mizani_publish_3', names, args)) as number[]
        const lost = places.map((place) => publications[place]!.edge)
        for (const { edge, message } of publications) stored.set(edge, message.profile)
        for (const edge of lost) stored.delete(edge)
        return { lost: [...lost, ...outdated] }
      } catch (error) {
        // What the store holds of profiles now is not known: they go again with the next publication.
        for (const { edge } of publications) stored.delete(edge)
        const text = messageOf(error)
        if (/\bFENCED\b/.test(text)) return 'fenced'
        if (remedyOf(error) === 'retry') return 'unknown'
        if (/\bSTALESEQ\b/.test(text)) throw new MizaniError({ code: 'STALE_SEQ', message: text, remedy: 'drop' })
        throw error
      }
    },
  }
}
