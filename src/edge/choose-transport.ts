// Which way the rates come: from the store that a setting names, else by the credentials that this edge has traded
// for, else by HTTP from the controller that a setting names. The first way has no keys: what comes is as true as the
// store.

import { basename } from 'node:path'
import type { EdgeKey } from '../model/edge-account.js'
import { readPem } from '../runtime/certificates.js'
import type { Clock } from '../runtime/clock.js'
import type { Settings } from '../runtime/config.js'
import { messageOf, usageError } from '../runtime/errors.js'
import type { Logger } from '../runtime/log.js'
import { withTls } from '../runtime/store-address.js'
import { credentialsFile, readCredentials, type StoredCredentials, writeKeys } from './credentials.js'
import { createHttpTransport } from './http-transport.js'
import { fetchKeys } from './join.js'
import { createSubscriber } from './subscriber.js'
import type { EdgeTransport } from './transport.js'

interface Surroundings {
  readonly edge: string
  readonly clock: Clock
  readonly log: Logger
}

/** @throws MizaniError, exit code 2, when nothing says where rates come from; CREDENTIALS for a damaged file. */
export function chooseTransport(settings: Settings, around: Surroundings): EdgeTransport {
  const { redis, client } = settings
  if (redis.volatile !== null) {
    // The plane is known here by its id alone: the last part of the folder's name.
    return createSubscriber({ ...around, url: redis.volatile, plane: basename(settings.plane) })
  }
  const file = credentialsFile(settings.data, around.edge)
  const joined = readCredentials(file, settings.inClear !== null)
  if (joined !== null) return byCredentials(joined, file, settings, around)
  if (client.named && client.token !== null) {
    if (client.fingerprint)
      throw usageError('An edge pins its controller by a file.', 'Set MIZANI_CA_FILE; or join by a line.')
    const access = {
      address: client.url,
      others: [],
      token: client.token,
      ca: client.ca ? readPem('CA', client.ca) : null,
    }
    let keys: readonly EdgeKey[] = []
    const renewKeys = async (): Promise<void> => {
      keys = await fetchKeys(around.edge, { api: access, ca: access.ca })
    }
    return createHttpTransport({ ...around, access: () => access, keys: () => keys, renewKeys })
  }
  throw usageError(
    'Where do the rates come from?',
    'Paste the line that `mizani edge-user add` prints, or set RATES_REDIS_URL with the account of the edge, ' +
      'or MIZANI_URL and MIZANI_TOKEN.',
  )
}

function byCredentials(
  joined: StoredCredentials,
  file: string,
  { redis, inClear }: Settings,
  around: Surroundings,
): EdgeTransport {
  let last = joined
  const current = (): StoredCredentials => {
    try {
      last = readCredentials(file, inClear !== null) ?? last
    } catch (error) {
      around.log.warn({ reason: messageOf(error) }, 'the credentials were not read again')
    }
    return last
  }
  /** Those that were fetched under a token: good where the file cannot be written as well. */
  let fetched: { readonly token: string; readonly keys: readonly EdgeKey[] } | null = null
  const keyed = {
    ...around,
    keys: () => (fetched?.token === current().api.token ? fetched.keys : current().keys),
    renewKeys: async () => {
      const { api, ca } = current()
      const keys = await fetchKeys(around.edge, { api, ca })
      fetched = { token: api.token, keys }
      writeKeys(file, keys)
    },
  }
  if (joined.rates === null) {
    return createHttpTransport({ ...keyed, access: () => ({ ...current().api, ca: current().ca }) })
  }
  const url = (): string => withTls(current().rates?.address ?? joined.rates!.address, redis.tls)
  return createSubscriber({ ...keyed, url, plane: joined.plane })
}
