// The profile that a message names, fetched: rates are read with that one or not at all.

import type { Refusal } from '../model/lease.js'
import { messageOf } from '../runtime/errors.js'
import { isRefusal } from '../wire/bytes.js'
import type { ProfileInForce } from './memory.js'
import type { EdgeTransport } from './transport.js'

export async function readProfile(
  transport: EdgeTransport,
  edge: string,
  hash: string,
): Promise<ProfileInForce | Refusal> {
  try {
    const found = await transport.readProfile()
    if (found === null) return { code: 'PROFILE', detail: `profile ${hash} is not in the store` }
    if (isRefusal(found)) return found
    if (found.hash !== hash) return { code: 'PROFILE', detail: `expected profile ${hash}, found ${found.hash}` }
    if (found.profile.edge === edge) return found
    return { code: 'FOREIGN', detail: `this is the profile of edge ${found.profile.edge}` }
  } catch (error) {
    return { code: 'PROFILE', detail: `profile ${hash}: ${messageOf(error)}` }
  }
}
