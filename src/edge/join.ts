// `mizani edge join`: the pasted line at work. It is read where nobody else looks: not among the arguments, which every
// user of the machine can list and every shell writes into its history. Then comes the fingerprint: whoever answers
// under another authority is told nothing. Then the one-time token is traded for credentials that no person ever sees.

import { z } from 'zod'
import type { EdgeKey } from '../model/edge-account.js'
import { FINGERPRINT, plainFingerprint, type Settings } from '../runtime/config.js'
import { MizaniError, usageError } from '../runtime/errors.js'
import { createHttpClient, pinnedAuthority } from '../runtime/http-call.js'
import type { Io } from '../runtime/io.js'
import { assertEncrypted } from '../runtime/unencrypted.js'
import {
  assertWritable,
  credentialsFile,
  credentialsSchema,
  edgeKeysSchema,
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
  readonly settings: Pick<Settings, 'data' | 'inClear' | 'joinLine'>
}

export async function runEdgeJoin({ words, settings }: JoinArgs, io: Io): Promise<void> {
  if (words.length > 0) {
    throw usageError(
      'A token on a command line is seen by everybody on the machine, and kept in the history of the shell.',
      'Run `mizani edge join` and paste the line when it asks (or `< FILE`, or MIZANI_JOIN_FILE). ' +
        'Was this one good? It is known now: `mizani edge-user rotate EDGE` makes another.',
    )
  }
  const line = settings.joinLine ?? (await ask(io))
  const [edge, address, fingerprint, token, ...more] = line.trim().split(/\s+/)
  if (edge === undefined || address === undefined || !fingerprint || !token || more.length > 0)
    throw usageError('This is not the line that `mizani edge-user add` printed: EDGE ADDRESS FINGERPRINT TOKEN.')
  const url = URL.canParse(address) ? new URL(address) : null
  if (!url || !/^https?:$/.test(url.protocol)) throw usageError(`"${address}" is no address such as https://host:8443.`)
  assertEncrypted(address, settings.inClear !== null)
  const file = credentialsFile(settings.data, edge)
  assertWritable(file)
  const pinned = plainFingerprint(fingerprint)
  if (pinned !== '-' && !FINGERPRINT.test(pinned)) throw usageError('The fingerprint is 64 hex digits, or "-".')
  const ca = pinned === '-' || url.protocol === 'http:' ? null : await pinnedAuthority(url.origin, pinned, PATIENCE)
  const client = createHttpClient(url.origin, ca)
  try {
    const { status, body } = await client.call(`/v1/edges/${encodeURIComponent(edge)}/credentials`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', accept: 'application/json' },
      body: JSON.stringify({ token }),
      silence: PATIENCE,
      most: MOST,
    })
    if (status !== 201) throw refused(status, body)
    const credentials = credentialsSchema.parse(JSON.parse(body.toString()))
    // The address of the line is one that is known to work from here.
    const api = { ...credentials.api, address: url.origin }
    writeCredentials(file, { ...credentials, api, ca, keys: [] })
    // A controller of the release before has none; where it is only away for a moment, the agent asks again.
    writeKeys(file, await fetchKeys(edge, { api, ca }).catch(() => []))
    // They are kept all the same: the token is spent.
    if (credentials.rates !== null) assertEncrypted(credentials.rates.address, settings.inClear !== null)
    const way = credentials.rates === null ? 'Rates will come by HTTP.' : 'Rates will come from the store.'
    io.stderr.write(`Edge ${edge} of plane ${credentials.plane} has its credentials in ${file}. ${way}\n`)
    io.stderr.write(`Start it: mizani edge --id ${edge} --driver linux-htb --lan IF --wan IF\n`)
  } finally {
    client.close()
  }
}

/** The keys that there are now, by the token that an edge has. @throws MizaniError NOT_JOINED. */
export async function fetchKeys(
  edge: string,
  { api, ca }: Pick<StoredCredentials, 'api' | 'ca'>,
): Promise<readonly EdgeKey[]> {
  const client = createHttpClient(api.address, ca)
  try {
    const { status, body } = await client.call(`/v1/edges/${encodeURIComponent(edge)}/keys`, {
      method: 'POST',
      headers: { accept: 'application/json', authorization: `Bearer ${api.token}` },
      ...{ silence: PATIENCE, most: MOST },
    })
    if (status !== 200) throw refused(status, body)
    return z.object({ keys: edgeKeysSchema }).parse(JSON.parse(body.toString())).keys
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
