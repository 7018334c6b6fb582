// A browser as the API sees one: a cookie, and where the page comes from.

import type { Api } from './api-fixture.js'

/** A browser: keeps the cookie it was given, and says where it comes from. */
export function browser(api: Api) {
  let cookie = ''
  return {
    get cookie() {
      return cookie
    },
    async call(method: string, path: string, body?: unknown) {
      const headers = { cookie, origin: api.url, 'content-type': 'application/json' }
      const more = body === undefined ? {} : { body: JSON.stringify(body) }
      const answer = await api.call(path, { method, as: null, headers, ...more })
      const given = answer.headers.get('set-cookie')?.split(';')[0]
      if (given !== undefined) cookie = given
      return { status: answer.status, body: (answer.text === '' ? null : answer.json()) as Record<string, unknown> }
    },
  }
}
