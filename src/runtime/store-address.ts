// Where a store is and how one gets in, as one line of text: it travels through settings, files and processes as one
// thing, and every part that connects is handed just that.
//
//   redis://user:secret@host:6379/0                           one server
//   rediss://user:secret@host:6379?ca=FILE&servername=NAME    ... over TLS
//   redis+sentinel://user:secret@host:26379,host:26379/NAME   whoever these Sentinels call the master of NAME
//   rediss+sentinel://...                                     ... over TLS, to the Sentinels as well
//   unix:///path                                              a socket on this machine
//
// TLS: `ca`, `certificate` and `key` name PEM files (certificate and key where the server asks for one of the client),
// `servername` is the name the server's certificate must carry; the host's own unless said. The Sentinels may have an
// account of their own: `sentinel-user`, `sentinel-password`. A secret stands here as in any URL, percent-encoded.
// `unencrypted=accepted` is put behind an address by the switch of that name (unencrypted.ts), and means nothing in one
// that a setting names.

import { MizaniError } from './errors.js'

export interface TlsFiles {
  readonly ca: string | null
  readonly certificate: string | null
  readonly key: string | null
  readonly servername: string | null
}

export interface StoreNode {
  readonly host: string
  readonly port: number
}

export interface StoreAddress {
  /** Servers, or Sentinels where `master` is a name; empty for a socket. */
  readonly nodes: readonly StoreNode[]
  readonly master: string | null
  readonly path: string | null
  readonly db: number
  readonly user: string | null
  readonly secret: string | null
  readonly tls: TlsFiles | null
  readonly sentinelUser: string | null
  readonly sentinelSecret: string | null
  /** Other machines may be spoken to without TLS. */
  readonly isAccepted: boolean
}

const SHAPE = /^(rediss?(?:\+sentinel)?|unix):\/\/(?:([^@/?]*)@)?([^/?@]*)(\/[^?]*)?(?:\?(.*))?$/
const NODE = /^(\[[\da-f:.]+\]|[\w.-]+)(?::(\d{1,5}))?$/i
const UNENCRYPTED = 'unencrypted'
const PARAMETERS = ['ca', 'certificate', 'key', 'servername', 'sentinel-user', 'sentinel-password', UNENCRYPTED]
const PORT = 6_379
const SENTINEL_PORT = 26_379

/** @throws MizaniError STORE_ADDRESS saying what is wrong with it, without the secret in it. */
export function parseAddress(text: string): StoreAddress {
  const [, scheme, account = '', place = '', rest = '', query = ''] =
    SHAPE.exec(text) ?? refuse('it is no such address')
  const [user = '', secret = ''] = account.split(/:(.*)/s).map(decodeURIComponent)
  const parameters = new URLSearchParams(query)
  for (const name of parameters.keys()) if (!PARAMETERS.includes(name)) refuse(`it has no parameter "${name}"`)
  const parameter = (name: string): string | null => parameters.get(name) || null
  const sentinel = scheme!.endsWith('+sentinel')
  const file = (name: string): string | null => parameter(name)
  const named = rest.slice(1)
  if (scheme === 'unix' && (named === '' || place !== '')) refuse('a socket is named as unix:///path')
  if (sentinel && named === '') refuse('after the Sentinels comes the name of the master: /NAME')
  if (!sentinel && place.includes(',')) refuse('several hosts are for Sentinels only')
  if (!sentinel && scheme !== 'unix' && !/^\d{0,3}$/.test(named))
    refuse('after the host comes the number of a database')
  const tls = scheme!.startsWith('rediss')
  const files = { ca: file('ca'), certificate: file('certificate'), key: file('key'), servername: file('servername') }
  if (!tls && Object.values(files).some((value) => value !== null)) refuse('certificates are for rediss:// only')
  if ((files.certificate === null) !== (files.key === null)) refuse('certificate and key belong together')
  return {
    nodes: scheme === 'unix' ? [] : place.split(',').map((node) => nodeOf(node, sentinel ? SENTINEL_PORT : PORT)),
    master: sentinel ? decodeURIComponent(named) : null,
    path: scheme === 'unix' ? decodeURIComponent(rest) : null,
    db: sentinel || scheme === 'unix' ? 0 : Number(named),
    user: user || null,
    secret: secret || null,
    tls: tls ? files : null,
    sentinelUser: parameter('sentinel-user'),
    sentinelSecret: parameter('sentinel-password'),
    isAccepted: parameter(UNENCRYPTED) === 'accepted',
  }
}

/** Null: it is an address; else what is wrong with it. */
export function faultOfAddress(text: string): string | null {
  try {
    parseAddress(text)
    return null
  } catch (error) {
    return error instanceof MizaniError ? error.message : 'it is no such address'
  }
}

/** The same place for somebody else; null: for nobody yet. */
export function withAccount(text: string, account: { readonly user: string; readonly secret: string } | null): string {
  const bare = text.replace(/^([a-z+]+:\/\/)[^@/?]*@/, '$1')
  if (account === null) return bare
  const userinfo = `${encodeURIComponent(account.user)}:${encodeURIComponent(account.secret)}`
  return bare.replace('://', `://${userinfo}@`)
}

/** The same place for another machine: without the account and the files that are ours alone. */
export function forOthers(text: string): string {
  const [before, query = ''] = withAccount(text, null).split('?', 2)
  const servername = new URLSearchParams(query).get('servername')
  return servername === null ? before! : `${before}?${new URLSearchParams({ servername })}`
}

/** The same way in at one node, past any Sentinels. */
export function withNode(text: string, { host, port }: StoreNode): string {
  const { user, secret, tls } = parseAddress(text)
  const query = new URLSearchParams(text.split('?', 2)[1] ?? '')
  for (const name of ['sentinel-user', 'sentinel-password']) query.delete(name)
  const place = `${host.includes(':') ? `[${host}]` : host}:${port}`
  const bare = `${tls === null ? 'redis' : 'rediss'}://${place}${query.size === 0 ? '' : `?${query}`}`
  return user === null ? bare : withAccount(bare, { user, secret: secret ?? '' })
}

/** The same address with these TLS files, where it does not name its own. */
export function withTls(text: string, tls: Partial<TlsFiles>): string {
  const { tls: own } = parseAddress(text)
  if (own === null) return text
  const [before, query = ''] = text.split('?', 2)
  const parameters = new URLSearchParams(query)
  for (const [name, value] of Object.entries(tls)) {
    if (value && !parameters.has(name)) parameters.set(name, value)
  }
  return parameters.size === 0 ? text : `${before}?${parameters}`
}

/** The same address, and that it may be dialled without TLS. */
export function withoutTls(text: string): string {
  const [before, query = ''] = text.split('?', 2)
  const parameters = new URLSearchParams(query)
  parameters.set(UNENCRYPTED, 'accepted')
  return parseAddress(text).tls === null ? `${before}?${parameters}` : text
}

/** For messages: where it is, and nothing secret. */
export function placeName(text: string): string {
  const { nodes, master, path } = parseAddress(text)
  const hosts = nodes.map(({ host, port }) => `${host.includes(':') ? `[${host}]` : host}:${port}`).join(',')
  return path ?? (master === null ? hosts : `${master} (Sentinels ${hosts})`)
}

function nodeOf(text: string, port: number): StoreNode {
  const [, host, given] = NODE.exec(text) ?? refuse(`"${text}" is no host and port`)
  return { host: host!.replace(/^\[|\]$/g, ''), port: given === undefined ? port : Number(given) }
}

function refuse(why: string): never {
  throw new MizaniError({
    code: 'STORE_ADDRESS',
    exitCode: 2,
    message: `expected an address such as redis://host:6379; ${why}`,
    advice: 'Also: rediss:// for TLS, redis+sentinel://host:26379,host:26379/NAME, unix:///path.',
  })
}
