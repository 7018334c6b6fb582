// The start page: a few files without anything secret in them, so that whoever reaches the server can sign in. They are
// read once; the page gets all it shows from the API.

import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { z } from 'zod'
import type { App } from './app.js'

const FILES = [
  { url: '/', file: 'index.html', type: 'text/html; charset=utf-8' },
  { url: '/page.mjs', file: 'page.mjs', type: 'text/javascript; charset=utf-8' },
  { url: '/call.mjs', file: 'call.mjs', type: 'text/javascript; charset=utf-8' },
  { url: '/factor.mjs', file: 'factor.mjs', type: 'text/javascript; charset=utf-8' },
  { url: '/messages.mjs', file: 'messages.mjs', type: 'text/javascript; charset=utf-8' },
  { url: '/sign-in', file: 'provider.html', type: 'text/html; charset=utf-8' },
  { url: '/provider-button.mjs', file: 'provider-button.mjs', type: 'text/javascript; charset=utf-8' },
  { url: '/provider.mjs', file: 'provider.mjs', type: 'text/javascript; charset=utf-8' },
  { url: '/provider-words.mjs', file: 'provider-words.mjs', type: 'text/javascript; charset=utf-8' },
  // Its words are those of everybody; browsers know no folder above the root.
  { url: '/model/glossary.mjs', file: '../../model/glossary.mjs', type: 'text/javascript; charset=utf-8' },
  { url: '/page.css', file: 'page.css', type: 'text/css; charset=utf-8' },
] as const

export function startPage(app: App): void {
  for (const { url, file, type } of FILES) {
    const content = readFileSync(new URL(`./page/${file}`, import.meta.url))
    const etag = `"${createHash('sha256').update(content).digest('base64url').slice(0, 22)}"`
    app.get(
      url,
      {
        config: { access: 'open', produces: ['text/html', 'text/css', 'text/javascript', '*/*'] },
        schema: { hide: true, response: { 200: z.unknown(), 304: z.undefined() } },
      },
      (request, reply) => {
        reply.header('etag', etag).header('cache-control', 'no-cache')
        if (request.headers['if-none-match'] === etag) return reply.code(304).send()
        return reply.type(type).send(content)
      },
    )
  }
}
