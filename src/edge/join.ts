// `mizani edge join`: the pasted line at work. It is read where nobody else looks: not among the arguments, which every
// user of the machine can list and every shell writes into its history. Then comes the fingerprint: whoever answers
// under another authority is told nothing. Then the one-time token is traded for credentials that no person ever sees.

import type { EdgeCredentials, EdgeKey } from '../model/edge-account.js'
import { FINGERPRINT, plainFingerprint, type Settings } from '../runtime/config.js'
import { MizaniError, usageError } from '../runtime/errors.js'
import { createHttpClient, pinnedAuthority } from '../runtime/http-call.js'
import type { Io } from '../runtime/io.js'
import { assertEncrypted } from '../runtime/unencrypted.js'
import * as z from '../runtime/zod.js'
import {
  assertWritable,
  credentialsFile,
  credentialsSchema,
  edgeKeysSchema,
  readCredentials,
  type StoredCredentials,
  writeCredentials,
  writeKeys,
} from './credentials.js'

const PATIENCE = 10_000
const MOST = 256 * 1024
const LONGEST_LINE = 4_096

export interface JoinArgs {
  /** What stood on the command line: nothing should. */
  readonly words: readonly string[]
  readonly settings: JoinSettings
}

export type JoinSettings = Pick<Settings, 'data' | 'inClear' | 'joinLine'>

export async function runEdgeJoin({ words, settings }: JoinArgs, io: Io): Promise<void> {
  if (words.length > 0) {
    throw usageError(
      'A token on a command line is seen by everybody on the machine, and kept in the history of the shell.',
      'Run `mizani edge join` and paste the line when it asks (or `< FILE`, or MIZANI_JOIN_FILE). ' +
        'Was this one good? It is known now: `mizani edge-user rotate EDGE` makes another.',
    )
  }
  const joined = await tradeLine(await readLine(settings, io), settings)
  io.stderr.write(`${wordsOf(joined)}\n`)
  io.stderr.write(`Start it: mizani edge --id ${joined.edge} --driver linux-htb --lan IF --wan IF\n`)
}

/** The line that was pasted, taken apart. */
export interface PastedLine {
  readonly edge: string
  readonly controllers: readonly Named[]
  readonly token: string
}

/**
 * EDGE ADDRESS FINGERPRINT TOKEN, as such or within what `edge-user add` prints for a shell.
 * @throws MizaniError USAGE, NEEDS_TLS.
 */
export async function readLine({ joinLine, inClear }: Omit<JoinSettings, 'data'>, io: Io): Promise<PastedLine> {
  const text = joinLine ?? (await ask(io))
  const [edge, address, fingerprint, token, ...more] = (/\becho '([^']*)'/.exec(text)?.[1] ?? text).trim().split(/\s+/)
  if (edge === undefined || address === undefined || !fingerprint || !token || more.length > 0)
    throw usageError('This is not the line that `mizani edge-user add` printed: EDGE ADDRESS FINGERPRINT TOKEN.')
  return { edge, controllers: controllersOf(address, fingerprint, inClear !== null), token }
}

export interface Joined {
  readonly edge: string
  readonly file: string
  readonly credentials: StoredCredentials
  /** The token was spent before, by this very gateway. */
  readonly before: boolean
}

/**
 * Trades the token. A line that was traded here before does no harm: what it was traded for is good still.
 * @param above what of the path of the data folder is not there when the agent runs: the root of an image.
 * @throws MizaniError NOT_JOINED, NOT_REACHED, FINGERPRINT, CREDENTIALS, NEEDS_TLS.
 */
export async function tradeLine(
  { edge, controllers, token }: PastedLine,
  { data, inClear }: Pick<Settings, 'data' | 'inClear'>,
  above = '',
): Promise<Joined> {
  const file = credentialsFile(data, edge)
  assertWritable(file)
  const { at, authorities } = await firstReached(controllers)
  const ca = authorities.length === 0 ? null : [...new Set(authorities)].join('\n')
  let credentials: EdgeCredentials
  try {
    credentials = await claim(at, ca, edge, token)
  } catch (error) {
    const held = await heldBefore(edge, file, inClear !== null)
    if (held === null) throw error
    return { edge, file, credentials: held, before: true }
  }
  // The addresses of the line come first, and of them the one that is known to work from here.
  const known = [...controllers.map(({ origin }) => origin), ...credentials.api.others]
  const others = [...new Set(known)].filter((one) => one !== at)
  const api = { ...credentials.api, address: at, others }
  const stored = { ...credentials, api, ca, keys: [] }
  writeCredentials(file, stored, file.slice(above.length))
  // A controller of the release before has none; where it is only away for a moment, the agent asks again.
  writeKeys(file, await fetchKeys(edge, { api, ca }).catch(() => []))
  // They are kept all the same: the token is spent.
  for (const one of [...others, ...(credentials.rates === null ? [] : [credentials.rates.address])])
    assertEncrypted(one, inClear !== null)
  return { edge, file, credentials: stored, before: false }
}

/** What this gateway has and a controller still takes; null: nothing. */
async function heldBefore(edge: string, file: string, isAccepted: boolean): Promise<StoredCredentials | null> {
  try {
    const held = readCredentials(file, isAccepted)
    if (held !== null) await fetchKeys(edge, held)
    return held
  } catch {
    // What is wrong with the token is what a person wants to hear.
    return null
  }
}

export function wordsOf({ edge, file, credentials: { plane, rates }, before }: Joined): string {
  const way = rates === null ? 'Rates will come by HTTP.' : 'Rates will come from the store.'
  return before
    ? `Edge ${edge} of plane ${plane} had joined before: its credentials in ${file} are good.`
    : `Edge ${edge} of plane ${plane} has its credentials in ${file}. ${way}`
}

/** A controller of the line, and by whom it is vouched for; null: whom this machine trusts. */
interface Named {
  readonly origin: string
  readonly fingerprint: string | null
}

/** One fingerprint is that of all, for they may share an authority; else each has its own. @throws USAGE. */
function controllersOf(addresses: string, fingerprints: string, isAccepted: boolean): readonly Named[] {
  const pins = fingerprints.split(',').map(plainFingerprint)
  const list = addresses.split(',')
  if (new Set(pins.map((pin) => pin === '-')).size > 1)
    throw usageError('Some have a fingerprint and some have "-": what is believed of one would be of all.')
  if (pins.some((pin) => pin !== '-' && !FINGERPRINT.test(pin)))
    throw usageError('A fingerprint is 64 hex digits, or "-".')
  if (pins.length !== 1 && pins.length !== list.length)
    throw usageError(`There are ${list.length} addresses and ${pins.length} fingerprints: say one, or one of each.`)
  return list.map((address, k) => {
    const url = URL.canParse(address) ? new URL(address) : null
    if (!url || !/^https?:$/.test(url.protocol))
      throw usageError(`"${address}" is no address such as https://host:8443.`)
    assertEncrypted(address, isAccepted)
    const pin = pins[k] ?? pins[0]!
    return { origin: url.origin, fingerprint: pin === '-' || url.protocol === 'http:' ? null : pin }
  })
}

/**
 * The first one that answers, and the certificates of those whose fingerprints were given, as far as they answer.
 * @throws MizaniError NOT_REACHED; FINGERPRINT when one is vouched for by another authority.
 */
async function firstReached(
  controllers: readonly Named[],
): Promise<{ readonly at: string; readonly authorities: readonly string[] }> {
  const asked = await Promise.allSettled(
    controllers.map(({ origin, fingerprint }) =>
      fingerprint === null ? isThere(origin) : pinnedAuthority(origin, fingerprint, PATIENCE),
    ),
  )
  const failures = asked.flatMap((one) => (one.status === 'rejected' ? [one.reason] : []))
  // Whoever answers under another authority is told nothing, and neither are the others.
  const foreign = failures.find((reason) => reason instanceof MizaniError && reason.code === 'FINGERPRINT')
  const first = asked.findIndex(({ status }) => status === 'fulfilled')
  if (foreign !== undefined || first < 0) throw foreign ?? failures[0]
  const authorities = asked.flatMap((one) => (one.status === 'fulfilled' && one.value !== null ? [one.value] : []))
  return { at: controllers[first]!.origin, authorities }
}

/** Null as soon as anything answers there. @throws MizaniError NOT_REACHED. */
async function isThere(origin: string): Promise<null> {
  const client = createHttpClient(origin, null)
  await client.call('/v1/health/live', { silence: PATIENCE, most: MOST }).finally(() => client.close())
  return null
}

async function claim(origin: string, ca: string | null, edge: string, token: string) {
  const client = createHttpClient(origin, ca)
  try {
    const { status, body } = await client.call(`/v1/edges/${encodeURIComponent(edge)}/credentials`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', accept: 'application/json' },
      body: JSON.stringify({ token }),
      silence: PATIENCE,
      most: MOST,
    })
    if (status !== 201) throw refused(status, body)
    return credentialsSchema.parse(JSON.parse(body.toString()))
  } finally {
    client.close()
  }
}

/**
 * The keys that there are now, by the token that an edge has, from the first controller that answers.
 * @throws MizaniError NOT_JOINED, NOT_REACHED.
 */
export async function fetchKeys(
  edge: string,
  { api, ca }: Pick<StoredCredentials, 'api' | 'ca'>,
): Promise<readonly EdgeKey[]> {
  const [origin, ...others] = [api.address, ...api.others]
  const client = createHttpClient(origin!, ca)
  try {
    const { status, body } = await client.call(`/v1/edges/${encodeURIComponent(edge)}/keys`, {
      method: 'POST',
      headers: { accept: 'application/json', authorization: `Bearer ${api.token}` },
      ...{ silence: PATIENCE, most: MOST },
    })
    if (status !== 200) throw refused(status, body)
    return z.object({ keys: edgeKeysSchema }).parse(JSON.parse(body.toString())).keys
  } catch (error) {
    const [address, ...rest] = others
    if (address === undefined || !(error instanceof MizaniError && error.code === 'NOT_REACHED')) throw error
    return await fetchKeys(edge, { api: { ...api, address, others: rest }, ca })
  } finally {
    client.close()
  }
}

/** The first line of standard input. */
async function ask({ stdin, stderr, isTTY }: Io): Promise<string> {
  if (isTTY) stderr.write('Paste the line that `mizani edge-user add` printed: ')
  let text = ''
  for await (const chunk of stdin?.() ?? []) {
    text += Buffer.from(chunk).toString()
    if (text.includes('\n') || text.length > LONGEST_LINE) break
  }
  return text.split('\n', 1)[0]!
}

function refused(status: number, body: Buffer): MizaniError {
  let detail = `answered with status ${status}`
  try {
    detail = String((JSON.parse(body.toString()) as { detail?: unknown }).detail ?? detail)
  } catch {
    // Not ours, then; the status says enough.
  }
  return new MizaniError({ code: 'NOT_JOINED', message: `The controller does not take the line: ${detail}` })
}
