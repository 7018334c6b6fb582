// A large body of JSON, not read yet: a policy, or thousands of changes. Reading one may take a sixth of a second, so
// it is handed on as the bytes it came as, to the thread that looks at what it would do.

import { jsonOrNull } from '../runtime/json.js'
import { MAX_JSON_HERE, MAX_JSON_SHEET } from '../runtime/limits.js'
import * as z from '../runtime/zod.js'
import type { App } from './app.js'

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Its large bodies are handed on as they came. */
    unread?: boolean
  }
}

export class UnreadBody {
  readonly json: Uint8Array

  constructor(json: Uint8Array) {
    this.json = json
  }
}

export const unreadBody = z.instanceof(UnreadBody)

/** Added before the routes. */
export function leaveLargeUnread(app: App): void {
  const readJson = app.getDefaultJsonParser('error', 'error')
  app.removeContentTypeParser('application/json')
  app.addContentTypeParser('application/json', { parseAs: 'buffer' }, (request, body, done) => {
    // Read as a buffer, as it says above.
    const bytes = body as Buffer
    if (request.routeOptions.config.unread && bytes.length > MAX_JSON_HERE)
      return done(null, new UnreadBody(new Uint8Array(bytes)))
    readJson(request, bytes.toString(), done)
  })
}

/** What the body says, for whoever has to look into it here; null: it is too large for that, or no JSON. */
export function readHere(body: unknown): unknown {
  if (!(body instanceof UnreadBody)) return body
  return body.json.length > MAX_JSON_SHEET ? null : jsonOrNull(Buffer.from(body.json).toString())
}
