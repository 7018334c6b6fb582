// Installs what is missing and nothing else, so that `npm start` and `npm test` are the only commands a fresh machine
// needs. Runs before `npm ci`, hence Node's built-ins only. A second run writes nothing: it compares, it does not guess
// from file times, because a checkout changes those.
//
//   node src/bin/setup.mjs [--test] [--browser]

import { spawnSync } from 'node:child_process'
import { accessSync, constants, existsSync, readFileSync } from 'node:fs'
import { delimiter, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'

/** The project's folder; every script works from here, wherever it was started. */
export const ROOT = fileURLToPath(new URL('../..', import.meta.url))

// Debian's redis-tools carries the server's binary under the name redis-check-rdb, without the system service that the
// package redis-server would start on port 6379.
const FOR_START = [{ anyOf: ['redis-server', 'redis-check-rdb'], package: 'redis-tools' }]
const FOR_TESTS = [
  { anyOf: ['ip'], package: 'iproute2' },
  { anyOf: ['tc'], package: 'iproute2' },
  { anyOf: ['nft'], package: 'nftables' },
  // The independent peer of the codes of authenticators.
  { anyOf: ['oathtool'], package: 'oathtool' },
  // The independent peer of the RADIUS driver; a test starts one of its own, so the service is not left enabled.
  { anyOf: ['freeradius'], package: 'freeradius', service: 'freeradius' },
  // A directory of an institution; likewise.
  { anyOf: ['slapd'], package: 'slapd', service: 'slapd' },
]

/** Before which the console stands. */
const FOR_BROWSER = [{ anyOf: ['chromium'], package: 'chromium' }]

/** What was wrong and what to type; printed without a stack trace, exit code 2. */
export class SetupError extends Error {}

/**
 * Makes the machine ready.
 * @param {{ tests?: boolean, browser?: boolean, devPackages?: boolean }} wanted tools of the tests; a browser; npm
 * packages that only builds and tests need
 */
export function setup({ tests = false, browser = false, devPackages = true } = {}) {
  installPrograms(tests, browser)
  installNpmPackages(devPackages)
}

function installPrograms(tests, browser) {
  const ownRedis = process.env.REDIS_URL && process.env.RATES_REDIS_URL
  const wanted = [
    ...(ownRedis && !tests ? [] : FOR_START),
    ...(tests ? FOR_TESTS : []),
    ...(tests || browser ? FOR_BROWSER : []),
  ]
  const lacking = wanted.filter(({ anyOf }) => !anyOf.some(isOnPath))
  const missing = [...new Set(lacking.map((want) => want.package))]
  if (missing.length === 0) return
  const command = `apt-get install -y --no-install-recommends ${missing.join(' ')}`
  if (!isOnPath('apt-get')) {
    throw new SetupError(
      `These are missing: ${missing.join(', ')} (names of Debian packages). Install them and start again.`,
    )
  }
  if (process.getuid?.() !== 0)
    throw new SetupError(`These are missing: ${missing.join(', ')}. Run:\n  sudo ${command}`)
  const apt = (...args) =>
    run('apt-get', ['-qq', '-o', 'DPkg::Lock::Timeout=120', ...args], {
      ...process.env,
      DEBIAN_FRONTEND: 'noninteractive',
      // Debian's own way to say: install, but start no service.
      RUNLEVEL: '1',
    })
  console.error(`setup: installing ${missing.join(', ')}`)
  apt('update')
  apt('install', '-y', '--no-install-recommends', ...missing)
  const services = lacking.flatMap(({ service }) => service ?? [])
  if (services.length > 0 && isOnPath('systemctl')) run('systemctl', ['--quiet', 'disable', ...services], process.env)
}

function installNpmPackages(devPackages) {
  const lacking = lackingPackages(devPackages)
  if (lacking.length === 0) return
  const folder = join(ROOT, 'node_modules')
  if (!isWritable(existsSync(folder) ? folder : ROOT)) {
    throw new SetupError(
      `npm packages are missing (${lacking.length}, for example ${lacking[0]}) and ${ROOT} is not yours to write. ` +
        'As its owner, run:\n  npm ci',
    )
  }
  console.error(`setup: npm ci (${lacking.length} packages are missing or of another version)`)
  // NODE_ENV=production must not leave out what the build needs.
  run('npm', ['ci', '--include=dev', '--no-audit', '--no-fund', '--loglevel=error'], process.env)
}

/** Packages of the lock file that are not installed in exactly that version. Optional ones depend on the platform. */
function lackingPackages(devPackages) {
  const wanted = JSON.parse(readFileSync(join(ROOT, 'package-lock.json'), 'utf8')).packages
  const hidden = join(ROOT, 'node_modules', '.package-lock.json')
  const installed = existsSync(hidden) ? JSON.parse(readFileSync(hidden, 'utf8')).packages : {}
  return Object.entries(wanted)
    .filter(([path, { optional, dev, devOptional }]) => {
      if (path === '' || optional || (!devPackages && (dev || devOptional))) return false
      return installed[path]?.version !== wanted[path].version
    })
    .map(([path]) => path.replace(/^.*node_modules\//, ''))
}

function run(program, args, env) {
  const status = runToEnd(program, args, env)
  if (status !== 0) throw new SetupError(`\`${program} ${args.join(' ')}\` failed (exit code ${status})`)
}

/** `read` waits on a pipe of ours, which ends when we do, by whatever means. */
const GUARD = `"$0" "$@" 3<&- & work=$!
(read -r _ <&3; kill "$work" 2>/dev/null) & guard=$!
wait "$work"; code=$?
kill "$guard" 2>/dev/null
exit $code`

/** Runs a program and gives its exit code; it does not go on alone where this process is ended meanwhile. */
export function runToEnd(program, args, env = process.env) {
  // Data belongs to stdout, so a child's chatter goes to stderr.
  const stdio = ['ignore', 2, 2, 'pipe']
  return spawnSync('sh', ['-c', GUARD, program, ...args], { cwd: ROOT, env, stdio }).status
}

function isOnPath(name) {
  // An ordinary user's PATH lacks the sbin folders, where tc and nft live.
  const folders = [...(process.env.PATH ?? '').split(delimiter), '/usr/local/sbin', '/usr/sbin', '/sbin']
  return folders.some((folder) => isAllowed(resolve(folder, name), constants.X_OK))
}

const isWritable = (path) => isAllowed(path, constants.W_OK)

function isAllowed(path, mode) {
  try {
    accessSync(path, mode)
    return true
  } catch {
    return false
  }
}

/** Runs one of these scripts to its end; a SetupError is printed as it is. */
export async function script(work) {
  try {
    await work()
  } catch (error) {
    if (!(error instanceof SetupError)) throw error
    console.error(error.message)
    process.exitCode = 2
  }
}

if (resolve(process.argv[1] ?? '') === fileURLToPath(import.meta.url)) {
  const asked = (flag) => process.argv.includes(flag)
  await script(() => setup({ tests: asked('--test'), browser: asked('--browser') }))
}
