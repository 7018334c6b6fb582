// What only a browser has: fetch with the session's cookie, the cookie that keeps the language, the tab's own memory.

import type { Asked, Transport } from './call.js'
import { after } from './clock.js'
import type { Lang } from './page-data.js'

/** An answer that takes longer never comes: the longest are a verified trail, and a change tried on a slow machine. */
const PATIENCE = { GET: 60_000, other: 300_000 }

/** Same origin, with the session's cookie, JSON in and out. */
export const fetched: Transport = async ({ method, address, body, headers = {} }: Asked) => {
  const json: Record<string, string> = body === undefined ? {} : { 'content-type': 'application/json' }
  const stop = new AbortController()
  // Not AbortSignal.timeout, which keeps what was answered until its time is up.
  const cancel = after(method === 'GET' ? PATIENCE.GET : PATIENCE.other, () => stop.abort())
  try {
    const answer = await fetch(address, {
      ...{ method, headers: { accept: 'application/json', ...json, ...headers }, credentials: 'same-origin' },
      signal: stop.signal,
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })
    const text = await answer.text()
    return {
      ...{ status: answer.status, body: text === '' ? null : JSON.parse(text) },
      etag: answer.headers.get('etag'),
    }
  } finally {
    cancel()
  }
}

const YEAR = 31_536_000

/** The server reads it when it makes a page. */
export function keepLang(lang: Lang): void {
  const secure = location.protocol === 'https:' ? '; secure' : ''
  // biome-ignore lint/suspicious/noDocumentCookie: the Cookie Store API is not in every browser yet
  document.cookie = `lang=${lang}; path=/; max-age=${YEAR}; samesite=strict${secure}`
}

/**
 * Keeps the secret of the first sign-in for this tab alone, so that a reload does not lose the only link there is;
 * null: it is spent.
 */
export function keepFirst(secret: string | null): string | null {
  try {
    if (secret === null) sessionStorage.removeItem('first')
    else sessionStorage.setItem('first', secret)
  } catch {
    // Storage may be switched off: then a reload loses the link.
  }
  return secret
}

function readFirst(): string | null {
  try {
    return sessionStorage.getItem('first')
  } catch {
    return null
  }
}

/** The secret in the address, which is taken out of the address bar and the history before anything else. */
export function firstSecret(): string | null {
  const secret = /^#\/first\/([\w-]+)$/.exec(location.hash)?.[1] ?? null
  if (secret === null) return readFirst()
  history.replaceState(null, '', location.pathname)
  return keepFirst(secret)
}

/** Why somebody is out. */
export type Left = 'signedOut' | 'sessionOver'

/**
 * Whoever comes next in this tab finds nothing of whoever was here: no draft, no sheet, no code, and nothing that a
 * page has kept, for the page begins anew.
 */
export function emptyTab(why: Left): void {
  try {
    sessionStorage.clear()
    sessionStorage.setItem('left', why)
  } catch {
    // Storage may be switched off: then there is nothing in it.
  }
  history.replaceState(null, '', location.pathname + location.search)
  location.reload()
}

/** Said once, on the page that begins anew. */
export function readLeft(): Left | null {
  try {
    const why = sessionStorage.getItem('left')
    sessionStorage.removeItem('left')
    return why === 'signedOut' || why === 'sessionOver' ? why : null
  } catch {
    return null
  }
}

/** Whether letters are short cuts; a person may switch them off (WCAG 2.1.4). */
export function readKeys(): boolean {
  try {
    return localStorage.getItem('keys') !== 'off'
  } catch {
    return true
  }
}

export function keepKeys(on: boolean): void {
  try {
    localStorage.setItem('keys', on ? 'on' : 'off')
  } catch {
    // Storage may be switched off: the choice lasts until the page is left.
  }
}

/** What somebody has written and not saved, in this tab; null: it is saved, or thrown away. */
export function keepDraft(name: string, text: string | null): void {
  try {
    if (text === null) sessionStorage.removeItem(`draft ${name}`)
    else sessionStorage.setItem(`draft ${name}`, text)
  } catch {
    // Storage may be switched off or full: then a reload loses what is too long for the address.
  }
}

export function readDraft(name: string): string | null {
  try {
    return sessionStorage.getItem(`draft ${name}`)
  } catch {
    return null
  }
}
