// `mizani user` and `mizani token`, by the API. A secret is printed once, to stdout alone, so that it can be sent into
// a file; what is said about it goes to stderr.

import { randomBytes } from 'node:crypto'
import type { Role, Scope } from '../model/principal.js'
import type { Settings } from '../runtime/config.js'
import { usageError } from '../runtime/errors.js'
import type { Io } from '../runtime/io.js'
import { readSecretFile } from '../runtime/secret-file.js'
import { createApiClient, everyPage, forPeople } from './api-client.js'
import type { ApiAnswered } from './api-operations.js'
import { askSecret } from './in-person.js'

type ClientSettings = Pick<Settings, 'client' | 'data'>

type User = ApiAnswered<'get', '/v1/users'>['items'][number]

export interface NewUserArgs {
  readonly id: string
  readonly name?: string | undefined
  readonly roles: readonly Role[]
  readonly scope: Scope | null
  /** Acts by tokens alone. */
  readonly service: boolean
  /** File of mode 0600; absent: a password is made and printed. */
  readonly passwordFile?: string | undefined
  readonly json: boolean
  readonly settings: ClientSettings
}

export async function runUserAdd(args: NewUserArgs, io: Io): Promise<void> {
  const { id, name, roles, scope, service, passwordFile, json, settings } = args
  const made = !service && passwordFile === undefined ? randomBytes(15).toString('base64url') : null
  const password = passwordFile === undefined ? made : readSecretFile(passwordFile)
  const body = { id, name, roles, scope, password: service ? null : password }
  const answer = await createApiClient(settings).ask('post', '/v1/users', { body })
  if (json) return print(io, { ...answer.body, password: made })
  io.stderr.write(`${id} has an account now.${made === null ? '' : ' The password, shown this once:'}\n`)
  if (made !== null) io.stdout.write(`${made}\n`)
}

export interface UserChangeArgs {
  readonly id: string
  readonly change: { readonly roles?: readonly Role[]; readonly scope?: Scope | null; readonly disabled?: boolean }
  readonly json: boolean
  readonly settings: ClientSettings
}

/** Says what the account leaves behind, for somebody to look after. */
export async function runUserChange({ id, change, json, settings }: UserChangeArgs, io: Io): Promise<void> {
  const { body } = await createApiClient(settings).ask('patch', '/v1/users/{id}', { path: { id }, body: change })
  const { user, left } = body
  if (json) return print(io, { user, left })
  io.stdout.write(`${lineOf(user)}\n`)
  if (left.sessions > 0) io.stderr.write(`Ended: ${left.sessions} sessions.\n`)
  for (const token of left.tokens) io.stderr.write(`Ended: token ${token.id} (${token.name}).\n`)
  for (const { kind, id: what } of left.owned) io.stderr.write(`Still owned by ${id}: ${kind} ${what}.\n`)
}

interface One {
  readonly id: string
  readonly json: boolean
  readonly settings: ClientSettings
}

export async function runUserShow({ id, json, settings }: One, io: Io): Promise<void> {
  const { body } = await createApiClient(settings).ask('get', '/v1/users/{id}', { path: { id } })
  if (json) return print(io, body)
  io.stdout.write(`${lineOf(body)}\n`)
}

/** For somebody who has forgotten it: sessions and tokens end. */
export async function runUserPassword(
  { id, passwordFile, json, settings }: One & { readonly passwordFile?: string },
  io: Io,
): Promise<void> {
  const made = passwordFile === undefined ? randomBytes(15).toString('base64url') : null
  const password = made ?? readSecretFile(passwordFile!)
  const asked = { path: { id }, body: { password } }
  const { body } = await createApiClient(settings).ask('patch', '/v1/users/{id}', asked)
  if (json) return print(io, { ...body, password: made })
  io.stderr.write(`${id} has a new password${made === null ? '' : ', shown this once'}; `)
  io.stderr.write(`${body.left.sessions === 1 ? '1 session was' : `${body.left.sessions} sessions were`} ended.\n`)
  for (const token of body.left.tokens) io.stderr.write(`Ended: token ${token.id} (${token.name}).\n`)
  if (made !== null) io.stdout.write(`${made}\n`)
}

/** One's own, by the present one. */
export async function runOwnPassword(
  { passwordFile, settings }: { readonly passwordFile?: string | undefined; readonly settings: ClientSettings },
  io: Io,
): Promise<void> {
  const { person } = settings.client
  if (person === undefined) throw usageError('Whose password?', 'Say it: mizani password --as ACCOUNT')
  const present = await person.password()
  const password = passwordFile === undefined ? await askSecret(io, 'The new one: ') : readSecretFile(passwordFile)
  await createApiClient(settings).ask('post', '/v1/me/password', { body: { present, password } })
  io.stderr.write(`The password of ${person.account} is changed; its other sessions have ended.\n`)
}

/** An approver answers for another. */
export async function runUserVouch({ id, json, settings }: One, io: Io): Promise<void> {
  const { body } = await createApiClient(settings).ask('post', '/v1/users/{id}/vouch', { path: { id } })
  if (json) return print(io, body)
  io.stderr.write(`What ${id} does in person counts from now on; ${body.vouched?.by} has vouched.\n`)
}

export async function runUserList({ json, settings }: Listing, io: Io): Promise<void> {
  const api = createApiClient(settings)
  const users = await everyPage(json, (query) => api.ask('get', '/v1/users', { query }))
  if (json) return print(io, users)
  for (const user of users) io.stdout.write(`${lineOf(user)}\n`)
}

export interface NewTokenArgs {
  /** Absent: the account that asks. */
  readonly user?: string | undefined
  readonly name: string
  readonly roles: readonly Role[]
  /** Null: that of the account. */
  readonly scope?: Scope | null
  /** Days from now. */
  readonly days: number
  readonly now: number
  readonly json: boolean
  readonly settings: ClientSettings
}

export async function runTokenAdd({ days, now, json, settings, ...wanted }: NewTokenArgs, io: Io): Promise<void> {
  const api = createApiClient(settings)
  const expires = new Date(now + days * 86_400_000).toISOString()
  const user = wanted.user ?? (await api.ask('get', '/v1/me', {})).body.actor
  const body = { ...wanted, user, expires }
  const answer = await api.ask('post', '/v1/tokens', { body })
  if (json) return print(io, answer.body)
  const { id, token, expires: end } = forPeople(answer.body, answer.headers)
  io.stderr.write(`Token ${id} of ${body.user}, until ${end}, shown this once:\n`)
  io.stdout.write(`${token}\n`)
}

interface Listing {
  readonly json: boolean
  readonly settings: ClientSettings
}

export async function runTokenList({ json, settings }: Listing, io: Io): Promise<void> {
  const api = createApiClient(settings)
  const tokens = await everyPage(json, (query) => api.ask('get', '/v1/tokens', { query }))
  if (json) return print(io, tokens)
  for (const { id, user, name, roles, scope, expires } of tokens) {
    const where = scope === null ? "its account's scope" : JSON.stringify(scope)
    io.stdout.write(`${[id, user, roles.join(','), expires, name, where].join('\t')}\n`)
  }
}

export async function runTokenRemove({ id, settings }: { id: string; settings: ClientSettings }, io: Io) {
  await createApiClient(settings).ask('delete', '/v1/tokens/{id}', { path: { id } })
  io.stderr.write(`Token ${id} has ended.\n`)
}

export async function runSessionList({ user, json, settings }: Listing & { user?: string | undefined }, io: Io) {
  const api = createApiClient(settings)
  const of = user === undefined ? {} : { user }
  const sessions = await everyPage(json, (query) => api.ask('get', '/v1/sessions', { query: { ...query, ...of } }))
  if (json) return print(io, sessions)
  for (const { id, user, via, address, seen, expires } of sessions)
    io.stdout.write(`${[id, user, via, address, `seen ${seen}`, `until ${expires}`].join('\t')}\n`)
}

export async function runSessionEnd({ id, settings }: { id: string; settings: ClientSettings }, io: Io) {
  const { body } = await createApiClient(settings).ask('delete', '/v1/sessions/{id}', { path: { id } })
  io.stderr.write(`The session ${id} of ${body.user} has ended.\n`)
}

const lineOf = ({ id, roles, scope, person, disabled, name }: User): string =>
  [
    id,
    roles.join(','),
    scope === null ? 'everything' : JSON.stringify(scope),
    person ? 'person' : 'service',
    disabled === null ? 'in use' : `disabled ${disabled.at} by ${disabled.by}`,
    name,
  ].join('\t')

function print(io: Io, value: unknown): void {
  io.stdout.write(`${JSON.stringify(value)}\n`)
}
