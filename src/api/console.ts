// The console: pages that anybody may open, for there is nothing in them but what the API says to whoever asks. A page
// is made of the reader's own questions, asked once more inside with their own cookie: it passes the same gate and the
// same sight as they would, so no page shows what its reader could not ask for. Files beside it are named by their
// hash and never change.

import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { extname } from 'node:path'
import { promisify } from 'node:util'
import { brotliCompress, gzip, constants as zlib } from 'node:zlib'
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Transport } from '../console/call.js'
import type { ConsoleServer, Lang, PageAsked } from '../console/page-data.js'
import { ZONE_HEADER } from '../model/civil-time.js'
import * as z from '../runtime/zod.js'
import type { App, Context } from './app.js'
import { cookieOf, renewSession } from './guard.js'
import { takes } from './packed.js'
import { notFound } from './problem.js'

/** Both are everywhere; brotli is smaller, and browsers take it over TLS and from their own machine alone. */
type Coding = 'br' | 'gzip'

interface Asset {
  readonly type: string
  readonly plain: Buffer
  /** As it was packed for whoever asked for that first. */
  readonly packed: Map<Coding, Promise<Buffer>>
  /** Files that it cannot do without. */
  readonly imports: readonly string[]
}

export interface ConsoleFiles {
  readonly server: ConsoleServer
  readonly assets: ReadonlyMap<string, Asset>
}

const FOLDER = new URL('../console/', import.meta.url)
const TYPES: Readonly<Record<string, string>> = {
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
}

/** Reads what the build has made of src/console. */
export async function readConsole(): Promise<ConsoleFiles> {
  const folder = new URL('assets/', FOLDER)
  const assets = new Map<string, Asset>()
  for (const name of readdirSync(folder)) {
    const plain = readFileSync(new URL(name, folder))
    const imports = [...plain.toString().matchAll(/from"\.\/([\w.-]+)"/g)].map(([, file = '']) => file)
    assets.set(name, { type: TYPES[extname(name)] ?? 'application/octet-stream', plain, packed: new Map(), imports })
  }
  // A bundle of its own: it is no module of this program, whose compiler knows nothing of a browser.
  const server = (await import(new URL('server.js', FOLDER).href)) as ConsoleServer
  return { server, assets }
}

const gzipped = promisify(gzip)
const brotlied = promisify(brotliCompress)

/** In a thread of Node's own, so that nobody waits but who asks. */
function packedAs(coding: Coding, { plain, packed }: Asset): Promise<Buffer> {
  const known = packed.get(coding)
  if (known !== undefined) return known
  const pack =
    coding === 'br' ? brotlied(plain, { params: { [zlib.BROTLI_PARAM_QUALITY]: 9 } }) : gzipped(plain, { level: 9 })
  packed.set(coding, pack)
  return pack
}

/** Where a provider sends people: the page passes on what they bring. */
const BACK_FROM_PROVIDER = '/sign-in'
const OPEN = { access: 'open', produces: ['text/html', '*/*'] } as const
const anything = { hide: true, response: { 200: z.unknown(), 304: z.undefined() } }

/** What rules a document says nothing to a script or a style, and a page has many. */
const OF_FILES = {
  ...{ contentSecurityPolicy: false, frameguard: false, referrerPolicy: false, xssFilter: false },
  ...{ dnsPrefetchControl: false, ieNoOpen: false, permittedCrossDomainPolicies: false },
  ...{ crossOriginOpenerPolicy: false, originAgentCluster: false },
} as const

/** Nor are there times in it, or anything that somebody would ask about by its number. */
const OF_ANSWERS = [ZONE_HEADER, 'x-request-id']

type AnswerPage = (request: FastifyRequest, reply: FastifyReply) => Promise<FastifyReply>

/** Returns what answers with a page, whichever address it is. */
export function consoleRoutes(app: App, context: Context, files: ConsoleFiles): AnswerPage {
  const answer: AnswerPage = async (request, reply) => {
    const home = files.server.homeFor(context.identify(request)?.roles ?? [])
    if (home !== '/' && request.url.split('?', 1)[0] === '/') return reply.header('vary', VARY).redirect(home, 302)
    return answerPage(app, context, files, request, reply)
  }
  for (const pattern of [...files.server.patterns, BACK_FROM_PROVIDER])
    app.get(pattern, { config: OPEN, schema: anything }, answer)

  app.get(
    '/assets/:file',
    {
      config: { access: 'open', produces: ['*/*'] },
      schema: { ...anything, params: z.object({ file: z.string() }) },
      helmet: OF_FILES,
    },
    async (request, reply) => {
      const asset = files.assets.get(request.params.file)
      if (asset === undefined) throw notFound('file', request.params.file)
      const coding = codingFor(request)
      for (const name of OF_ANSWERS) reply.removeHeader(name)
      reply.header('cache-control', 'public, max-age=31536000, immutable').header('vary', 'accept-encoding')
      if (coding !== null) reply.header('content-encoding', coding)
      return reply.type(asset.type).send(coding === null ? asset.plain : await packedAs(coding, asset))
    },
  )
  return answer
}

/** Somebody before a browser, who has typed an address or followed an old link; not a program that asks the API. */
export const isForPerson = ({ method, url, headers: { accept = '' } }: FastifyRequest): boolean =>
  method === 'GET' && accept.includes('text/html') && !url.startsWith('/v1/')

/** Pages with what must not lie on a disk: accounts, sessions, the trail. */
const UNKEPT = /^\/(?:people|me|told|audit|sign-in)(?:[/?]|$)/

async function answerPage(
  app: App,
  { accounts }: Context,
  { server, assets: files }: ConsoleFiles,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<FastifyReply> {
  await renewSession(accounts.authenticator, request, reply)
  const lang = langOf(request, reply)
  const turn = (): Promise<void> => request.turn()
  const asked = { address: request.url, lang, send: asReader(app, request), turn, assets: assetsFor(files) }
  const html = await server.answer(asked)
  const etag = `"${createHash('sha256').update(html).digest('base64url').slice(0, 22)}"`
  const keep = UNKEPT.test(request.url) ? 'no-store' : 'private, no-cache'
  reply.header('etag', etag).header('cache-control', keep).header('vary', VARY)
  reply.header('content-language', lang)
  if (request.headers['if-none-match'] === etag) return reply.code(304).send()
  reply.type('text/html; charset=utf-8')
  if (!takes(request.headers, 'gzip')) return reply.send(html)
  return reply.header('content-encoding', 'gzip').send(await gzipped(html))
}

/** What a browser is told of at once, so that it need not find out file by file. */
const assetsFor =
  (files: ConsoleFiles['assets']): PageAsked['assets'] =>
  (page) => {
    const named = (start: string): string => [...files.keys()].find((name) => name.startsWith(`${start}-`)) ?? ''
    const script = named('main')
    const more = new Set([named(page)])
    for (const name of [script, ...more]) for (const file of files.get(name)?.imports ?? []) more.add(file)
    return { script, style: named('console'), more: [...more] }
  }

const VARY = 'cookie, accept-language, accept-encoding'

/** The reader's own question: from their address, with their cookie, and no other way in. */
function asReader(app: App, request: FastifyRequest): Transport {
  const secret = cookieOf(request)
  // Inside it is plain HTTP, whose cookie has the plain name.
  // And it is no question from this machine, whoever stands before it.
  const headers = {
    ...{ accept: 'application/json', host: 'console' },
    ...(secret === undefined ? {} : { cookie: `mizani-session=${secret}` }),
  }
  return async ({ address }) => {
    // A name that leads elsewhere is a name of nothing.
    if (/\/\.{1,2}(?:[/?]|$)/.test(address)) return { status: 404, body: { code: 'NOT_FOUND' } }
    const answer = await app.inject({ method: 'GET', url: address, headers, remoteAddress: request.ip })
    await request.turn()
    return { status: answer.statusCode, body: answer.json() }
  }
}

const LANGS: readonly Lang[] = ['en', 'sw']

/** As chosen here, or before, or as the browser says: the one it likes better, English where it likes both alike. */
function langOf(request: FastifyRequest, reply: FastifyReply): Lang {
  const { lang: chosen } = request.query as { readonly lang?: unknown }
  const known = LANGS.find((lang) => lang === chosen)
  if (known !== undefined) {
    const year = 31_536_000
    reply.setCookie('lang', known, {
      ...{ path: '/', maxAge: year, sameSite: 'strict', secure: request.protocol === 'https' },
    })
    return known
  }
  const kept = LANGS.find((lang) => lang === request.cookies.lang)
  return kept ?? likedMost(request.headers['accept-language'])
}

function likedMost(header = ''): Lang {
  let best: { readonly lang: Lang; readonly quality: number } = { lang: 'en', quality: 0 }
  for (const part of header.toLowerCase().split(',')) {
    const [range = '', ...parameters] = part.split(';').map((text) => text.trim())
    const lang = LANGS.find((known) => range === known || range.startsWith(`${known}-`))
    const quality = Number(parameters.find((parameter) => parameter.startsWith('q='))?.slice(2) ?? '1')
    if (lang !== undefined && quality > best.quality) best = { lang, quality }
  }
  return best.lang
}

const codingFor = ({ headers }: FastifyRequest): Coding | null =>
  (['br', 'gzip'] as const).find((coding) => takes(headers, coding)) ?? null
