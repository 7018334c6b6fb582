// Redis servers as operators run them: several, with TLS, replicas and Sentinels. Each is a process of the test's
// own, on loopback, and ends with it.

import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { connect, type Redis, untilReady } from '../../src/runtime/redis.js'
import { answers, type Ending, freePort } from '../harness/place.js'
import { until } from '../harness/until.js'

export interface Server {
  readonly port: number
  readonly folder: string
  readonly child: ChildProcess
  /** Ends it; a SIGKILL is a crash of the process. */
  end(signal?: NodeJS.Signals): Promise<void>
}

export interface ServerOptions {
  readonly args?: readonly string[]
  /** A file of settings that comes first. */
  readonly conf?: string
  readonly env?: Readonly<Record<string, string>>
  readonly port?: number
  readonly folder: string
  /** Lines of a Sentinel's configuration. */
  readonly sentinel?: (port: number) => string
  /** Speaks TLS and nothing else, and asks every client for a certificate. */
  readonly tls?: { readonly certificate: string; readonly key: string; readonly ca: string }
  /** What the server is waited for at; plain and without an account unless said. */
  readonly address?: (port: number) => string
}

/** Starts a server and waits until it answers. */
export async function startServer(t: Ending, options: ServerOptions): Promise<Server> {
  const {
    folder,
    conf,
    args = [],
    env = {},
    sentinel,
    tls,
    address = (port: number) => `redis://127.0.0.1:${port}`,
  } = options
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  const port = options.port ?? (await freePort())
  const program = serverProgram(folder)
  const common = ['--bind', '127.0.0.1', '--dir', folder, '--logfile', 'redis.log', '--loglevel', 'notice']
  const listen = tls
    ? [
        ...['--port', '0', '--tls-port', String(port), '--tls-auth-clients', 'yes', '--tls-protocols', 'TLSv1.3'],
        ...['--tls-cert-file', tls.certificate, '--tls-key-file', tls.key, '--tls-ca-cert-file', tls.ca],
      ]
    : ['--port', String(port)]
  let line: string[] = [...(conf === undefined ? [] : [conf]), ...listen, ...common, '--save', '', ...args]
  if (sentinel) {
    writeFileSync(join(folder, 'sentinel.conf'), sentinel(port))
    line = [join(folder, 'sentinel.conf'), '--sentinel', '--port', String(port), ...common]
  }
  const child = spawn(program, line, { stdio: 'ignore', env: { PATH: process.env.PATH ?? '', ...env }, cwd: folder })
  const exit = once(child, 'exit')
  const end = async (signal: NodeJS.Signals = 'SIGTERM'): Promise<void> => {
    if (child.exitCode === null && child.signalCode === null) child.kill(signal)
    await exit
  }
  t.teardown(() => end('SIGKILL'))
  // Whoever dials too early and is refused waits for longer than the server takes to start.
  await until(() => answers(port) || child.exitCode !== null, 'it listens')
  if (sentinel) await until(() => reachable(port), 'the Sentinel answers')
  else {
    const probe = connect(address(port), 'supervisor')
    await untilReady(probe, 10_000).finally(() => probe.disconnect())
  }
  return { port, folder, child, end }
}

/** A connection that ends with the test. */
export async function signIn(
  t: Ending,
  address: string,
  role: Parameters<typeof connect>[1] = 'supervisor',
): Promise<Redis> {
  const redis = connect(address, role)
  t.teardown(() => redis.disconnect())
  await untilReady(redis, 10_000)
  return redis
}

export const codeOf = (promise: Promise<unknown>): Promise<unknown> =>
  promise.then(
    () => 'done',
    (error: unknown) => (error as { code?: string }).code ?? String(error),
  )

async function reachable(port: number): Promise<boolean> {
  const redis = connect(`redis://127.0.0.1:${port}`, 'supervisor')
  try {
    await untilReady(redis, 2_000)
    return true
  } catch {
    return false
  } finally {
    redis.disconnect()
  }
}

/** Where only redis-tools is installed, the server is the same program under another name. */
function serverProgram(folder: string): string {
  const inPath = (name: string): string | undefined =>
    (process.env.PATH ?? '')
      .split(':')
      .map((place) => join(place, name))
      .find((file) => existsSync(file))
  const server = inPath('redis-server')
  if (server !== undefined) return server
  const link = join(folder, 'redis-server')
  if (!existsSync(link)) symlinkSync(inPath('redis-check-rdb') ?? 'redis-check-rdb', link)
  return link
}

export const hasProgram = (name: string, ...args: string[]): boolean =>
  spawnSync(name, args, { stdio: 'ignore' }).status === 0
