// Somebody is in, or half in: what they see then; or out, and what they leave behind: nothing.

import { emptyTab, type Left } from './browser.js'
import { type Me, Refused } from './call.js'
import { homeFor } from './home.js'
import type { Store } from './store.js'

export async function welcome(store: Store, me: Me): Promise<void> {
  store.notice.value = null
  if (me.lacks === null) {
    store.status.value = await store.call('get', '/v1/status', {}).catch(orNull)
    const address = (location.pathname === '/' ? homeFor(me.roles) : location.pathname) + location.search
    history.replaceState(null, '', address)
    await store.open(address)
  }
  store.me.value = me
}

export function leave(store: Store, why: Left): void {
  store.me.value = null
  store.codes.value = []
  emptyTab(why)
}

/** The page itself says that it is not ready yet. */
function orNull(error: unknown): null {
  if (error instanceof Refused) return null
  throw error
}
