// Requests to an address that somebody entered, guarded against server-side request forgery (nobody turns us against
// our own machine or network): the host must be on the allow list, its name is resolved once, every address it has is
// checked, and the request goes to the very address that was checked. A redirect is an answer, never a new address.

import { lookup } from 'node:dns/promises'
import { request as plainRequest } from 'node:http'
import { request as tlsRequest } from 'node:https'
import type { LookupFunction } from 'node:net'
import { networkInterfaces } from 'node:os'
import ipaddr from 'ipaddr.js'
import type { Bytes } from '../model/units.js'
import { type ErrorCode, MizaniError, messageOf } from '../runtime/errors.js'

export interface RequestRules {
  /** Host names, or host:port. */
  readonly allow: readonly string[]
  /** Ports that this process listens on: never called on this machine. */
  ownPorts(): readonly number[]
  /** For tests, whose receivers are on this machine. */
  readonly loopback?: boolean
  readonly resolve?: (host: string) => Promise<readonly string[]>
}

const resolveByDns = async (host: string): Promise<string[]> =>
  (await lookup(host, { all: true, verbatim: true })).map(({ address }) => address)

/** Kinds of address (as ipaddr.js names them) that may be called; `private` because gateways for SMS stand inside. */
const CALLABLE = new Set(['unicast', 'private', 'uniqueLocal'])

export interface Target {
  readonly url: URL
  readonly address: string
}

/** @throws MizaniError BAD_REQUEST and why. */
export async function targetOf(text: string, rules: RequestRules): Promise<Target> {
  const url = allowedUrl(text, rules.allow)
  const host = url.hostname.replace(/^\[|\]$/g, '')
  const addresses = ipaddr.isValid(host) ? [host] : await addressesOf(host, rules.resolve)
  const [first] = addresses
  if (first === undefined) throw refused(`${host} has no address`)
  // One bad address among good ones is how a name is rebound; then none is called.
  for (const address of addresses) checkAddress(address, portOf(url), rules)
  return { url, address: first }
}

async function addressesOf(
  host: string,
  resolve: NonNullable<RequestRules['resolve']> = resolveByDns,
): Promise<readonly string[]> {
  try {
    return await resolve(host)
  } catch (error) {
    const advice = 'Is it spelt right, and known to DNS here?'
    throw refused(`the name ${host} leads nowhere (${messageOf(error)})`, advice, NAME_UNKNOWN)
  }
}

/** The part that needs no network. */
function allowedUrl(text: string, allow: readonly string[]): URL {
  if (!URL.canParse(text)) throw refused('this is not an address')
  const url = new URL(text)
  if (url.protocol !== 'https:' && url.protocol !== 'http:') throw refused('only https and http are called')
  if (url.username !== '' || url.password !== '') throw refused('a password does not belong into an address')
  if (!allow.includes(url.hostname) && !allow.includes(`${url.hostname}:${portOf(url)}`))
    throw refused(
      `${url.hostname} is not in webhooks.allow`,
      allow.length === 0
        ? 'No host is allowed yet: whoever runs the controller names it under webhooks.allow in the settings.'
        : `Allowed are: ${allow.join(', ')}. Whoever runs the controller adds to webhooks.allow in the settings.`,
    )
  return url
}

function checkAddress(text: string, port: number, { loopback = false, ownPorts }: RequestRules): void {
  // ::ffff:127.0.0.1 is 127.0.0.1.
  const address = ipaddr.process(text)
  const range = address.range()
  const own = range === 'loopback' || isOurs(address.toString())
  if (own && ownPorts().includes(port)) throw refused(`${text} port ${port} is this very service`)
  if (CALLABLE.has(range) || (range === 'loopback' && loopback)) return
  throw refused(`${text} is a ${range} address`, 'A receiver stands on another machine, under an address of its own.')
}

const isOurs = (address: string): boolean =>
  Object.values(networkInterfaces()).some((list) => list?.some((own) => own.address === address) ?? false)

const portOf = ({ port, protocol }: URL): number => Number(port) || (protocol === 'https:' ? 443 : 80)

/** A name that nobody knows now may be known tomorrow; every other refusal is for good. */
export const NAME_UNKNOWN = 'NAME_UNKNOWN'

function refused(why: string, advice?: string, code: ErrorCode = 'BAD_REQUEST'): MizaniError {
  const parts = { code, remedy: 'drop', message: `This is not called: ${why}.` } as const
  return new MizaniError(advice === undefined ? parts : { ...parts, advice })
}

export interface Posted {
  readonly status: number
  /** How the answer begins; empty: it has no text. */
  readonly text: string
}

/** Of an answer, for whoever looks for what is wrong. */
const MOST_TEXT: Bytes = 500

/** Posts once. @throws Error when no answer comes before `over` aborts. */
export function post(
  { url, address }: Target,
  body: string,
  headers: Readonly<Record<string, string>>,
  over: AbortSignal,
): Promise<Posted> {
  const family = ipaddr.parse(address).kind() === 'ipv6' ? 6 : 4
  const pinned: LookupFunction = (_host, options, done) =>
    options.all ? done(null, [{ address, family }]) : done(null, address, family)
  const send = url.protocol === 'https:' ? tlsRequest : plainRequest
  return new Promise((resolve, reject) => {
    const call = send(url, { method: 'POST', headers, lookup: pinned, agent: false, signal: over }, (answer) => {
      const chunks: Buffer[] = []
      let size = 0
      answer.on('data', (chunk: Buffer) => {
        chunks.push(chunk)
        size += chunk.length
        if (size >= MOST_TEXT) answer.destroy()
      })
      // The status is the answer; what follows it may break off.
      answer.on('error', () => undefined)
      answer.once('close', () => {
        resolve({ status: answer.statusCode ?? 0, text: Buffer.concat(chunks).toString().slice(0, MOST_TEXT).trim() })
      })
    })
    call.on('error', reject)
    call.once('upgrade', (_answer, socket) => {
      socket.destroy()
      reject(new Error('it speaks another protocol'))
    })
    call.end(body)
  })
}
