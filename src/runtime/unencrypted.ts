// What would cross a network in clear: places on other machines that are spoken to without TLS. Whoever sits on the way
// would read passwords and write rates. Each is refused where it is named and again where it is dialled, for Sentinels
// and controllers name others; one switch (`unencrypted: accepted`) lives without, under an alarm that stays.

import { MizaniError } from './errors.js'
import { isLoopback } from './loopback.js'
import type { FileSettings } from './settings.js'
import { parseAddress, placeName } from './store-address.js'

const OTHERWISE = 'MIZANI_UNENCRYPTED=accepted lives without, under an alarm that stays'

export interface InClear {
  /** JSON pointer of the setting; null: the environment alone says it. */
  readonly pointer: string | null
  /** The setting and where it leads, without secrets. */
  readonly who: string
  /** The fault and its remedy. */
  readonly message: string
}

/** What the settings of a process name in clear. `url`: MIZANI_URL, where somebody has named it. */
export function namedInClear({ http, redis, edge }: FileSettings, url: string | null): InClear[] {
  const found: InClear[] = []
  const note = (pointer: string | null, where: string, fault: string, remedy: string): void => {
    const name = pointer === null ? 'MIZANI_URL' : pointer.slice(1).replaceAll('/', '.')
    found.push({ pointer, who: `${name} ${where}`, message: `${where} ${fault}: ${remedy}; ${OTHERWISE}` })
  }
  if (!isLoopback(http.host) && http.tls === null)
    note(
      '/http/host',
      http.host,
      'is open to other machines',
      'set http.tls (for a proxy on this one 127.0.0.1 will do)',
    )
  for (const [pointer, text] of [
    ['/http/publicUrl', http.publicUrl],
    ['/edge/device/address', edge.device?.address ?? null],
    ...http.controllers.map((each) => ['/http/controllers', each] as const),
    [null, url],
  ] as const) {
    if (text !== null && URL.canParse(text) && isUrlInClear(text)) note(pointer, new URL(text).host, ...OF_URL)
  }
  for (const key of ['durable', 'volatile', 'admin', 'forEdges'] as const) {
    const text = redis[key]
    if (text !== null && isStoreInClear(text)) note(`/redis/${key}`, placeName(text), ...OF_STORE)
  }
  return found
}

const OF_URL = ['is another machine, and http:// can be read on the way', 'name it by https://'] as const
const OF_STORE = [
  'is another machine, and redis:// can be read on the way',
  'name it by rediss:// (redis.tls.ca says who vouches for it)',
] as const

function isUrlInClear(text: string): boolean {
  const { protocol, hostname } = new URL(text)
  return protocol === 'http:' && !isLoopback(hostname)
}

function isStoreInClear(text: string): boolean {
  const { nodes, tls } = parseAddress(text)
  return tls === null && nodes.some(({ host }) => !isLoopback(host))
}

/** Before an address of a store or an API is dialled, whoever has named it. @throws MizaniError NEEDS_TLS. */
export function assertEncrypted(text: string, isAccepted: boolean): void {
  if (isAccepted) return
  if (!/^https?:/.test(text)) {
    if (isStoreInClear(text)) throw needsTls(placeName(text), ...OF_STORE)
  } else if (isUrlInClear(text)) throw needsTls(new URL(text).host, ...OF_URL)
}

function needsTls(where: string, fault: string, remedy: string): MizaniError {
  const advice = `${remedy[0]!.toUpperCase()}${remedy.slice(1)}; ${OTHERWISE}.`
  return new MizaniError({ code: 'NEEDS_TLS', exitCode: 2, message: `${where} ${fault}.`, advice })
}
