// Two Redis servers of our own, for whoever starts Mizani without having one: nothing to install as a service,
// nothing to configure, nobody else can sign in. Durable: what people decided (each write on disk before it is
// acknowledged). Volatile: what is derived and renewed each second (no disk at all).
//
// Three things must hold however this process ends: one process a data folder (folder-lock.ts), no server outlives
// us, and a server that dies comes back on its port. For the second see guarded.ts.

import { type ChildProcess, spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { createServer, connect as dial } from 'node:net'
import { join, resolve } from 'node:path'
import { type Milliseconds, toSeconds } from '../model/units.js'
import { type Clock, systemClock } from './clock.js'
import { MizaniError, messageOf } from './errors.js'
import { lockFolder, openFolder } from './folder-lock.js'
import { exitOf, killGroup, spawnGuarded } from './guarded.js'
import { LEAST_HEARING, MAX_PROFILE_BYTES, STORE_IDLE, STORE_STOP_TIME } from './limits.js'
import type { Logger } from './log.js'
import { connect, type Redis, storeError, untilReady } from './redis.js'
import { type Account, aclWords, openSecrets, type Secrets, writeAclFile } from './store-accounts.js'
import type { StoreKind } from './store-settings.js'

export interface PrivateStoreOptions {
  /** Made with mode 0700 if it is missing; this process alone uses it until `stop`. */
  readonly dataDir: string
  readonly log: Logger
  /** Who may sign in from the start; more can be added with `ensureUsers`. */
  readonly durableUser: Account
  readonly volatileUser: Account
  /** Any free ones unless stated. */
  readonly ports?: { readonly durable?: number; readonly volatile?: number }
  readonly clock?: Clock
}

export interface PrivateStores {
  /** With user and password: not for logs (log.ts blanks passwords in URLs). */
  readonly durableUrl: string
  readonly volatileUrl: string
  /** The volatile store, as the user that may write others. */
  readonly volatileAdminUrl: string
  /** Makes or renews users; returns the URL of each by its name. Twice is once. */
  ensureUsers(store: StoreKind, users: readonly Account[]): Promise<ReadonlyMap<string, string>>
  /** Ends both servers within STORE_STOP_TIME, leaves no child, releases the folder. */
  stop(): Promise<void>
}

/** Starts, restarts and watches; its secret opens the same file as everyone's. */
export const SUPERVISOR: Account = { name: 'supervisor', rules: ['~*', '&*', '+@all'] }

const SECRETS_FILE = 'store-secrets.json'
/** Which ports the servers took; left behind by a kill, so whoever reads it looks whether they answer. */
const PORTS_FILE = 'ports.json'

const START_TIME: Milliseconds = 5_000
const REACH_TIME: Milliseconds = 500
const LOOK_AGAIN: Milliseconds = 5
const SHORTEST_PAUSE: Milliseconds = 100
const LONGEST_PAUSE: Milliseconds = 5_000
/** A server that ran for so long did not fail to start. */
const STEADY: Milliseconds = 10_000

/** How a server of ours is started, as words of its command line. */
export const SERVER_SETTINGS: Readonly<Record<StoreKind | 'both', readonly string[]>> = {
  both: [
    ...['--bind', '127.0.0.1', '--protected-mode', 'yes', '--save', '', '--aclfile', 'users.acl'],
    ...['--maxmemory-policy', 'noeviction', '--proto-max-bulk-len', String(MAX_PROFILE_BYTES)],
    // Who hears too slowly is cut off and takes the snapshot when it is back; no single message does that.
    ...['--client-output-buffer-limit', 'pubsub', String(2 * LEAST_HEARING), String(LEAST_HEARING), '10'],
    // As many as the machine lets it have, and none that says nothing.
    ...['--maxclients', '16000', '--timeout', String(toSeconds(STORE_IDLE)), '--tcp-keepalive', '60'],
    ...['--loglevel', 'warning', '--logfile', 'redis.log'],
  ],
  durable: ['--appendonly', 'yes', '--appendfsync', 'always', '--maxmemory', '2gb'],
  volatile: ['--appendonly', 'no', '--maxmemory', '1gb'],
}

/**
 * Starts both stores, or none.
 * @throws MizaniError FOLDER_LOCKED, FOLDER_OPEN, REDIS_MISSING or REDIS_START.
 */
export async function startPrivateStores(options: PrivateStoreOptions): Promise<PrivateStores> {
  const dataDir = resolve(options.dataDir)
  const { log, clock = systemClock, ports = {} } = options
  openFolder(dataDir)
  const lock = lockFolder(dataDir)
  const started: PrivateServer[] = []
  const stop = async (): Promise<void> => {
    await Promise.all(started.map((server) => server.stop()))
    lock.release()
  }
  try {
    const secrets = openSecrets(join(dataDir, SECRETS_FILE))
    const program = findServer(dataDir)
    const start = async (kind: StoreKind, user: Account, tries = 3): Promise<PrivateServer> => {
      const port = ports[kind] ?? (await freePort())
      const server = createPrivateServer({ kind, program, port, folder: join(dataDir, kind), secrets, log, clock })
      started.push(server)
      try {
        await server.start([SUPERVISOR, user])
      } catch (error) {
        await server.stop()
        // A port that was free a moment ago may be somebody's now: any other will do, unless this one was asked for.
        if (ports[kind] !== undefined || tries === 1) throw error
        return start(kind, user, tries - 1)
      }
      return server
    }
    const [durable, volatile] = await Promise.all([
      start('durable', options.durableUser),
      start('volatile', options.volatileUser),
    ])
    const servers = { durable, volatile }
    writeFileSync(join(dataDir, PORTS_FILE), JSON.stringify({ durable: durable.port, volatile: volatile.port }), {
      mode: 0o600,
    })
    return {
      durableUrl: durable.urlOf(options.durableUser.name),
      volatileUrl: volatile.urlOf(options.volatileUser.name),
      volatileAdminUrl: volatile.urlOf(SUPERVISOR.name),
      ensureUsers: (store, users) => servers[store].ensureUsers(users),
      stop,
    }
  } catch (error) {
    await stop()
    throw error
  }
}

/**
 * Address of a store that another process of this machine runs in the folder, for one of its accounts; null: none runs.
 */
export async function runningStore(dataDir: string, kind: StoreKind, account: string): Promise<string | null> {
  const [ports, secrets] = [join(dataDir, PORTS_FILE), join(dataDir, SECRETS_FILE)]
  if (!existsSync(ports) || !existsSync(secrets)) return null
  const port = (JSON.parse(readFileSync(ports, 'utf8')) as Record<StoreKind, number>)[kind]
  const url = `redis://${account}:${openSecrets(secrets).of(account)}@127.0.0.1:${port}`
  const redis = connect(url, 'supervisor')
  try {
    await untilReady(redis, REACH_TIME)
    return url
  } catch {
    return null
  } finally {
    redis.disconnect()
  }
}

interface ServerParts {
  readonly kind: StoreKind
  readonly program: string
  readonly port: number
  readonly folder: string
  readonly secrets: Secrets
  readonly log: Logger
  readonly clock: Clock
}

interface PrivateServer {
  readonly port: number
  start(accounts: readonly Account[]): Promise<void>
  ensureUsers(users: readonly Account[]): Promise<ReadonlyMap<string, string>>
  urlOf(account: string): string
  stop(): Promise<void>
}

function createPrivateServer({ kind, program, port, folder, secrets, log, clock }: ServerParts): PrivateServer {
  const accounts = new Map<string, Account>()
  const ending = new AbortController()
  const aclFile = join(folder, 'users.acl')
  let child: ChildProcess | null = null
  let supervisor: Redis | null = null
  let watch: Promise<void> = Promise.resolve()

  const urlOf = (account: string): string => `redis://${account}:${secrets.of(account)}@127.0.0.1:${port}`

  const know = (some: readonly Account[]): void => {
    for (const account of some) accounts.set(account.name, account)
    writeAclFile(aclFile, accounts.values(), secrets)
  }

  const run = (): Promise<number | null> => {
    const words = ['--port', String(port), ...SERVER_SETTINGS.both, ...SERVER_SETTINGS[kind]]
    try {
      child = spawnGuarded(program, words, { cwd: folder })
    } catch {
      // No memory is left for a process: it is tried again as if it had ended.
      return Promise.resolve(null)
    }
    return exitOf(child)
  }

  /** Brings the server back whenever it ends, sooner the first time than the tenth, until we are told to stop. */
  const keepRunning = async (exit: Promise<number | null>): Promise<void> => {
    for (let pause = SHORTEST_PAUSE, since = clock.monotonic(); ; ) {
      const code = await exit
      if (ending.signal.aborted) return
      if (clock.monotonic() - since > STEADY) pause = SHORTEST_PAUSE
      log.error({ store: kind, code, reason: lastLine(join(folder, 'redis.log')) }, 'private store ended; restarting')
      await clock.sleep(pause, ending.signal)
      if (ending.signal.aborted) return
      pause = Math.min(LONGEST_PAUSE, 2 * pause)
      since = clock.monotonic()
      exit = run()
    }
  }

  return {
    port,
    urlOf,

    async start(first) {
      mkdirSync(folder, { recursive: true, mode: 0o700 })
      rmSync(join(folder, 'redis.log'), { force: true })
      know(first)
      const exit = run()
      const ended = exit.then((code) => {
        throw new Error(`redis-server ended with code ${code}`)
      })
      try {
        await Promise.race([untilListens(port, START_TIME, clock), ended])
        supervisor = connect(urlOf(SUPERVISOR.name), 'supervisor', { clock })
        await Promise.race([untilReady(supervisor, START_TIME, clock), ended])
      } catch (cause) {
        const logFile = join(folder, 'redis.log')
        const reason = lastLine(logFile) || messageOf(cause)
        throw new MizaniError({
          code: 'REDIS_START',
          message: `The private ${kind} store on port ${port} does not start: ${reason}`,
          advice: `Its log is ${logFile}. REDIS_URL and RATES_REDIS_URL name servers of yours instead.`,
          cause,
        })
      }
      watch = keepRunning(exit)
      log.info({ store: kind, port }, 'private store is ready')
    },

    async ensureUsers(users) {
      know(users)
      for (const user of users) {
        await supervisor?.call('ACL', 'SETUSER', ...aclWords(user, secrets.of(user.name))).catch((error: unknown) => {
          // While the server is away the file is enough: it reads it when it is back.
          const fault = storeError(error, `Setting up ${user.name}`)
          if (fault.remedy !== 'retry') throw fault
        })
      }
      // Others may have made users too: the file is to hold them all. While the server is away it holds ours.
      await supervisor?.call('ACL', 'SAVE').catch(() => {})
      return new Map(users.map(({ name }) => [name, urlOf(name)]))
    },

    async stop() {
      ending.abort()
      supervisor?.disconnect()
      if (child !== null) await end(child, clock)
      await watch
    },
  }
}

// ---- processes

async function end(child: ChildProcess, clock: Clock): Promise<void> {
  const kill = (): void => killGroup(child)
  if (child.exitCode === null && child.signalCode === null) {
    child.kill('SIGTERM')
    const late = clock.setTimer(STORE_STOP_TIME, kill)
    await exitOf(child)
    late.cancel()
  }
  kill()
}

/**
 * redis-server on the PATH. Where only redis-tools is installed (no service on anyone's machine) the same program is
 * there under another name, and becomes the server when it is called by the server's.
 */
function findServer(dataDir: string): string {
  const inPath = (name: string): string | undefined =>
    (process.env.PATH ?? '')
      .split(':')
      .map((folder) => join(folder, name))
      .find((file) => existsSync(file))
  const server = inPath('redis-server')
  if (server !== undefined) return server
  const tools = inPath('redis-check-rdb')
  const link = join(dataDir, 'redis-server')
  if (tools !== undefined) {
    rmSync(link, { force: true })
    symlinkSync(tools, link)
    if (spawnSync(link, ['--version'], { stdio: 'ignore' }).status === 0) return link
  }
  throw new MizaniError({
    code: 'REDIS_MISSING',
    message: 'redis-server is not installed.',
    exitCode: 2,
    advice: 'Install it: apt-get install -y redis-tools. Or set REDIS_URL and RATES_REDIS_URL to servers of yours.',
  })
}

function freePort(): Promise<number> {
  return new Promise((found, failed) => {
    const server = createServer()
    server.once('error', failed)
    server.listen(0, '127.0.0.1', () => {
      const address = server.address()
      server.close(() => (typeof address === 'object' && address ? found(address.port) : failed(new Error('no port'))))
    })
  })
}

/** A connection that is refused is tried again in its own time, which is far longer than a server takes to start. */
async function untilListens(port: number, within: Milliseconds, clock: Clock): Promise<void> {
  const listens = (): Promise<boolean> =>
    new Promise((answer) => {
      const socket = dial(port, '127.0.0.1', () => {
        socket.destroy()
        answer(true)
      }).once('error', () => answer(false))
    })
  const end = clock.monotonic() + within
  while (!(await listens()) && clock.monotonic() < end) await clock.sleep(LOOK_AGAIN)
}

function lastLine(file: string): string {
  try {
    return readFileSync(file, 'utf8').trimEnd().split('\n').at(-1) ?? ''
  } catch {
    return ''
  }
}
