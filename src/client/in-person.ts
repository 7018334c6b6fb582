// A person at a command line: signed in by name and password for one command, signed out after it. What two people are
// asked for is done so, and never by a token, which whoever finds it may use.

import { Socket } from 'node:net'
import { Readable } from 'node:stream'
import type { Settings } from '../runtime/config.js'
import { MizaniError, usageError } from '../runtime/errors.js'
import type { HttpAnswer, HttpCall } from '../runtime/http-call.js'
import type { Io } from '../runtime/io.js'
import { jsonOrNull } from '../runtime/json.js'
import type { Person } from '../runtime/person.js'

const SESSION = /^(?:__Host-)?mizani-session=[^;]+/
const LONGEST = 512

/** The controller that the command is for. */
type ReachedBy = (path: string, asked: Pick<HttpCall, 'method' | 'headers' | 'body'>) => Promise<HttpAnswer>

/** Settings of a command that somebody runs as themselves (`--as ACCOUNT`); as they are where nobody says so. */
export function asPerson(
  settings: Settings,
  account: string | undefined,
  io: Io,
  onPerson: (person: Person) => void,
): Settings {
  if (account === undefined) return settings
  let known: Promise<string> | undefined
  const person: Person = {
    account,
    password() {
      known ??= settings.password
        ? Promise.resolve(settings.password)
        : typed('password', account, io, 'MIZANI_PASSWORD_FILE')
      return known
    },
    code: () => (settings.code ? Promise.resolve(settings.code) : typed('code', account, io, 'MIZANI_CODE')),
    session: null,
  }
  onPerson(person)
  return { ...settings, client: { ...settings.client, token: null, person } }
}

/** By a person, or from standard input. */
async function typed(what: 'password' | 'code', account: string, io: Io, variable: string): Promise<string> {
  const text = await askSecret(io, `${what === 'code' ? 'Code' : 'Password'} of ${account}: `)
  if (text !== '') return text
  throw usageError(`Without the ${what} of ${account} nothing is done.`, `Type it, or name ${variable}.`)
}

/** Makes a call as the person, who signs in once a command. @throws MizaniError UNAUTHENTICATED, and what it throws. */
export async function callAs(
  person: Person,
  origin: string,
  reach: ReachedBy,
  call: (headers: Readonly<Record<string, string>>) => Promise<HttpAnswer>,
): Promise<HttpAnswer> {
  person.session ??= await begin(person, origin, reach)
  const answer = await call({ cookie: person.session.cookie, origin, 'content-type': 'application/json' })
  // A new password ends this session and begins another.
  person.session.cookie = sessionOf(answer) ?? person.session.cookie
  return answer
}

/** Signs out. */
export async function leave(person: Person): Promise<void> {
  // A session that is not ended now ends by itself.
  await person.session?.end().catch(() => undefined)
  person.session = null
}

async function begin(person: Person, origin: string, reach: ReachedBy): Promise<NonNullable<Person['session']>> {
  const { account } = person
  const headers = { 'content-type': 'application/json', accept: 'application/json', origin }
  const send = (path: string, body: object, cookie = {}) =>
    reach(path, { method: 'POST', headers: { ...headers, ...cookie }, body: JSON.stringify(body) })
  const answer = await send('/v1/session', { user: account, password: await person.password() })
  const cookie = sessionOf(answer)
  if (cookie === undefined) {
    const message = answer.status === 429 ? 'Too many wrong passwords: wait a while.' : `${account} is not let in.`
    throw new MizaniError({ code: 'UNAUTHENTICATED', message, advice: 'Is it the right name and password?' })
  }
  const session = {
    cookie,
    end: () => reach('/v1/session', { method: 'DELETE', headers: { ...headers, cookie: session.cookie }, body: '{}' }),
  }
  if (!isWaitingForCode(answer)) return session
  const proof = await send('/v1/session/factor', { code: await person.code() }, { cookie })
  // With the code the session has another secret.
  session.cookie = sessionOf(proof) ?? session.cookie
  if (proof.status < 400) return session
  await leave({ ...person, session })
  const message =
    proof.status === 429 ? 'Too many wrong codes: wait a while.' : `This is not the code of ${account} now.`
  throw new MizaniError({ code: 'UNAUTHENTICATED', message, advice: 'Each code works once: wait for the next one.' })
}

function isWaitingForCode({ body }: HttpAnswer): boolean {
  const me = jsonOrNull(body.toString())
  return typeof me === 'object' && me !== null && 'lacks' in me && me.lacks === 'code'
}

function sessionOf({ headers }: HttpAnswer): string | undefined {
  const cookies = [headers['set-cookie'] ?? []].flat()
  return cookies.map((text) => SESSION.exec(text)?.[0]).find((found) => found !== undefined)
}

/** Typed already, behind the line that was asked for: answers that come in one piece, by a pipe. */
const ahead = new WeakMap<object, string>()

/** A line that is not shown while it is typed. */
export async function askSecret({ stdin, stderr, isTTY }: Io, question: string): Promise<string> {
  const input = stdin?.()
  if (input === undefined) return ''
  if (isTTY) stderr.write(question)
  const terminal = isTerminal(input) ? input : null
  terminal?.setRawMode(true)
  try {
    return await lineOf(input)
  } finally {
    terminal?.setRawMode(false)
    if (isTTY) stderr.write('\n')
  }
}

async function lineOf(input: AsyncIterable<Uint8Array>): Promise<string> {
  const chunks = piecesOf(input)
  let text = ''
  for (let piece: string | undefined = ahead.get(input) ?? ''; piece !== undefined; piece = await chunks.next()) {
    ahead.delete(input)
    const signs = [...piece]
    for (const [n, sign] of signs.entries()) {
      if (sign === '\u0003') throw usageError('Nothing was done.')
      if (sign === '\r' || sign === '\n' || sign === '\u0004') {
        ahead.set(input, signs.slice(n + 1).join(''))
        await chunks.end()
        return text
      }
      text = sign === '\u007f' || sign === '\b' ? [...text].slice(0, -1).join('') : text + sign
    }
    if (text.length > LONGEST) break
  }
  await chunks.end()
  return text
}

/** What comes in, piece by piece; the stream is there for the next question. */
function piecesOf(input: AsyncIterable<Uint8Array>) {
  const stream = input instanceof Readable ? input : null
  if (stream instanceof Socket) stream.ref()
  const iterator = (stream?.iterator({ destroyOnReturn: false }) ?? input)[Symbol.asyncIterator]()
  return {
    async next(): Promise<string | undefined> {
      const { done, value } = await iterator.next()
      return done ? undefined : Buffer.from(value).toString()
    },
    async end(): Promise<void> {
      await iterator.return?.()
      stream?.pause()
      // Nobody waits for more: the process may end, though whoever writes does not.
      if (stream instanceof Socket) stream.unref()
    },
  }
}

const isTerminal = (input: unknown): input is NodeJS.ReadStream =>
  typeof input === 'object' && input !== null && 'setRawMode' in input && 'isTTY' in input && input.isTTY === true
