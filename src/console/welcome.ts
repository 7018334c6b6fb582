// Somebody is in, or half in: what they see then.

import { type Me, Refused } from './call.js'
import type { Store } from './store.js'

export async function welcome(store: Store, me: Me): Promise<void> {
  store.notice.value = null
  if (me.lacks === null) {
    store.status.value = await store.call('get', '/v1/status', {}).catch(orNull)
    await store.open(location.pathname + location.search)
  }
  store.me.value = me
}

/** The page itself says that it is not ready yet. */
function orNull(error: unknown): null {
  if (error instanceof Refused) return null
  throw error
}
