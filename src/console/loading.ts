// What a page needs before it is drawn, as the server gets it.

import { createCall, type Me, Refused, type Status, type Transport } from './call.js'
import type { Lang, PageData } from './page-data.js'
import { findPage } from './routes.js'

/** Of somebody who is not signed in, or only by half, there is nothing. @throws what keeps the API from answering. */
export async function loadPage(send: Transport, address: string, lang: Lang): Promise<PageData> {
  const call = createCall(send)
  const nobody: PageData = { address, lang, me: null, status: null, data: null, problem: null }
  let [me, status]: [Me | null, Status | null] = [null, null]
  try {
    me = await call('get', '/v1/me', {})
    if (me.lacks !== null) return { ...nobody, me }
    const { page, address: parts } = await findPage(address)
    status = await call('get', '/v1/status', {})
    return { ...nobody, me, status, data: await page.load({ call, address: parts, isFirst: true }) }
  } catch (error) {
    if (!(error instanceof Refused)) throw error
    // Only this is nobody: whoever was let in and cannot be told apart now is told why, and not asked to sign in.
    if (error.status === 401) return nobody
    return { ...nobody, me, status, problem: error.code }
  }
}
