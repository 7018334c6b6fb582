// `mizani factor`: the own second factors, and what an administrator takes from somebody who has lost them. A secret is
// printed once, to stdout alone.

import type { Settings } from '../runtime/config.js'
import { usageError } from '../runtime/errors.js'
import type { Io } from '../runtime/io.js'
import { createApiClient, forPeople } from './api-client.js'
import { askSecret } from './in-person.js'

interface FactorArgs {
  readonly json: boolean
  readonly settings: Pick<Settings, 'client' | 'data'>
}

/** Enrols an authenticator: prints what it takes, asks for its first code, prints the codes for the day it is lost. */
export async function runFactorAdd({ json, settings }: FactorArgs, io: Io): Promise<void> {
  const account = ownerOf(settings)
  const api = createApiClient(settings)
  const { body } = await api.ask('post', '/v1/me/factors/totp', {})
  if (!json) {
    io.stderr.write(`Let the authenticator of ${account} read this, or type its secret; both are shown this once:\n`)
    io.stdout.write(`${body.uri}\n${body.secret}\n`)
  }
  const code = (await askSecret(io, 'Its code now: ')).replace(/\s/g, '')
  if (!/^\d{6}$/.test(code))
    throw usageError('A code has six digits: nothing is asked for yet.', 'Begin again, and type what the device shows.')
  const { recoveryCodes } = (await api.ask('post', '/v1/me/factors/totp/confirm', { body: { code } })).body
  if (json) return print(io, { ...body, recoveryCodes })
  io.stderr.write(
    'It is asked for from now on; one before it is not. For the day it is lost, each once, on paper and locked away:\n',
  )
  for (const one of recoveryCodes) io.stdout.write(`${one}\n`)
}

export async function runFactorList({ json, settings }: FactorArgs, io: Io): Promise<void> {
  ownerOf(settings)
  const { body, headers } = await createApiClient(settings).ask('get', '/v1/me/factors', {})
  if (json) return print(io, body)
  const { items, recoveryCodes } = forPeople(body, headers)
  for (const { id, kind, name, created } of items) io.stdout.write(`${[id, kind, name, created].join('\t')}\n`)
  io.stderr.write(`${recoveryCodes} codes are left for the day they are lost.\n`)
}

export async function runFactorRemove({ id, settings }: FactorArgs & { readonly id: string }, io: Io): Promise<void> {
  const account = ownerOf(settings)
  await createApiClient(settings).ask('delete', '/v1/me/factors/{id}', { path: { id } })
  io.stderr.write(`The second factor ${id} of ${account} is no longer asked for.\n`)
}

/** By another administrator. */
export async function runFactorReset({ id, json, settings }: FactorArgs & { readonly id: string }, io: Io) {
  const { body } = await createApiClient(settings).ask('delete', '/v1/users/{id}/factors', { path: { id } })
  if (json) return print(io, body)
  for (const token of body.tokens) io.stderr.write(`Ended: token ${token.id} (${token.name}).\n`)
  const sessions = body.sessions === 1 ? '1 session was' : `${body.sessions} sessions were`
  io.stderr.write(`${id} has no second factor now; ${sessions} ended. What needs ${id} in person waits until\n`)
  io.stderr.write(`one is enrolled (mizani factor add --as ${id}) and an approver vouches (mizani user vouch ${id}).\n`)
}

/** The account for the day nobody else gets in. */
export async function runEmergencySeal({ json, settings }: FactorArgs, io: Io): Promise<void> {
  const { body } = await createApiClient(settings).ask('post', '/v1/emergency-account', {})
  if (json) return print(io, body)
  io.stderr.write(`The account "${body.id}" is sealed. Its password, shown this once, belongs into an envelope:\n`)
  io.stdout.write(`${body.password}\n`)
}

/** An approver ends its alarm. */
export async function runEmergencySign({ settings }: Pick<FactorArgs, 'settings'>, io: Io): Promise<void> {
  await createApiClient(settings).ask('post', '/v1/emergency-account/sign', {})
  io.stderr.write('The use of the emergency account is signed for; its alarm ends.\n')
}

function ownerOf({ client }: FactorArgs['settings']): string {
  if (client.person !== undefined) return client.person.account
  throw usageError('Whose second factor?', 'Say it: mizani factor add --as ACCOUNT')
}

function print(io: Io, value: unknown): void {
  io.stdout.write(`${JSON.stringify(value)}\n`)
}
