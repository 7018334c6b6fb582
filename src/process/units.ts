// `mizani unit`: Mizani in production, without root. The controller and each of its two stores run as users of their
// own, under units as tight as the edge's (config/systemd); this prints a unit, or installs them with what they need:
// the stores' configuration, who may sign in to them under random secrets, and the controller's addresses. What is
// there is left as it is: it may be somebody's work, and a secret that was replaced would lock the controller out.

import { randomBytes } from 'node:crypto'
import { chmodSync, existsSync, mkdirSync, renameSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { MizaniError, messageOf } from '../runtime/errors.js'
import type { Io } from '../runtime/io.js'
import { SERVER_SETTINGS, SUPERVISOR } from '../runtime/private-redis.js'
import { shippedText } from '../runtime/shipped-text.js'
import { type Account, aclText } from '../runtime/store-accounts.js'
import type { StoreKind } from '../runtime/store-settings.js'
import { BESIDE } from '../runtime/whole-file.js'
import { CONTROLLER_USER, POLICY_USER } from '../wire/access.js'

export type UnitName = 'controller' | 'policy-store' | 'rates-store' | 'edge'

interface StoreUnit {
  readonly kind: StoreKind
  readonly name: UnitName
  readonly user: string
  readonly port: number
  readonly accounts: readonly Account[]
}

/** Beside 6379, which may be somebody else's. */
const STORES: readonly StoreUnit[] = [
  { kind: 'durable', name: 'policy-store', user: 'mizani-policy', port: 6391, accounts: [POLICY_USER] },
  { kind: 'volatile', name: 'rates-store', user: 'mizani-rates', port: 6392, accounts: [CONTROLLER_USER, SUPERVISOR] },
]

/** The addresses of the stores, with the controller's passwords. */
const ENV = 'etc/mizani/controller.env'

export function runUnitShow({ name }: { readonly name: UnitName }, io: Io): void {
  io.stdout.write(unitText(name))
}

export interface UnitInstallArgs {
  /** Where the machine's files begin: "/", or the root of an image. */
  readonly root: string
}

/**
 * @throws MizaniError FOLDER_UNUSABLE where this user may not write there; FILE_EXISTS where a run was broken off, or a
 * part of what belongs together was taken away: nothing is written then.
 */
export function runUnitInstall({ root }: UnitInstallArgs, io: Io): void {
  const isNew = haveNoSecrets(root)
  const written: string[] = []
  /** A file that is there stays. */
  const put = (file: string, mode: number, make: () => string): void => {
    const path = join(root, file)
    if (existsSync(path)) return
    makeFolder(dirname(path))
    const beside = `${path}${BESIDE}`
    writeFileSync(beside, make(), { mode, flush: true })
    chmodSync(beside, mode)
    renameSync(beside, path)
    written.push(path)
  }
  try {
    for (const name of ['controller', 'policy-store', 'rates-store'] as const)
      put(`etc/systemd/system/mizani-${name}.service`, 0o644, () => unitText(name))
    put('usr/lib/sysusers.d/mizani.conf', 0o644, () => shipped('mizani.sysusers'))
    put('etc/mizani/mizani.yaml', 0o644, () => shippedText('config/mizani.yaml'))
    installStores(isNew, put)
  } catch (cause) {
    const message = `The units cannot be installed below ${root}: ${messageOf(cause)}.`
    throw new MizaniError({ code: 'FOLDER_UNUSABLE', message, advice: 'Run it as root.', cause })
  }
  io.stdout.write(written.map((path) => `${path}\n`).join(''))
  io.stderr.write(written.length === 0 ? 'Everything was there already.\n' : NEXT)
}

/** As modes say, whatever the umask of who runs it takes from them: each of the users has to find its files. */
function makeFolder(folder: string): void {
  const first = mkdirSync(folder, { recursive: true })
  if (first === undefined) return
  for (let made = folder; made.length >= first.length; made = dirname(made)) chmodSync(made, 0o755)
}

/**
 * The addresses with the secrets, and who is let in by them, are made together: one without the other would lock the
 * controller out. A store's own copy (which it keeps after its first start) counts as well as what it was made from.
 */
function haveNoSecrets(root: string): boolean {
  const there = (files: readonly string[]): string[] =>
    files.map((file) => join(root, file)).filter((file) => existsSync(file))
  const env = there([ENV])
  const acls = STORES.map(({ name, user }) => there([`etc/mizani/${name}.acl`, `var/lib/${user}/users.acl`]))
  const found = [...env, ...acls.flat()]
  if (found.length === 0) return true
  if (env.length > 0 && acls.every((files) => files.length > 0)) return false
  const lacking = env.length === 0 ? join(root, ENV) : `a list of users of each store in ${join(root, 'etc/mizani')}`
  throw new MizaniError({
    code: 'FILE_EXISTS',
    message: `${found.join(', ')}: there without ${lacking}; new secrets would not fit what is there.`,
    advice:
      'Put back what is missing from a copy. Where there is none: stop the stores, move away what is named here, and ' +
      'run this again; the data of the policy store stays.',
  })
}

function installStores(isNew: boolean, put: (file: string, mode: number, make: () => string) => void): void {
  const secrets = new Map(STORES.flatMap(({ accounts }) => accounts.map(({ name }) => [name, secret()] as const)))
  const address = (account: string, port: number): string =>
    `redis://${account}:${secrets.get(account)}@127.0.0.1:${port}`
  const addresses = [
    `REDIS_URL=${address(POLICY_USER.name, 6391)}`,
    `RATES_REDIS_URL=${address(CONTROLLER_USER.name, 6392)}`,
    `RATES_REDIS_ADMIN_URL=${address(SUPERVISOR.name, 6392)}`,
  ]
  // The secrets themselves first: of users alone nobody could work them out.
  if (isNew) put(ENV, 0o600, () => `${addresses.join('\n')}\n`)
  for (const { kind, name, user, port, accounts } of STORES) {
    put(`etc/mizani/${name}.conf`, 0o644, () => serverConf(kind, user, port))
    if (isNew) put(`etc/mizani/${name}.acl`, 0o600, () => aclText(accounts, { of: (who) => secrets.get(who)! }))
  }
}

const secret = (): string => randomBytes(32).toString('base64url')

/** What private stores are started with, as a file. */
function serverConf(kind: StoreKind, user: string, port: number): string {
  const lines = [
    '# Written by `mizani unit install`; README, "Settings", says what a store has to keep.',
    `port ${port}`,
  ]
  lines.push(`dir /var/lib/${user}`)
  for (const setting of optionsOf([...SERVER_SETTINGS.both, ...SERVER_SETTINGS[kind]])) lines.push(setting)
  return `${lines.join('\n')}\n`
}

/** `--name value …` as lines of a configuration; systemd keeps what a server says. */
function optionsOf(words: readonly string[]): string[] {
  const lines: string[][] = []
  for (const word of words) word.startsWith('--') ? lines.push([word.slice(2)]) : lines.at(-1)!.push(word || '""')
  return lines.map((line) => (line[0] === 'logfile' ? 'logfile ""' : line.join(' ')))
}

const shipped = (file: string): string => shippedText(`config/systemd/${file}`)
const unitText = (name: UnitName): string => shipped(`mizani-${name}.service`)

const NEXT = `Next, as root:
  systemd-sysusers && systemctl daemon-reload
  systemctl enable --now mizani-policy-store mizani-rates-store mizani-controller
Debian: the server is the package redis-server; \`systemctl mask redis-server\` first keeps its own service away.
The program is expected in /opt/mizani: the unpacked package, and \`npm ci --omit=dev\` there. Before others may reach
it: http.host, http.tls and plane in /etc/mizani/mizani.yaml. Then \`mizani doctor\` says what is still open.
`
