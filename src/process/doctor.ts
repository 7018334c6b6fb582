// `mizani doctor`: whether this machine can run a controller, and whether the one that runs does its work, item by
// item, with what to do about it. It looks and changes nothing, and needs no controller: that nobody answers is one of
// its findings.

import { existsSync, statfsSync, statSync } from 'node:fs'
import { basename, dirname, resolve } from 'node:path'
import { type ApiClient, createApiClient, forPeople } from '../client/api-client.js'
import type { ApiAnswered } from '../client/api-operations.js'
import { hashOf } from '../policy/document/canonical.js'
import type { PolicyDocument } from '../policy/document/document.js'
import { loadPlane } from '../policy/files/files.js'
import { expiryOf, expiryWarning, readPem } from '../runtime/certificates.js'
import { systemClock } from '../runtime/clock.js'
import { type Settings, shippedFile } from '../runtime/config.js'
import { exitCodeOf, type Item, itemsText, ofEncryption, type Verdict } from '../runtime/doctor.js'
import { formatError, MizaniError, messageOf } from '../runtime/errors.js'
import { type Io, langOf } from '../runtime/io.js'
import { connect, untilReady } from '../runtime/redis.js'
import { openTo } from '../runtime/secret-file.js'
import { lostAtStart, type StoreKind, unmetLimits, unmetSettings } from '../runtime/store-settings.js'
import { keys } from '../wire/redis-keys.js'
import { providers } from './doctor-providers.js'
import { openPoints, type PointSettings, type PolicyPoints } from './open-points.js'
import { lookAtSealing } from './sealing-key.js'

/** A year of the default plane's record, three times over, is below this. */
const ROOM_ON_DISK = 20e9
const LEAST_ROOM = 1e9
const PATIENCE = 3_000

export interface DoctorArgs {
  readonly settings: Pick<Settings, 'plane' | 'client' | 'oidc' | 'ldap' | 'providerSecrets' | 'sealingKey'> &
    PointSettings
  readonly json: boolean
}

/** Exit code 1 when something is bad. */
export async function runDoctor({ settings, json }: DoctorArgs, io: Io): Promise<number> {
  const { document, faults } = loadPlane(settings.plane)
  const asked = await controller(createApiClient(settings), document, langOf(io))
  const findings: Item[] = [
    folder(settings.data),
    disk(settings.data),
    plane(settings.plane, faults.length),
    ...certificates(settings),
    ...keyFiles(settings),
    ...ofEncryption(settings.inClear),
    ...(await providers(settings)),
    ...(await stores(settings, document?.plane.id ?? basename(settings.plane))),
    ...asked.items,
    ...openPoints(settings, asked.policy, shippedFile('node_modules')),
  ]
  if (json) io.stdout.write(`${JSON.stringify({ findings }, null, 2)}\n`)
  else io.stdout.write(itemsText(findings))
  return exitCodeOf(findings)
}

function folder(data: string): Item {
  const about = 'data folder'
  const stat = statSync(data, { throwIfNoEntry: false })
  if (stat === undefined) return { about, verdict: 'look', found: `${data} is not there; the first start makes it` }
  const mode = (stat.mode & 0o777).toString(8)
  if ((stat.mode & 0o077) === 0) return { about, verdict: 'good', found: `${data}, mode ${mode}` }
  return { about, verdict: 'bad', found: `${data} has mode ${mode}: others may read it`, advice: `chmod 700 ${data}` }
}

/** A data folder that is not there yet will lie on the disk of the nearest folder above it that is. */
function disk(data: string): Item {
  const about = 'disk'
  let place = resolve(data)
  while (!existsSync(place)) place = dirname(place)
  const { bavail, bsize } = statfsSync(place)
  const room = bavail * bsize
  const found = `${(room / 1e9).toFixed(1)} GB free at ${place}`
  if (room >= ROOM_ON_DISK) return { about, verdict: 'good', found }
  const advice = 'A full disk stops the record, and edits where the policy store lies on it.'
  return { about, verdict: room < LEAST_ROOM ? 'bad' : 'look', found, advice }
}

function plane(directory: string, faults: number): Item {
  const about = 'plane'
  if (faults === 0) return { about, verdict: 'good', found: directory }
  const found = `${directory} has ${faults === 1 ? '1 fault' : `${faults} faults`}; an empty store could not be seeded`
  return { about, verdict: 'look', found, advice: `mizani policy validate ${directory}` }
}

/** Those that this machine has files of. */
function certificates({ http, redis }: Pick<Settings, 'http' | 'redis'>): Item[] {
  const files = { api: http.tls?.certificate, stores: redis.tls.certificate, 'store-authority': redis.tls.ca }
  return Object.entries(files).flatMap(([name, file]): Item[] => {
    if (file == null) return []
    const about = 'certificate'
    try {
      const expiry = expiryOf(readPem(name, file))
      const warning = expiry === null ? null : expiryWarning(file, expiry, systemClock.wall())
      if (warning !== null) return [{ about, verdict: 'bad', found: warning }]
      return [{ about, verdict: 'good', found: `${name}: ${file}` }]
    } catch (error) {
      return [{ about, verdict: 'bad', found: messageOf(error) }]
    }
  })
}

/** Whether others may read them. */
function keyFiles({ http, redis }: Pick<Settings, 'http' | 'redis'>): Item[] {
  return [http.tls?.key, redis.tls.key].flatMap((file): Item[] => {
    const stat = file == null ? undefined : statSync(file, { throwIfNoEntry: false })
    if (file == null) return []
    const [found, advice] = (stat ? openTo(file, stat) : [`${file} is not there`, 'http.tls.key, redis.tls.key']) ?? []
    if (found === undefined) return [{ about: 'key', verdict: 'good', found: file }]
    return [{ about: 'key', verdict: 'bad', found, advice: advice! }]
  })
}

/** Those that settings name; private ones are the business of `mizani up`. */
async function stores(
  { redis: { durable, volatile }, sealingKey: file }: Pick<Settings, 'redis' | 'sealingKey'>,
  plane: string,
): Promise<Item[]> {
  const look = async (kind: StoreKind, address: string | null): Promise<Item[]> => {
    const about = kind === 'durable' ? 'policy store' : 'rates store'
    if (address === null) return []
    const redis = connect(address, kind === 'durable' ? 'policy' : 'controller')
    try {
      await untilReady(redis, PATIENCE)
      const unmet = await unmetSettings(redis, kind)
      const of = (verdict: Verdict, faults: typeof unmet) => faults.map((fault) => ({ ...fault, verdict }))
      const lost = await lostAtStart(redis, kind, keys(plane).policyHead)
      const found = [...of('bad', unmet), ...of('look', await unmetLimits(redis)), ...lost]
      const faults = found.map(
        ({ verdict, setting, found, expected }): Item => ({
          ...{ about, verdict, found: `${setting} is ${found || 'empty'}`, advice: `expected ${expected}` },
        }),
      )
      const good: Item = { about, verdict: 'good', found: 'answers, and keeps what it is told, over a restart too' }
      const sealing = kind === 'durable' ? await lookAtSealing({ file, redis, plane }) : []
      return [...(faults.length > 0 ? faults : [good]), ...sealing]
    } catch (error) {
      return [{ about, verdict: 'bad', found: messageOf(error), advice: 'Check its server and the way to it.' }]
    } finally {
      redis.disconnect()
    }
  }
  return [...(await look('durable', durable)), ...(await look('volatile', volatile))]
}

interface Asked {
  readonly items: readonly Item[]
  /** Null: it did not say. */
  readonly policy: PolicyPoints | null
}

async function controller(api: ApiClient, inFolder: PolicyDocument | null, lang: 'en' | 'sw'): Promise<Asked> {
  try {
    const { body, headers } = await api.ask('get', '/v1/status', {})
    const status = forPeople(body, headers)
    const policy = (await api.ask('get', '/v1/policy', {})).body
    const trail = (await api.ask('get', '/v1/audit/verify', {})).body
    // Whoever may not see them is told of them by nobody.
    const { items: webhooks } = (await api.ask('get', '/v1/webhooks', {}).catch(() => null))?.body ?? { items: [] }
    const items = [
      ...[
        ...ofStatus(status, lang),
        ofEdges(status.edges, policy),
        ofPolicy(status.revision, policy, inFolder),
        ofTrail(trail),
      ],
      ...webhooks.flatMap(ofWebhook),
    ]
    return { items, policy: { guards: Object.keys(policy.guards ?? {}).length } }
  } catch (error) {
    const found = formatError(error).split('\n', 1)[0]!
    const isAway = error instanceof MizaniError && error.code === 'NOT_REACHED'
    const advice = error instanceof MizaniError ? error.advice : undefined
    const item: Item = { about: 'controller', verdict: isAway ? 'unknown' : 'bad', found, ...(advice && { advice }) }
    return { items: [item], policy: null }
  }
}

function ofStatus(status: ApiAnswered<'get', '/v1/status'>, lang: 'en' | 'sw'): Item[] {
  const { leader, leads, revision, seq, certificate, alarms } = status
  const role = leads ? 'leads' : `stands by for ${leader}`
  return [
    { about: 'controller', verdict: 'good', found: `${role}, publication ${seq}, policy revision ${revision}` },
    certificate.ok
      ? { about: 'proof', verdict: 'good', found: `the allocation of publication ${certificate.checkedSeq} is fair` }
      : { about: 'proof', verdict: 'bad', found: 'the last allocation failed its proof' },
    ...ofInForce(status),
    ...alarms.map(({ severity, gone, detail, remedy }): Item => {
      const isMild = severity === 'minor' || gone !== null
      return { about: severity, verdict: isMild ? 'look' : 'bad', found: detail[lang], advice: remedy[lang] }
    }),
  ]
}

/** Those that a person configures say nothing, and are not missed. */
function ofEdges(
  { total, fresh, simulated }: ApiAnswered<'get', '/v1/status'>['edges'],
  { edges = {} }: ApiAnswered<'get', '/v1/policy'>,
): Item {
  // Of the policy the API says no more than that it is one.
  const known = Object.values(edges as PolicyDocument['edges'])
  const still = known.filter(({ pace }) => pace === 'static').length
  const besides = [simulated > 0 ? `, ${simulated} simulated` : '', still > 0 ? `; besides ${still} static` : ''].join(
    '',
  )
  const verdict = fresh === total - still ? 'good' : 'look'
  return { about: 'edges', verdict, found: `${fresh} of ${total - still} are heard${besides}` }
}

/** What people may have forgotten: a freeze, and whatever else was meant for a while. */
function ofInForce({ freeze, inForce }: ApiAnswered<'get', '/v1/status'>): Item[] {
  const kinds = Object.entries(inForce).filter(([kind, n]) => n > 0 && kind !== 'REVISION' && kind !== 'FREEZE')
  const held = kinds.map(([kind, n]) => `${kind.toLowerCase().replace('_', ' ')} ${n}`).join(', ')
  const advice = '`mizani in-force` lists what, whose and until when.'
  const besides: Item[] = held === '' ? [] : [{ about: 'in force', verdict: 'look', found: held, advice }]
  if (freeze === null) return besides
  const { by, since, reason } = freeze
  const found = `nothing about the policy changes since ${since}, by ${by}: ${reason}`
  return [{ about: 'freeze', verdict: 'look', found, advice: '`mizani unfreeze` ends it.' }, ...besides]
}

function ofPolicy(revision: number, inForce: unknown, inFolder: PolicyDocument | null): Item {
  const about = 'policy'
  if (inFolder === null || hashOf(inForce) === hashOf(inFolder))
    return { about, verdict: 'good', found: inFolder === null ? `revision ${revision}` : 'the folder says the same' }
  const advice = `mizani policy get --out DIR writes revision ${revision} as files.`
  return { about, verdict: 'look', found: 'the folder differs from what is in force; the store holds', advice }
}

function ofWebhook({ id, url, lastError }: ApiAnswered<'get', '/v1/webhooks'>['items'][number]): Item[] {
  if (lastError === null) return []
  const advice = `mizani webhook list; mizani webhook test ${id}`
  return [{ about: 'webhook', verdict: 'look', found: `${url}: ${lastError}`, advice }]
}

function ofTrail({ ok, entries, fault }: ApiAnswered<'get', '/v1/audit/verify'>): Item {
  if (ok) return { about: 'audit', verdict: 'good', found: `the trail holds, ${entries} entries` }
  const advice = 'Compare it with the heads in the log and with what was exported.'
  return { about: 'audit', verdict: 'bad', found: fault?.detail ?? 'the trail does not hold', advice }
}
