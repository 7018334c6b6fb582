// Process settings: flags over environment over --config FILE over built-in defaults. settings.ts says which settings
// there are, one table here says which variable sets which; whatever is in neither is an error that names it, because a
// misspelt setting that is silently ignored is found at three in the morning. What belongs to the plane (tick, lease,
// tiers) stands in its policy, not here. All faults are reported at once, each with its origin.
//
// Secrets (tokens, passwords) are not part of the file's schema. They come from the environment, or from a `*_FILE`
// variable that names a file which only its owner may read.

import { existsSync, readFileSync, statSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { isMap, isScalar, LineCounter, parseDocument } from 'yaml'
import { type Fault, MizaniError, messageOf } from './errors.js'
import type { ProviderSecrets } from './identity-settings.js'
import { isTree } from './json.js'
import { MAX_SETTINGS_BYTES, MIN_TOKEN_LENGTH } from './limits.js'
import type { Person } from './person.js'
import { readSecretFile } from './secret-file.js'
import { type FileSettings, settingsSchema } from './settings.js'
import { pointerTo, shapeFaults } from './shape-faults.js'
import { parseAddress, withoutTls, withTls } from './store-address.js'
import { namedInClear } from './unencrypted.js'
import { OTHERS, SECRETS } from './variables.js'
import type * as z from './zod.js'

/** Written by the API at each start, for whoever may read the data folder. */
export const CLI_TOKEN_FILE = 'cli-token'
/** Beside it: where the API listens. */
export const CLI_URL_FILE = 'cli-url'

/** In the data folder, where no setting names another. */
const FILES = { edgeKeys: 'edge-keys.json', audit: 'audit-key.json', sealing: 'sealing-key.json' } as const

/** The same number as in package.json, which need not lie beside dist/. */
export const VERSION = '0.1.0'

export interface Settings extends Omit<FileSettings, 'edgeKeys' | 'audit' | 'sealingKey'> {
  /** What secrets that have to be used again are sealed with. */
  readonly sealingKey: string
  /** The secrets behind the keys of edges. */
  readonly edgeKeys: string
  /** With what entries of the audit are signed, and where its end is told; all files by their whole names. */
  readonly audit: Omit<FileSettings['audit'], 'key'> & { readonly key: string }
  /** What is spoken to in clear because that is accepted; null: nothing may be. */
  readonly inClear: readonly string[] | null
  /** Token of the actor `env-admin`; null: there is none. */
  readonly adminToken: string | null
  /** Of `mail.user`. */
  readonly smtpPassword: string | null
  /** Of `oidc.client` and `ldap.bind`. */
  readonly providerSecrets: ProviderSecrets
  /** Password or shared secret of the device that an edge sets. */
  readonly deviceSecret?: string | null
  /** What an edge joins by. */
  readonly joinLine: string | null
  /** Of whoever runs a command as themselves; null: it is asked for. */
  readonly password?: string | null
  readonly code?: string | null
  /** Where the command line finds the controller, and with what. */
  readonly client: {
    readonly url: string
    readonly token: string | null
    /** PEM file with whom we trust to vouch for it; null: whom this machine trusts. */
    readonly ca?: string | null
    /** SHA-256 of the certificate that vouches for it, behind the # of its address; null: any. */
    readonly fingerprint?: string | null
    /** Whether somebody named it. */
    readonly named?: boolean
    /** Who runs the command, signed in by a password; absent: whoever holds the token. */
    readonly person?: Person
  }
}

/** What the command line said, in the shape of the file. */
export type Flags = { readonly [K in keyof FileSettings]?: FileSettings[K] | Partial<FileSettings[K]> | undefined }

export interface SettingsInput {
  readonly env: Readonly<Record<string, string | undefined>>
  readonly flags?: Flags
  /** --config; it outranks MIZANI_CONFIG. */
  readonly file?: string | undefined
  readonly cwd?: string
}

type Tree = { [key: string]: unknown }
type Place = Pick<Fault, 'file' | 'line' | 'pointer'>

/** Which variable sets which setting. Passwords in store addresses are secrets; `*_FILE` works for them too. */
export const VARIABLES: Readonly<Record<string, readonly string[]>> = {
  MIZANI_ID: ['id'],
  MIZANI_PLANE: ['plane'],
  MIZANI_DATA: ['data'],
  MIZANI_EDGE_KEYS: ['edgeKeys'],
  MIZANI_AUDIT_KEY: ['audit', 'key'],
  MIZANI_SEALING_KEY: ['sealingKey'],
  MIZANI_AUDIT_ANCHORS: ['audit', 'anchorFile'],
  LOG_LEVEL: ['logLevel'],
  HOST: ['http', 'host'],
  PORT: ['http', 'port'],
  REDIS_URL: ['redis', 'durable'],
  RATES_REDIS_URL: ['redis', 'volatile'],
  RATES_REDIS_ADMIN_URL: ['redis', 'admin'],
  RATES_REDIS_EDGE_URL: ['redis', 'forEdges'],
  REDIS_CA_FILE: ['redis', 'tls', 'ca'],
  REDIS_CERTIFICATE_FILE: ['redis', 'tls', 'certificate'],
  REDIS_KEY_FILE: ['redis', 'tls', 'key'],
  REDIS_SERVERNAME: ['redis', 'tls', 'servername'],
  MIZANI_PUBLIC_URL: ['http', 'publicUrl'],
  MIZANI_UNENCRYPTED: ['unencrypted'],
}
const KNOWN = new Set([
  ...Object.keys(VARIABLES),
  ...Object.keys(SECRETS),
  ...Object.keys(SECRETS).map((name) => `${name}_FILE`),
  ...Object.keys(OTHERS),
  // Read by tests, and inherited by the processes they start.
  'MIZANI_KERNEL_LONG',
  'MIZANI_FAULTS_LONG',
])

/**
 * Reads the settings of this process.
 * @throws MizaniError SETTINGS_INVALID, exit code 2, with every fault and where it stands.
 */
export function loadSettings({
  env,
  flags = {},
  file = env.MIZANI_CONFIG,
  cwd = process.cwd(),
}: SettingsInput): Settings {
  const faults: Fault[] = []
  const places = new Map<string, Place>()
  const merged: Tree = {}
  if (file !== undefined && file !== '') merge(merged, readSettingsFile(resolve(cwd, file), places, faults))
  const secrets = readSecrets(env, cwd, faults)
  merge(merged, readEnvironment({ ...env, ...secrets }, places, faults))
  merge(merged, flags as Tree)
  notePlacesOfFlags(flags as Tree, [], places)

  const parsed = settingsSchema.safeParse(merged)
  if (!parsed.success) faults.push(...faultsOf(parsed.error.issues, places))
  else {
    faults.push(...contradictions(parsed.data, places))
    faults.push(...ofClient(env))
    if (parsed.data.unencrypted !== 'accepted') faults.push(...inClear(parsed.data, env.MIZANI_URL || null, places))
  }
  const adminToken = secrets.MIZANI_ADMIN_TOKEN ?? null
  if (adminToken !== null && adminToken.length < MIN_TOKEN_LENGTH) {
    const message = `expected ${MIN_TOKEN_LENGTH} characters or more, found ${adminToken.length}`
    faults.push({ code: 'TOO_SHORT', file: 'MIZANI_ADMIN_TOKEN', message })
  }
  if (!parsed.success || faults.length > 0) {
    throw new MizaniError({
      code: 'SETTINGS_INVALID',
      exitCode: 2,
      message: 'The settings are not usable:',
      advice: '`mizani explain-settings` shows every setting with its default.',
      faults,
    })
  }
  const settings = parsed.data
  const inData = (file: string | null, name: string) => resolve(cwd, file ?? join(settings.data, name))
  return {
    ...settings,
    plane: merged.plane === undefined ? shippedFile(settings.plane) : resolve(cwd, settings.plane),
    data: resolve(cwd, settings.data),
    edgeKeys: inData(settings.edgeKeys, FILES.edgeKeys),
    audit: withAuditFiles(settings, cwd),
    sealingKey: inData(settings.sealingKey, FILES.sealing),
    redis: withTlsFiles(settings, cwd),
    inClear:
      settings.unencrypted === 'accepted' ? namedInClear(settings, env.MIZANI_URL || null).map(({ who }) => who) : null,
    workers: settings.workers || availableParallelism(),
    adminToken,
    smtpPassword: secrets.SMTP_PASSWORD ?? null,
    providerSecrets: { oidc: secrets.OIDC_CLIENT_SECRET ?? null, ldap: secrets.LDAP_PASSWORD ?? null },
    deviceSecret: secrets.MIZANI_DEVICE_SECRET ?? null,
    joinLine: secrets.MIZANI_JOIN ?? null,
    password: secrets.MIZANI_PASSWORD ?? null,
    code: secrets.MIZANI_CODE ?? null,
    client: { ...whereAndWhose(settings, env, cwd), token: secrets.MIZANI_TOKEN ?? null },
  }
}

function whereAndWhose({ http, data }: FileSettings, env: SettingsInput['env'], cwd: string) {
  const built = `${http.tls ? 'https' : 'http'}://${http.host}:${http.port}`
  const [url = '', fingerprint] = (env.MIZANI_URL || urlBeside(resolve(cwd, data)) || built).split('#')
  const ca = env.MIZANI_CA_FILE ? resolve(cwd, env.MIZANI_CA_FILE) : null
  return { url, fingerprint: fingerprint ? plainFingerprint(fingerprint) : null, ca, named: Boolean(env.MIZANI_URL) }
}

export const FINGERPRINT = /^[0-9a-f]{64}$/
/** As people copy them: with colons, in capitals, behind a prefix. */
export const plainFingerprint = (text: string): string => text.toLowerCase().replace(/^sha256:|:/g, '')

/** Where the controller that uses this data folder listens, as it has written beside its token; null: none has. */
function urlBeside(data: string): string | null {
  try {
    const url = readFileSync(join(data, CLI_URL_FILE), 'utf8').trim()
    return URL.canParse(url) ? url : null
  } catch {
    return null
  }
}

function withAuditFiles({ audit, data }: FileSettings, cwd: string): Settings['audit'] {
  const absolute = (file: string | null): string | null => (file === null ? null : resolve(cwd, file))
  const { syslog } = audit
  const files = ({ ca, certificate, key }: NonNullable<typeof syslog>) => ({
    ...{ ca: absolute(ca), certificate: absolute(certificate), key: absolute(key) },
  })
  return {
    ...audit,
    key: resolve(cwd, audit.key ?? join(data, FILES.audit)),
    anchorFile: absolute(audit.anchorFile),
    syslog: syslog === null ? null : { ...syslog, ...files(syslog) },
  }
}

/** The addresses of the stores with the files that they are reached by: from here on an address is enough. */
function withTlsFiles({ redis, unencrypted }: FileSettings, cwd: string): FileSettings['redis'] {
  const absolute = (file: string | null): string | null => (file === null ? null : resolve(cwd, file))
  const { ca, certificate, key, servername } = redis.tls
  const tls = { ca: absolute(ca), certificate: absolute(certificate), key: absolute(key), servername }
  const accepted = (text: string): string => (unencrypted === 'accepted' ? withoutTls(text) : text)
  const complete = (text: string | null): string | null => (text === null ? null : accepted(withTls(text, tls)))
  const { durable, volatile, admin } = redis
  return { ...redis, tls, durable: complete(durable), volatile: complete(volatile), admin: complete(admin) }
}

/** A file that ships with Mizani, wherever the current folder is: config/ stands beside src/ or beside dist/. */
export function shippedFile(name: string): string {
  for (let folder = dirname(fileURLToPath(import.meta.url)); ; folder = dirname(folder)) {
    if (existsSync(join(folder, 'config', 'mizani.yaml'))) return join(folder, name)
    if (dirname(folder) === folder) return resolve(name)
  }
}

type SecretName = keyof typeof SECRETS
type SecretValues = { [K in SecretName]?: string }

function readSecrets(env: SettingsInput['env'], cwd: string, faults: Fault[]): SecretValues {
  const values: SecretValues = {}
  // Object.keys forgets which they are.
  for (const name of Object.keys(SECRETS) as SecretName[]) {
    const direct = env[name]
    const file = env[`${name}_FILE`]
    if (direct) values[name] = direct
    if (!file) continue
    if (direct) {
      faults.push({ code: 'SET_TWICE', file: `${name}_FILE`, message: `${name} is set as well; keep one of the two` })
      continue
    }
    try {
      values[name] = readSecretFile(resolve(cwd, file))
    } catch (error) {
      const advice = error instanceof MizaniError && error.advice !== undefined ? `; ${error.advice}` : ''
      faults.push({ code: 'SECRET_FILE', file: `${name}_FILE`, message: `${messageOf(error)}${advice}` })
    }
  }
  return values
}

function readEnvironment(env: SettingsInput['env'], places: Map<string, Place>, faults: Fault[]): Tree {
  for (const name of Object.keys(env)) {
    if (name.startsWith('MIZANI_') && !KNOWN.has(name)) {
      faults.push({ code: 'UNKNOWN_VARIABLE', file: name, message: 'no such variable' })
    }
  }
  const tree: Tree = {}
  for (const [name, keys] of Object.entries(VARIABLES)) {
    const text = env[name]
    // An empty variable is an unset one: that is how compose files and CI switch one off.
    if (text === undefined || text === '') continue
    const value = name === 'PORT' && /^\d+$/.test(text) ? Number(text) : text
    merge(tree, keys.reduceRight<unknown>((inner, key) => ({ [key]: inner }), value) as Tree)
    places.set(pointerTo(keys), { file: name })
  }
  return tree
}

function notePlacesOfFlags(flags: Tree, keys: readonly string[], places: Map<string, Place>): void {
  for (const [key, value] of Object.entries(flags)) {
    if (isTree(value)) notePlacesOfFlags(value, [...keys, key], places)
    else if (value !== undefined) places.set(pointerTo([...keys, key]), { file: `--${key}` })
  }
}

function readSettingsFile(file: string, places: Map<string, Place>, faults: Fault[]): Tree {
  const stat = statSync(file, { throwIfNoEntry: false })
  if (!stat?.isFile() || stat.size > MAX_SETTINGS_BYTES) {
    const message = stat?.isFile() ? `too large for settings (${stat.size} bytes)` : 'no such file'
    faults.push({ code: 'SETTINGS_FILE', file, message })
    return {}
  }
  const lines = new LineCounter()
  const document = parseDocument(readFileSync(file, 'utf8'), { lineCounter: lines })
  for (const error of document.errors) {
    const line = lines.linePos(error.pos[0]).line
    faults.push({ code: 'YAML', file, line, message: messageOf(error).split(' at line ', 1)[0]! })
  }
  if (document.errors.length > 0 || document.contents === null) return {}
  if (!isMap(document.contents)) {
    faults.push({ code: 'YAML', file, line: 1, message: 'expected settings as "key: value"' })
    return {}
  }
  notePlaces(document.contents, [])
  const tree = document.toJS() as Tree
  for (const [key, url] of Object.entries((tree.redis as Tree | null) ?? {})) {
    if (typeof url === 'string' && /^[a-z+]+:\/\/[^/@:]*:[^/@]+@/i.test(url)) {
      const message = 'a password does not belong into this file; use REDIS_URL_FILE or RATES_REDIS_URL_FILE'
      faults.push({ code: 'SECRET_IN_FILE', ...placeOf(pointerTo(['redis', key]), places), message })
    }
  }
  return tree

  function notePlaces(node: unknown, keys: readonly string[]): void {
    if (!isMap(node)) return
    for (const pair of node.items) {
      if (!isScalar(pair.key)) continue
      const inner = [...keys, String(pair.key.value)]
      const offset = pair.key.range?.[0] ?? 0
      places.set(pointerTo(inner), { file, line: lines.linePos(offset).line })
      notePlaces(pair.value, inner)
    }
  }
}

/** What no single setting can see. */
function contradictions({ redis }: FileSettings, places: Map<string, Place>): Fault[] {
  const faults: Fault[] = []
  const { tls, durable, volatile } = redis
  if ((tls.certificate === null) !== (tls.key === null)) {
    const message = 'a certificate and its key belong together; one of the two is missing'
    faults.push({ code: 'HALF_A_PAIR', ...placeOf('/redis/tls', places), message })
  }
  const plain = [durable, volatile].filter((text) => text !== null && parseAddress(text).tls === null)
  if (plain.length > 0 && Object.values(tls).some((value) => value !== null)) {
    const message = 'certificates are set, but a store is named without TLS: rediss:// speaks it, redis:// does not'
    faults.push({ code: 'NEEDS_TLS', ...placeOf('/redis/tls', places), message })
  }
  return faults
}

function ofClient({ MIZANI_URL: text = '' }: SettingsInput['env']): Fault[] {
  const [url = '', fingerprint] = text.split('#')
  const wrong = (message: string): Fault[] => [{ code: 'INVALID', file: 'MIZANI_URL', message }]
  if (url !== '' && !/^https?:/.test(url)) return wrong('expected https://host:port')
  if (fingerprint === undefined || FINGERPRINT.test(plainFingerprint(fingerprint))) return []
  return wrong('expected a SHA-256 of 64 hex digits behind the #')
}

const inClear = (settings: FileSettings, url: string | null, places: Map<string, Place>): Fault[] =>
  namedInClear(settings, url).map(({ pointer, message }) => ({
    code: 'NEEDS_TLS',
    ...(pointer === null ? { file: 'MIZANI_URL' } : placeOf(pointer, places)),
    message,
  }))

const faultsOf = (issues: readonly z.core.$ZodIssue[], places: Map<string, Place>): Fault[] =>
  shapeFaults(issues).map(({ code, pointer = '', message }) => ({
    code: code === 'UNKNOWN_KEY' ? 'UNKNOWN_SETTING' : code,
    ...placeOf(pointer, places),
    message,
  }))

/** Where a setting was said; the nearest place above it, and the pointer, when it was not said itself. */
function placeOf(pointer: string, places: Map<string, Place>): Place {
  for (let at = pointer; at !== ''; at = at.slice(0, at.lastIndexOf('/'))) {
    const place = places.get(at)
    if (place !== undefined) return place.line === undefined ? place : { ...place, pointer }
  }
  return { pointer }
}

function merge(into: Tree, from: Tree): void {
  for (const [key, value] of Object.entries(from)) {
    const old = into[key]
    if (value === undefined) continue
    if (isTree(old) && isTree(value)) merge(old, value)
    else into[key] = isTree(value) ? structuredClone(value) : value
  }
}
