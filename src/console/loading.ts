// What a page needs before it is drawn, as the server gets it.

import { createCall, Refused, type Status, type Transport } from './call.js'
import type { Lang, PageData } from './page-data.js'
import { findPage } from './routes.js'

/** Of somebody who is not signed in, or only by half, there is nothing. @throws what keeps the API from answering. */
export async function loadPage(send: Transport, address: string, lang: Lang): Promise<PageData> {
  const call = createCall(send)
  const nobody: PageData = { address, lang, me: null, status: null, data: null, problem: null }
  const me = await call('get', '/v1/me', {}).catch(orNull)
  if (me === null || me.lacks !== null) return { ...nobody, me }
  const { page, address: parts } = await findPage(address)
  let status: Status | null = null
  try {
    status = await call('get', '/v1/status', {})
    return { ...nobody, me, status, data: await page.load({ call, address: parts, isFirst: true }) }
  } catch (error) {
    if (!(error instanceof Refused)) throw error
    return { ...nobody, me, status, problem: error.code }
  }
}

function orNull(error: unknown): null {
  if (error instanceof Refused) return null
  throw error
}
