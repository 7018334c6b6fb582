// A person at a command line: signed in by name and password for one command, signed out after it. What two people are
// asked for is done so, and never by a token, which whoever finds it may use.

import type { Settings } from '../runtime/config.js'
import { MizaniError, usageError } from '../runtime/errors.js'
import type { HttpAnswer, HttpCall } from '../runtime/http-call.js'
import type { Io } from '../runtime/io.js'

const SESSION = /^mizani-session=[^;]+/
const LONGEST = 512

/** The controller that the command is for. */
type ReachedBy = (path: string, asked: Pick<HttpCall, 'method' | 'headers' | 'body'>) => Promise<HttpAnswer>

export interface Person {
  readonly account: string
  /** Asked for once. */
  password(): Promise<string>
}

/** Settings of a command that somebody runs as themselves (`--as ACCOUNT`); as they are where nobody says so. */
export function asPerson(settings: Settings, account: string | undefined, io: Io): Settings {
  if (account === undefined) return settings
  let known: Promise<string> | undefined
  const password = (): Promise<string> => {
    known ??= settings.password ? Promise.resolve(settings.password) : typed(account, io)
    return known
  }
  return { ...settings, client: { ...settings.client, token: null, person: { account, password } } }
}

/** By a person, or from standard input. */
async function typed(account: string, io: Io): Promise<string> {
  const password = await askSecret(io, `Password of ${account}: `)
  if (password !== '') return password
  throw usageError(`Without the password of ${account} nothing is done.`, 'Type it, or name MIZANI_PASSWORD_FILE.')
}

/** Makes one call as the person. @throws MizaniError UNAUTHENTICATED, and what the call throws. */
export async function callAs(
  { account, password }: Person,
  origin: string,
  reach: ReachedBy,
  call: (headers: Readonly<Record<string, string>>) => Promise<HttpAnswer>,
): Promise<HttpAnswer> {
  const headers = { 'content-type': 'application/json', accept: 'application/json', origin }
  const body = JSON.stringify({ user: account, password: await password() })
  const answer = await reach('/v1/session', { method: 'POST', headers, body })
  let cookie = sessionOf(answer)
  if (cookie === undefined) {
    const message = answer.status === 429 ? 'Too many wrong passwords: wait a while.' : `${account} is not let in.`
    throw new MizaniError({ code: 'UNAUTHENTICATED', message, advice: 'Is it the right name and password?' })
  }
  try {
    const answer = await call({ cookie, origin, 'content-type': 'application/json' })
    // A new password ends this session and begins another.
    cookie = sessionOf(answer) ?? cookie
    return answer
  } finally {
    // One that is not ended now ends by itself.
    await reach('/v1/session', { method: 'DELETE', headers: { ...headers, cookie }, body: '{}' }).catch(() => undefined)
  }
}

function sessionOf({ headers }: HttpAnswer): string | undefined {
  const cookies = [headers['set-cookie'] ?? []].flat()
  return cookies.map((text) => SESSION.exec(text)?.[0]).find((found) => found !== undefined)
}

/** A line that is not shown while it is typed. */
export async function askSecret({ stdin, stderr, isTTY }: Io, question: string): Promise<string> {
  const input = stdin?.()
  if (input === undefined) return ''
  if (isTTY) stderr.write(question)
  const terminal = isTerminal(input) ? input : null
  terminal?.setRawMode(true)
  try {
    let text = ''
    for await (const chunk of input) {
      for (const sign of Buffer.from(chunk).toString()) {
        if (sign === '\u0003') throw usageError('Nothing was done.')
        if (sign === '\r' || sign === '\n' || sign === '\u0004') return text
        text = sign === '\u007f' || sign === '\b' ? [...text].slice(0, -1).join('') : text + sign
      }
      if (text.length > LONGEST) break
    }
    return text
  } finally {
    terminal?.setRawMode(false)
    if (isTTY) stderr.write('\n')
  }
}

const isTerminal = (input: unknown): input is NodeJS.ReadStream =>
  typeof input === 'object' && input !== null && 'setRawMode' in input && 'isTTY' in input && input.isTTY === true
